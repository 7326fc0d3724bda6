import { expect, test } from 'vitest';
import { credentials, order, PASSWORD, type V2Body, v2World } from './world.ts';

/**
 * Requests as IONOS's command line sends them for version 2: ionosctl of July 2026, which ran against the sandbox with a
 * recorder between, once as it is and once with the newer SDK, psql/v3 3.1.0. It adds `depth`, `limit` and `offset` to
 * every request, puts a line feed after each JSON body, and changes what it has read.
 */
const ANY = '?depth=1&limit=50&offset=0';
const READS = { authorization: 'Bearer any', accept: 'application/json' };

function commandLine() {
  const { fetch, pass } = v2World({ settleMs: 5000 });
  async function send(method: string, path: string, body?: unknown) {
    const json = { headers: { ...READS, 'content-type': 'application/json' }, body: `${JSON.stringify(body)}\n` };
    const response = await fetch(method, path + ANY, body === undefined ? { headers: READS } : json);
    const text = await response.text();
    return { status: response.status, body: (text ? JSON.parse(text) : undefined) as V2Body & { href: string } };
  }
  return {
    send,
    /** What it does at the `href` of a reply until the state says AVAILABLE. */
    async wait(href: string) {
      const states: string[] = [];
      for (const ms of [0, 5000]) {
        pass(ms);
        const response = await fetch('GET', `${href}?depth=1`, { headers: { authorization: 'Bearer any' } });
        states.push(Object(await response.json()).metadata.state);
      }
      return states;
    },
  };
}

const { username, database } = credentials;
const CREATE = order({
  credentials: { database, password: PASSWORD, username },
  backup: { location: 'eu-central-4', retentionDays: 7 },
  connectionPooler: 'DISABLED',
  ...{ logsEnabled: false, metricsEnabled: false },
});

test('an order, a change and an upgrade settle while it waits, and a removal is taken', async () => {
  const { send, wait } = commandLine();
  const { status, body } = await send('POST', '/clusters', CREATE);
  expect(status).toBe(201);
  expect(await wait(body.href)).toEqual(['PROVISIONING', 'AVAILABLE']);

  for (const changes of [{ instances: { cores: 4, count: 1, ram: 4, storageSize: 30 } }, { version: '17' }]) {
    const { properties } = (await send('GET', `/clusters/${body.id}`)).body;
    const changed = { ...properties, credentials: { ...properties.credentials, password: PASSWORD }, ...changes };
    expect(await send('PUT', `/clusters/${body.id}`, { id: body.id, properties: changed })).toMatchObject({
      status: 200,
      body: { properties: changes },
    });
    expect(await wait(body.href)).toEqual(['UPDATING', 'AVAILABLE']);
  }

  expect(await send('DELETE', `/clusters/${body.id}`)).toEqual({ status: 202, body: undefined });
});

test('a restore is taken as the newer SDK sends it', async () => {
  const { send, wait } = commandLine();
  const { id, href } = (await send('POST', '/clusters', CREATE)).body;
  await wait(href);
  await wait(href);
  const { properties } = (await send('GET', `/clusters/${id}`)).body;
  const restoreFromBackup = { recoveryTargetDatetime: '2026-11-01T12:00:10Z' };

  const { status } = await send('PUT', `/clusters/${id}`, {
    id,
    properties: { ...properties, credentials: { ...credentials, password: PASSWORD }, restoreFromBackup },
  });

  expect(status).toBe(200);
  expect(await wait(href)).toEqual(['UPDATING', 'AVAILABLE']);
});

test('the shape of the older SDK is refused', async () => {
  const { send } = commandLine();
  const { backup: _, ...properties } = CREATE.properties;

  const { status, body } = await send('POST', '/clusters', {
    properties: { ...properties, backupLocation: 'eu-central-4' },
  });

  expect(status).toBe(422);
  expect(body.messages.map(({ message }) => message)).toEqual([
    'backup is required',
    'backupLocation is not a known field',
  ]);
});
