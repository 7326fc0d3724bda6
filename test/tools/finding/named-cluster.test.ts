import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Sandbox } from '../../../src/sandbox/index.ts';
import { tools } from '../../../src/tools/index.ts';
import { ANALYTICS, ORDERS } from '../../helpers/backups.ts';
import { connect, errorOf, type World } from '../../helpers/connect.ts';
import { changeOutside } from '../../helpers/outside-change.ts';
import { SANDBOX_CALLS } from '../../helpers/sandbox-calls.ts';
import { LOOK_UP } from '../../helpers/some-cluster.ts';

const LEGACY = 'e41a7f08-36d9-4c85-9f2b-d8c05b6a1e97';

type Connected = Awaited<ReturnType<typeof connect>>;

const named = SANDBOX_CALLS.filter(([, args]) => args.clusterId !== undefined);
const readIn = ({ structuredContent }: { structuredContent?: unknown }) => Object(structuredContent);

/** Runs something right after the list that a name is looked up in. */
function afterLookUp(sandbox: Sandbox, act: () => Promise<void>) {
  const whole = sandbox.fetch;
  sandbox.fetch = async (request) => {
    const response = await whole(request);
    if (request.url.endsWith(LOOK_UP)) {
      sandbox.fetch = whole;
      await act();
    }
    return response;
  };
}

describe('every tool with a clusterId', () => {
  test('is among the calls below', () => {
    const wanted = tools.filter(({ input }) => 'clusterId' in input.shape).map(({ name }) => name);

    expect([...new Set(named.map(([tool]) => tool))].sort()).toEqual(wanted.sort());
  });

  test('takes a name, asks for the cluster by its ID, and carries both on', async () => {
    const worlds = [await connect(), await connect()] as const;
    const requestsOf = async ({ call, requests, pass }: Connected, tool: string, args: Record<string, unknown>) => {
      requests.length = 0;
      const result = await call(tool, args);
      expect(result.isError, `${tool}: ${JSON.stringify(result.content)}`).toBeFalsy();
      pass(10_000);
      return { result, paths: requests.map(({ method, path, body }) => [method, path, body]) };
    };
    const [one, other] = worlds;
    for (const [tool, args] of named) {
      const byId = await requestsOf(one, tool, args);
      const byName = await requestsOf(other, tool, { ...args, clusterId: 'ORDERS' });

      expect(byName.paths, tool).toEqual([['GET', LOOK_UP, undefined], ...byId.paths]);
      const shown = JSON.stringify(byName.result.structuredContent);
      expect([shown.includes(ORDERS), shown.includes('orders')], `${tool}: ${shown}`).toEqual([true, true]);
      const { target, audit, clusterName } = one.log.at(-1) ?? {};
      expect(other.log.at(-1), tool).toMatchObject({ tool, target, clusterName: 'orders' });
      expect(clusterName, tool).toBe(audit ? 'orders' : undefined);
    }
    for (const line of [...one.begun, ...other.begun])
      expect(line).toMatchObject({ clusterName: 'orders', audit: true });
  });
});

describe('what has the shape of a UUID', () => {
  test.each([ORDERS, ORDERS.toUpperCase(), ORDERS.replaceAll('-', ''), ` ${ORDERS} `])(
    'is an ID alone: %s',
    async (clusterId) => {
      const { call, sandbox, requests } = await connect();
      sandbox.addCluster({ displayName: clusterId.trim() });
      const whole = sandbox.fetch;
      sandbox.fetch = (request) => whole(new Request(request.url.replace(clusterId.trim(), ORDERS), request));

      const found = readIn(await call('get_cluster', { clusterId }));

      expect(found).toMatchObject({ id: ORDERS, properties: { displayName: 'orders' } });
      expect(requests.map(({ path }) => path)).toEqual([`clusters/${clusterId.trim()}`]);
    },
  );
});

