import { describe, expect, test } from 'vitest';
import type { Fetch } from '../../src/api/client.ts';
import { createSandbox } from '../../src/sandbox/index.ts';
import { connect, errorOf, type World } from '../helpers/connect.ts';
import { order } from '../helpers/orders.ts';

type Fields = Record<string, unknown>;

const [PLACE = { datacenterId: '', lanId: '' }] = order.connections;
const INVENTORY = '5d7f1c28-9e4a-4b63-a1d0-8c2e6f4b7a15';
const ORDERS = 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041';
const { storageType: _, ...general } = order;
const onV2 = { ...general, api: 'v2', credentials: { ...order.credentials, password: 'planted-Password-1*' } };

/** The sandbox, but for what `change` makes of its answers to requests with such an end. */
function withReplies(end: string, change: (reply: Fields) => Fields): Fetch {
  const sandbox = createSandbox();
  return async (request, init) => {
    const response = await sandbox.fetch(new Request(request, init));
    const isMeant = new URL(request.url).pathname.endsWith(end);
    return isMeant ? Response.json(change(Object(await response.json()))) : response;
  };
}

const withDatacenters = (properties: Fields) =>
  withReplies('/datacenters', ({ items, ...reply }) => ({
    ...reply,
    items: (items as { properties: Fields }[]).map((each) => ({
      ...each,
      properties: { ...each.properties, ...properties },
    })),
  }));

const ordering =
  (change: (text: string) => Fields, worldOf: (text: string) => World = () => ({}), base: Fields = order) =>
  async (text: string) => {
    const { call, sent } = await connect(worldOf(text));
    const result = await call('create_cluster', { ...base, ...change(text) });
    expect(sent()).toEqual([]);
    return errorOf(result);
  };

const changing = (clusterId: string, change: (text: string) => Fields) => async (text: string) => {
  const { call, sent } = await connect({ api: 'auto' });
  const result = await call('update_cluster', { clusterId, ...change(text) });
  expect(sent()).toEqual([]);
  return errorOf(result);
};

const beside = (seesNetworks: boolean) => async (text: string) => {
  const { call, sandbox } = await connect({ seesNetworks });
  sandbox.addCluster({ displayName: text, connections: [{ ...PLACE, cidr: '192.168.1.9/24' }] });
  return errorOf(await call('create_cluster', order));
};

/** Refusals that name a text of the caller or of the API. */
const refusals: Readonly<Record<string, (text: string) => Promise<string>>> = {
  'the location of an order': ordering((location) => ({ location })),
  'the location of an order on v2': ordering(
    (location) => ({ location }),
    () => ({ api: 'auto', seesNetworks: false }),
    onV2,
  ),
  'the LAN of an order': ordering((lanId) => ({ connections: [{ ...PLACE, lanId }] })),
  'the LAN of a change': changing(ORDERS, (lanId) => ({ connections: [{ ...PLACE, lanId }] })),
  'the version of an order': ordering((postgresVersion) => ({ postgresVersion })),
  'the version of a change': changing(ORDERS, (postgresVersion) => ({ postgresVersion })),
  'the backup location of an order on v2': ordering(
    (backupLocation) => ({ backupLocation }),
    () => ({ api: 'auto' }),
    onV2,
  ),
  'the name of an order on v2': ordering(
    (displayName) => ({ displayName }),
    () => ({ api: 'auto' }),
    onV2,
  ),
  'the name of a cluster on v2': changing(INVENTORY, (displayName) => ({ displayName })),
  'the location of a data center': ordering(
    () => ({}),
    (location) => ({ fetch: withDatacenters({ location }) }),
  ),
  'the name of a data center without the LAN': ordering(
    () => ({ connections: [{ ...PLACE, lanId: '77' }] }),
    (name) => ({ fetch: withDatacenters({ name }) }),
  ),
  'the name of a cluster at the address': beside(true),
  'the name of a cluster at the address, where networks are unseen': beside(false),
  'the names and places of other data centers': ordering(
    () => ({ connections: [{ ...PLACE, datacenterId: 'nowhere' }] }),
    (text) => ({ fetch: withDatacenters({ name: text, location: text }) }),
  ),
};

const KINDS = ['x', 'two words ', '"*', 'a\n', 'x\u202e', 'x\u{e0041}'];
/** Of words, with escapes for all of what is shown of a text, also where several are named. */
const MOST = 8_000;

describe.each(Object.entries(refusals))('%s', (_, refusal) => {
  test.each(KINDS)('does not make the refusal grow, as %j', async (kind) => {
    const long = await refusal(kind.repeat(200));
    const longer = await refusal(kind.repeat(20_000));

    expect(longer).toMatch(/^Nothing was sent/);
    expect(longer.length).toBe(long.length);
    expect(longer.length).toBeLessThan(MOST);
  });
});

test('however many versions there are, a refusal names 20', async () => {
  const data = Array.from({ length: 5_000 }, (_, n) => ({ name: `${n}${'x'.repeat(50)}` }));
  const fetch = withReplies('/postgresversions', () => ({ data }));
  const { call } = await connect({ fetch });

  const text = errorOf(await call('create_cluster', order));

  expect(text).toMatch(/and 4980 more/);
  expect(text.length).toBeLessThan(MOST);
});
