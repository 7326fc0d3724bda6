import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { serveSandbox } from '../../../src/sandbox/serve.ts';
import { TOKEN } from '../world.ts';
import { FRANKFURT, INVENTORY, v2World } from './world.ts';

const ORDERS = 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041';

function world() {
  const { sandbox, pass, fetch } = v2World();
  return {
    sandbox,
    pass,
    async get(url: string, init?: RequestInit) {
      const response = await fetch('GET', url, init);
      return { status: response.status, body: JSON.parse(await response.text()) };
    },
  };
}

const names = ({ body }: { body: { items: { properties: { name: string } }[] } }) =>
  body.items.map(({ properties }) => properties.name);

test.each(['/clusters', '/backups', '/backup-locations', '/versions'])(
  '%s and each of its items answer',
  async (path) => {
    const { get } = world();
    const { status, body } = await get(FRANKFURT + path);

    expect(status).toBe(200);
    expect(body.items.length).toBeGreaterThan(0);
    for (const { id } of body.items) expect(await get(`${FRANKFURT}${path}/${id}`)).toMatchObject({ body: { id } });
    expect((await get(`${FRANKFURT}${path}/unknown`)).status).toBe(404);
    expect((await get(`${FRANKFURT}${path}?limit=0`)).status).toBe(400);
    expect((await get(FRANKFURT + path, {})).status).toBe(401);
  },
);

test('a region has its own clusters, and an address without region all of them', async () => {
  const { get } = world();

  expect(names(await get(`${FRANKFURT}/clusters`))).toEqual(['inventory']);
  expect(names(await get('http://127.0.0.1:8080/clusters'))).toEqual(['inventory', 'telemetry']);
  expect((await get(`https://postgresql.us-las.ionos.com/clusters/${INVENTORY}`)).status).toBe(404);
  expect(names(await get('http://localhost/clusters?filter.name=TELE&filter.state=AVAILABLE'))).toEqual(['telemetry']);
});

test('below the name of a region are its clusters alone, for hosts that name none', async () => {
  const { sandbox } = v2World();
  const get = async (url: string) => Object(await (await sandbox.fetch(new Request(url, { headers: TOKEN }))).json());
  const root = 'http://127.0.0.1:8080/de-fra';

  const page = await get(`${root}/clusters?limit=1`);
  expect(names({ body: page })).toEqual(['inventory']);
  expect(page).toMatchObject({ href: `${root}/clusters?limit=1`, items: [{ href: `${root}/clusters/${INVENTORY}` }] });
  expect(page._links.next).toMatch(`${root}/clusters?`);
  expect(await get(`http://127.0.0.1:8080/us-las/clusters/${INVENTORY}`)).toMatchObject({ httpStatus: 404 });
  expect(await get(`${root}/clusters/${INVENTORY}`)).toMatchObject({ id: INVENTORY });
  expect(await get('http://127.0.0.1:8080/mars/clusters')).toMatchObject({ httpStatus: 404 });
});

test('the link to a next page stays beyond the last one', async () => {
  const { get } = world();
  const { body } = await get('http://localhost/clusters?limit=1&offset=7');

  expect(body).toMatchObject({ items: [], offset: 7, limit: 1, _links: { next: expect.stringContaining('offset=8') } });
});

test('a cluster is PROVISIONING until it has settled, and has its host name then', async () => {
  const { sandbox, get, pass } = world();
  const { id } = sandbox.addV2Cluster({}, { settlesIn: 1_000 });
  const { body } = await get(`http://localhost/clusters/${id}`);
  expect(body.metadata).toMatchObject({ state: 'PROVISIONING' });
  expect(body.metadata).not.toHaveProperty('dnsName');

  pass(1_000);

  expect((await get(`http://localhost/clusters/${id}`)).body.metadata).toMatchObject({
    state: 'AVAILABLE',
    dnsName: expect.stringContaining('.postgresql.de-txl.ionos.com'),
  });
});

describe('a cluster that moves', () => {
  test('keeps its ID and its host name, and is gone from version 1', async () => {
    const { sandbox, get } = world();
    const { dnsName } = sandbox.cluster(ORDERS).properties;
    sandbox.migrate(ORDERS);

    const { body } = await get(`https://postgresql.de-txl.ionos.com/clusters/${ORDERS}`);
    expect(body).toMatchObject({
      metadata: { state: 'AVAILABLE', dnsName },
      properties: { name: 'orders', instances: { count: 1, cores: 2, ram: 4, storageSize: 20 } },
    });
    expect(() => sandbox.cluster(ORDERS)).toThrow();
  });

  test('is moved by a request to the command sandbox', async () => {
    const { url, close } = await serveSandbox({ port: 0 });
    const { origin } = new URL(url);
    const migrate = (body: object) =>
      fetch(`${origin}/sandbox/migrate`, { method: 'POST', headers: TOKEN, body: JSON.stringify(body) });
    try {
      expect((await migrate({ clusterId: ORDERS })).status).toBe(200);
      expect((await migrate({ clusterId: ORDERS })).status).toBe(404);
      expect((await migrate({})).status).toBe(400);
      expect((await fetch(`${url}/clusters/${ORDERS}`, { headers: TOKEN })).status).toBe(404);
      expect((await fetch(`${origin}/clusters/${ORDERS}`, { headers: TOKEN })).status).toBe(200);
    } finally {
      await close();
    }
  });

  test('is not moved by a request from another machine, however that spells the path', async () => {
    const { sandbox } = world();
    const init = { method: 'POST', headers: TOKEN, body: JSON.stringify({ clusterId: ORDERS }) };
    const spelled = (mask: readonly boolean[]) =>
      [...'sandbox/migrate'].map((letter, n) => (mask[n] && letter !== '/' ? escaped(letter) : letter)).join('');
    const escaped = (letter: string) => `%${letter.charCodeAt(0).toString(16)}`;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 15 }), async (mask) => {
        const request = new Request(`http://localhost/${spelled(mask)}`, init);
        expect((await sandbox.fetchRemotely(request)).status).toBe(403);
      }),
    );
    expect((await sandbox.fetch(new Request('http://localhost/sandbox/%6digrate', init))).status).toBe(200);
  });

  test.each([
    ['192.0.2.7', 403],
    ['::ffff:192.0.2.7', 403],
    ['fd00::127.0.0.1', 403],
    ['::ffff:127.0.0.1', 200],
    ['::1', 200],
  ])('asked for from %s is answered with %d', async (remoteAddress, status) => {
    const { url, close } = await serveSandbox({ port: 0 });
    const { origin } = new URL(url);
    const pretend = (message: unknown) =>
      void Object.defineProperty((message as { socket: Socket }).socket, 'remoteAddress', { value: remoteAddress });
    subscribe('http.server.request.start', pretend);
    try {
      const init = { method: 'POST', headers: TOKEN, body: JSON.stringify({ clusterId: ORDERS }) };
      expect((await fetch(`${origin}/sandbox/%6digrate`, init)).status).toBe(status);
    } finally {
      unsubscribe('http.server.request.start', pretend);
      await close();
    }
  });
});