describe('a name', () => {
  /** Spellings of the same name in each line, and of another in each. */
  const GROUPS = [
    ['shop', 'Shop', 'SHOP', ' shop '],
    ['Straße 1', 'STRASSE 1', 'strasse 1'],
    ['mu\u0308ller', 'M\u00DCLLER'],
    ['a\u200Bb', 'A\u200BB'],
    ['ab', 'AB'],
    ['with "quotes" and \\', 'With "QUOTES" and \\'],
    ['ısı', 'ısı'],
    ['isi', 'ISI'],
    ['shop-2', 'SHOP-2'],
    ['../backups', '../BACKUPS'],
    ['backups', 'Backups'],
    ['123', '123'],
  ];
  const spellings = GROUPS.flatMap((group, at) => group.map((name) => ({ name, at })));
  const some = fc.constantFrom(...spellings);

  test('is that of the only cluster that has it, or names all that do', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(some, { maxLength: 8 }), some, fc.boolean(), async (existing, given, isRead) => {
        const { call, sandbox, sent } = await connect();
        const clusters = existing.map(({ name, at }) => ({ at, id: sandbox.addCluster({ displayName: name }).id }));
        const wanted = clusters.filter(({ at }) => at === given.at).map(({ id }) => id);

        const args = { clusterId: given.name, ...(isRead ? {} : { dryRun: true }) };
        const result = await call(isRead ? 'get_cluster' : 'delete_cluster', args);

        if (wanted.length === 1) {
          expect(JSON.stringify(result.structuredContent)).toContain(wanted[0]);
        } else {
          const text = errorOf(result);
          const candidates = wanted.length > 0 ? clusters.filter(({ id }) => text.includes(id)) : [];
          expect(candidates.map(({ id }) => id)).toEqual(wanted.slice(0, 5));
        }
        expect(sent()).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test('can be written as lists and plans show it', async () => {
    const { call, sandbox } = await connect();
    const { id } = sandbox.addCluster({ displayName: 'pay\u202Eroll *new*' });
    const { clusters } = readIn(await call('list_clusters', { name: 'roll' }));
    const { plan } = readIn(await call('delete_cluster', { clusterId: id, dryRun: true }));
    const [, inPlan = ''] = /"(.*?)"/.exec(plan.summary) ?? [];

    expect(inPlan).not.toBe(clusters[0].displayName);
    for (const clusterId of [clusters[0].displayName, inPlan]) {
      expect(readIn(await call('get_cluster', { clusterId })), clusterId).toMatchObject({ id });
    }
    expect(readIn(await call('get_cluster', { clusterId: '"orders"' }))).toMatchObject({ id: ORDERS });
  });

  test('of several clusters is refused with ID, location, state and date of each', async () => {
    const { call, sandbox, sent } = await connect();
    const { id } = sandbox.addCluster({ displayName: 'Orders', location: 'es/vit' });

    const text = errorOf(await call('update_cluster', { clusterId: 'orders', cores: 4 }));

    expect(text).toMatch(/^Nothing was sent.*\nclusterId \("orders"\): fits several clusters, so an ID is needed: /);
    expect(text).toContain(`"orders" (${ORDERS}), de/txl, AVAILABLE, created 20`);
    expect(text).toContain(`"Orders" (${id}), es/vit, AVAILABLE, created 20`);
    expect(sent()).toEqual([]);
  });

  test('of many clusters is refused with five of them', async () => {
    const { call, sandbox } = await connect();
    const ids = Array.from({ length: 7 }, () => sandbox.addCluster({ displayName: 'many' }).id);

    const text = errorOf(await call('get_cluster', { clusterId: 'many' }));

    expect(ids.filter((id) => text.includes(id))).toHaveLength(5);
    expect(text).toMatch(/; and 2 more \(see list_clusters\)$/);
  });

  test('that is an ID as well fits both', async () => {
    const items = [
      { id: 'orders', properties: { displayName: 'shop' } },
      { id: ORDERS, properties: { displayName: 'orders' } },
    ];
    const { call, requests } = await connect({ fetch: async () => Response.json({ items, links: {} }) });

    const text = errorOf(await call('get_cluster', { clusterId: 'orders' }));

    expect(text).toContain('fits several clusters');
    for (const { id } of items) expect(text).toContain(`(${id})`);
    expect(requests).toHaveLength(1);
  });

  test('that no cluster has is asked for as an ID, where it could be one', async () => {
    const reply = { id: 'c-1', properties: { displayName: 'shop' } };
    const { call, requests } = await connect({
      fetch: async ({ url }) => Response.json(url.endsWith(LOOK_UP) ? { items: [reply], links: {} } : reply),
    });

    expect(readIn(await call('get_cluster', { clusterId: 'C-1' }))).toMatchObject({ id: 'c-1' });
    expect(requests.map(({ path }) => path)).toEqual([LOOK_UP, 'clusters/C-1']);
  });

  test.each([
    ['analytics prod', 'Similar: "analytics-prod"'],
    ['no such thing', 'There are 3 clusters, none with a similar name or ID: see list_clusters.'],
    ['backups', 'none with a similar name'],
    ['x'.repeat(129), 'none with a similar name'],
  ])('that can be neither is answered with what exists: %s', async (clusterId, words) => {
    const { call, requests, log } = await connect();

    const text = errorOf(await call('list_users', { clusterId }));

    expect(text).toContain('is not the name of a cluster');
    expect(text).toContain(words);
    expect(requests.map(({ path }) => path)).toEqual([LOOK_UP]);
    expect(log).toMatchObject([{ outcome: 'refused', target: expect.stringContaining(clusterId.slice(0, 100)) }]);
  });

  test.each([
    ['', 'must not be empty'],
    ['  ', 'must not be empty'],
    ['x'.repeat(201), 'must be at most 200 characters long'],
  ])('has a length: %j', async (clusterId, words) => {
    const { call, requests } = await connect();

    expect(errorOf(await call('get_cluster', { clusterId }))).toContain(words);
    expect(requests).toEqual([]);
  });

  test('is shown to nobody but whoever may see it: a list that is refused says nothing', async () => {
    const { call } = await connect({ fetch: async () => Response.json({}, { status: 403 }) });

    expect(errorOf(await call('get_cluster', { clusterId: 'orders' }))).toMatch(/^The API answered 403/);
  });
});

describe('a write by name', () => {
  const remove = { clusterId: 'Legacy-CRM' };

  test('is agreed to for the cluster that has the name, and is looked up again', async () => {
    const { call, sandbox, requests } = await connect({ confirm: 'destructive' });
    const { confirmationToken, plan } = readIn(await call('delete_cluster', remove));
    expect(plan.summary).toContain(`"legacy-crm" (${LEGACY})`);

    const agreed = { confirmationToken, confirmationName: 'legacy-crm' };
    const done = readIn(await call('delete_cluster', { clusterId: LEGACY, ...agreed }));

    expect(done).toMatchObject({ outcome: 'started', cluster: { id: LEGACY } });
    expect(sandbox.cluster(LEGACY).metadata.state).toBe('DESTROYING');
    expect(requests.filter(({ path }) => path === LOOK_UP)).toHaveLength(1);
  });

  test('asks for the name of the cluster, which a person types', async () => {
    const { call, sent } = await connect({ confirm: 'destructive' });
    const { confirmationToken } = readIn(await call('delete_cluster', remove));

    const { outcome, note } = readIn(await call('delete_cluster', { ...remove, confirmationToken }));

    expect({ outcome, note }).toMatchObject({
      outcome: 'needs_confirmation',
      note: expect.stringContaining('confirmationName is missing'),
    });
    expect(sent()).toEqual([]);
  });

  test('does not pass to the cluster that got the name after the plan', async () => {
    const { call, sandbox, sent } = await connect({ confirm: 'destructive' });
    const { confirmationToken } = readIn(await call('delete_cluster', remove));
    await changeOutside(sandbox, LEGACY, { displayName: 'orders-old' });
    await changeOutside(sandbox, ANALYTICS, { displayName: 'legacy-crm' });

    const agreed = { confirmationToken, confirmationName: 'legacy-crm' };
    const { outcome, plan } = readIn(await call('delete_cluster', { ...remove, ...agreed }));

    expect(outcome).toBe('needs_confirmation');
    expect(plan.summary).toContain(ANALYTICS);
    expect(sent()).toEqual([]);
  });

  test('is refused where the cluster is renamed before its plan is made', async () => {
    const { call, sandbox, sent, log, pass } = await connect();
    afterLookUp(sandbox, async () => {
      await changeOutside(sandbox, LEGACY, { displayName: 'other' });
      pass(60_000);
    });

    const text = errorOf(await call('update_cluster', { ...remove, cores: 8 }));

    expect(text).toBe(
      `Nothing was sent. The cluster named "Legacy-CRM" was renamed just now: it is "other" (${LEGACY}). Call again.`,
    );
    expect(sent()).toEqual([]);
    expect(log).toMatchObject([{ outcome: 'refused', target: LEGACY, clusterName: 'legacy-crm' }]);
  });

  test('waits for another write to the same cluster by its ID', async () => {
    const { call, sent } = await connect();
    const rename = (clusterId: string, displayName: string) => call('update_cluster', { clusterId, displayName });

    const results = await Promise.all([rename(LEGACY, 'crm'), rename('legacy-crm', 'crm-2')]);

    expect(results.filter(({ isError }) => !isError)).toHaveLength(1);
    expect(sent()).toHaveLength(1);
  });

  test('a question to a person names the cluster, and the yes is for its ID', async () => {
    const asked: string[] = [];
    const { call, sandbox } = await connect({
      confirm: 'writes',
      async onQuestion({ message }) {
        asked.push(message);
        return { action: 'accept', content: { confirm: true } };
      },
    });

    const { outcome } = readIn(await call('update_cluster', { ...remove, cores: 8 }));

    expect(outcome).toBe('started');
    expect(asked).toEqual([expect.stringContaining(`"legacy-crm" (${LEGACY})`)]);
    expect(sandbox.cluster(LEGACY).properties.cores).toBe(8);
  });
});

describe('where not all regions of API v2 answer', () => {
  const without =
    (sandbox: () => Sandbox, region: string): World['fetch'] =>
    async (request, init) =>
      request.url.includes(`.${region}.`)
        ? Response.json({}, { status: 403 })
        : sandbox().fetch(new Request(request, init));

  async function partial() {
    const world: Connected = await connect({ api: 'auto', fetch: without(() => world.sandbox, 'us-las') });
    return world;
  }

  test('a write is refused, and says which region is missing and that an ID works', async () => {
    const { call, sent } = await partial();

    const text = errorOf(await call('update_cluster', { clusterId: 'orders', cores: 4 }));

    expect(text).toMatch(/^Nothing was sent\. Not all clusters can be seen, so "orders" may be the name of several\. /);
    expect(text).toMatch(/us-las \(refused \(403\)\).* With the cluster's ID the call works meanwhile\.$/);
    expect(sent()).toEqual([]);
    expect((await call('update_cluster', { clusterId: ORDERS, cores: 4 })).isError).toBeFalsy();
  });

  test('a read goes on', async () => {
    const { call } = await partial();

    expect(readIn(await call('get_cluster', { clusterId: 'orders' }))).toMatchObject({ id: ORDERS });
    expect(errorOf(await call('get_cluster', { clusterId: 'not there' }))).toMatch(/does not answer \(us-las\)/);
  });

  test('a name is that of a cluster in any region', async () => {
    const { call, sandbox } = await connect({ api: 'auto' });
    const { id } = sandbox.addV2Cluster({ name: 'Orders' }, { region: 'fr-par' });

    expect(readIn(await call('get_cluster', { clusterId: 'INVENTORY' }))).toMatchObject({ api: 'v2' });
    expect(readIn(await call('update_cluster', { clusterId: 'Inventory', cores: 8 }))).toMatchObject({
      outcome: 'started',
      cluster: { api: 'v2' },
    });
    expect(errorOf(await call('get_cluster', { clusterId: 'orders' }))).toContain(`"Orders" (${id}), fr/par`);
  });
});
