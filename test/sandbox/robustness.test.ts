import fc from 'fast-check';
import { expect, test } from 'vitest';
import { connection, order, TOKEN, world } from './world.ts';

const BACKUP = 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041-q7m2x9a-16';
const PASSWORD = 'correct-horse-battery';

const json = fc.jsonValue();
const name = fc.oneof(fc.constantFrom('reporting', 'orders_owner', 'shop', 'blog', 'postgres'), fc.string());
const time = fc.oneof(
  fc
    .date({ min: new Date('2026-09-25'), max: new Date('2026-11-02'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  fc.string(),
);

/** Some fields of an order, some of them with anything in place of what belongs there. */
const properties = fc
  .record(
    Object.fromEntries(
      Object.entries({
        ...order().properties,
        storageSize: 40_960,
        connections: [connection({ cidr: '10.0.0.7/24' })],
        maintenanceWindow: { time: '03:30:00', dayOfTheWeek: 'Sunday' },
        connectionPooler: { enabled: true },
        fromBackup: { backupId: BACKUP },
      }).map(([name, value]) => [name, fc.oneof({ weight: 12, arbitrary: fc.constant<unknown>(value) }, json)]),
    ),
    { requiredKeys: [] },
  )
  .map((properties) => ({ properties }));

const change = fc.record(
  { cores: fc.nat(8), instances: fc.nat(6), storageSize: fc.nat(1_000_000) },
  { requiredKeys: [] },
);

/** Bodies for the paths below a cluster. */
const inside = fc.oneof(
  name.map((username) => ({ properties: { username, password: PASSWORD } })),
  fc.record({ name, owner: name }).map((properties) => ({ properties })),
  fc.constant({ properties: { password: PASSWORD } }),
  time.map((recoveryTargetTime) => ({ backupId: BACKUP, recoveryTargetTime })),
  fc.constant({ backupId: BACKUP }),
);

const body = fc.oneof(
  fc.constant(order()),
  { weight: 3, arbitrary: inside },
  change.map((properties) => ({ properties })),
  properties,
  json,
);

const id = fc.oneof(
  { weight: 5, arbitrary: fc.nat(4).map((index) => ({ index })) },
  fc.string({ minLength: 1 }).map((text) => ({ text: encodeURIComponent(text) })),
);

const request = fc.record({
  method: fc.constantFrom('GET', 'GET', 'POST', 'POST', 'PATCH', 'PATCH', 'DELETE', 'PUT', 'OPTIONS'),
  path: fc.constantFrom(
    '/clusters',
    '/clusters/ID',
    '/clusters/ID',
    '/clusters/ID/versions',
    '/clusters/postgresversions',
    '/ID',
    '/clusters/backups',
    '/clusters/backups/ID',
    '/clusters/ID/backups',
    '/clusters/ID/restore',
    '/clusters/ID/users',
    '/clusters/ID/users/NAME',
    '/clusters/ID/databases',
    '/clusters/ID/databases/NAME',
    '/clusters/ID/logs',
    '/infos/versions',
  ),
  id,
  name: name.map(encodeURIComponent),
  query: fc.oneof(
    { weight: 3, arbitrary: fc.constant({}) },
    fc.dictionary(
      fc.constantFrom('limit', 'offset', 'filter.name', 'depth', 'system', 'start', 'end', 'direction'),
      fc.oneof(fc.string(), fc.nat(5).map(String), time, fc.constantFrom('true', 'FORWARD')),
    ),
  ),
  authorization: fc.oneof(
    { weight: 9, arbitrary: fc.constant('Bearer token') },
    fc.constantFrom('', 'Bearer', 'Basic !'),
  ),
  type: fc.oneof({ weight: 9, arbitrary: fc.constant('application/json') }, fc.constant('text/plain')),
  text: fc.oneof({ weight: 9, arbitrary: body.map((value) => JSON.stringify(value)) }, fc.string()),
  pause: fc.constantFrom(0, 0, 400, 1000),
});

test('whatever is asked, in whatever order, the answer is documented and never a 500', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 12 }), async (requests) => {
      const { fetch, send, pass } = world({ settleMs: 1000 });
      for (const { method, path, id, name, query, authorization, type, text, pause } of requests) {
        const { items } = (await send('GET', '/clusters')).body;
        const clusterId = 'text' in id ? id.text : (items[id.index]?.id ?? 'none');
        const headers = { ...TOKEN, authorization, 'content-type': type };
        const url = `${path.replace('ID', () => clusterId).replace('NAME', () => name)}?${new URLSearchParams(query)}`;

        const response = await fetch(method, url, { headers, body: method === 'GET' ? undefined : text });

        expect(response.status).toBeLessThan(500);
        pass(pause);
      }
    }),
    { numRuns: 150 },
  );
});
