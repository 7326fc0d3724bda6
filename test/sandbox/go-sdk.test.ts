import { describe, expect, test } from 'vitest';
import { ANSWERS, decodeAsGoSdk, ENUMS, MODELS, undecodable } from '../helpers/go-sdk.ts';
import { openapi } from '../helpers/openapi.ts';
import { address, bodyFor, EXAMPLE, PASSWORD, success } from './operations.ts';
import { world } from './world.ts';

const nameOf = ({ method, path }: { method: string; path: string }) => `${method} ${path}`;

/** The three examples, each with its backup, a user and a database of its own. */
const EXAMPLES = {
  orders: { clusterId: EXAMPLE, backupId: `${EXAMPLE}-q7m2x9a-16`, username: 'reporting', databasename: 'shop' },
  'analytics-prod': {
    clusterId: '7c9e2d54-8b1f-4a63-b0d7-5e3f19a8c462',
    backupId: '7c9e2d54-8b1f-4a63-b0d7-5e3f19a8c462-d4k8w1z-15',
    username: 'dashboards',
    databasename: 'events',
  },
  'legacy-crm': {
    clusterId: 'e41a7f08-36d9-4c85-9f2b-d8c05b6a1e97',
    backupId: 'e41a7f08-36d9-4c85-9f2b-d8c05b6a1e97-t6v3n5c-14',
    username: 'helpdesk',
    databasename: 'tickets',
  },
};

type World = ReturnType<typeof world>;
type Values = (typeof EXAMPLES)['orders'];

const MINUTE = 60_000;

/** What can have happened to a cluster before a request comes. */
const STATES: Record<string, (made: World, values: Values) => Promise<unknown>> = {
  'that nobody touched': async () => undefined,
  'while it is changed': ({ send }, { clusterId }) =>
    send('PATCH', `/clusters/${clusterId}`, { properties: { connections: [], cores: 3 } }),
  'after an upgrade': async ({ send, pass }, { clusterId }) => {
    await send('PATCH', `/clusters/${clusterId}`, { properties: { postgresVersion: '17' } });
    pass(MINUTE);
  },
  'while it is restored': ({ send }, { clusterId, backupId }) =>
    send('POST', `/clusters/${clusterId}/restore`, { backupId, recoveryTargetTime: '2026-10-31T05:06:07.5+01:00' }),
  'with a new password': ({ send }, { clusterId, username }) =>
    send('PATCH', `/clusters/${clusterId}/users/${username}`, { properties: { password: PASSWORD } }),
  'beside one that was ordered': ({ send }) =>
    send('POST', '/clusters', bodyFor({ method: 'POST', path: '/clusters' })),
  'while it is removed': ({ send }, { clusterId }) => send('DELETE', `/clusters/${clusterId}`),
  'once it is gone': async ({ send, pass }, { clusterId }) => {
    await send('DELETE', `/clusters/${clusterId}`);
    pass(MINUTE);
  },
};

test('each operation has an answer in the table', () => {
  expect(Object.keys(ANSWERS).toSorted()).toEqual(openapi.operations.map(nameOf).toSorted());
});

// Every answer of world() is decoded; here each operation meets each cluster in each state.
describe.each(Object.entries(EXAMPLES))('every answer about %s', (_, values) => {
  test.each(Object.entries(STATES))('%s is what the Go SDK decodes', async (_, happen) => {
    for (const operation of openapi.operations) {
      const made = world();
      await happen(made, values);

      const { status } = await made.send(operation.method, address(operation, values), bodyFor(operation));

      expect([success(operation), 404, 422], nameOf(operation)).toContain(status);
    }
  });
});

/** A place in an answer, what the table says is there, and the answer with something else in that place. */
interface Bent {
  at: string;
  kind: string;
  put(odd: unknown): unknown;
}

function* bent(value: unknown, kind: string, at = 'body', put = (odd: unknown) => odd): Generator<Bent> {
  if (value === undefined) return;
  yield { at, kind, put };
  const name = kind.replace(/!$/, '');
  if (Array.isArray(value)) {
    yield* bent(value[0], `${name.slice(2)}!`, `${at}[0]`, (odd) => put([odd, ...value.slice(1)]));
  }
  for (const [field, of] of Object.entries(MODELS[name]?.fields ?? {})) {
    yield* bent(Reflect.get(Object(value), field), of, `${at}.${field}`, (odd) =>
      put({ ...Object(value), [field]: odd }),
    );
  }
}

const NOT_OF: Record<string, unknown[]> = {
  string: [7, {}],
  bool: ['true', 1],
  int32: ['4096', 1.5, 2 ** 31],
  time: ['', '2026-03-02', '2026-03-04T05:06:07+01:00', '2026-13-04T05:06:07Z', 1_772_600_767],
};

/** What the SDK does not decode in such a place. */
function oddValues(kind: string): unknown[] {
  const name = kind.replace(/!$/, '');
  const odd = ENUMS[name] ? ['', 'new', 7] : (NOT_OF[name] ?? ['text']);
  return kind.endsWith('!') ? [...odd, null, undefined] : odd;
}

describe('a value that the Go SDK does not decode is found out', () => {
  const answered = openapi.operations.filter((operation) => ANSWERS[nameOf(operation)] !== undefined);
  const met = new Set<string>();

  test.each(answered)('anywhere in the answer to $method $path', async (operation) => {
    const name = nameOf(operation);
    const kind = `${ANSWERS[name]}!`;
    const { send } = world();
    const { body } = await send<unknown>(operation.method, address(operation), bodyFor(operation));

    for (const { at, kind: there, put } of bent(body, kind)) {
      met.add(there.replace(/!$/, ''));
      for (const odd of oddValues(there)) {
        expect(undecodable(put(odd), kind), `${at}: ${odd}`).not.toEqual([]);
      }
      if (!there.endsWith('!')) expect(undecodable(put(null), kind), at).toEqual([]);
    }
  });

  test('each enum was met in some answer', () => {
    expect([...met]).toEqual(expect.arrayContaining(Object.keys(ENUMS)));
  });

  test.each([
    [200, { connectionPooler: { enabled: false, poolMode: '' } }, 'poolMode "" is not a valid PoolMode'],
    [200, { storageType: 'NVMe' }, 'storageType "NVMe" is not a valid StorageType'],
  ])('by the check that every answer of the sandbox passes', async (status, properties, reason) => {
    const cluster = { id: 'x', properties: { displayName: 'x', ...properties } };
    const answer = Response.json(cluster, { status });

    await expect(decodeAsGoSdk('GET /clusters/{clusterId}', answer)).rejects.toThrow(reason);
  });

  test('in an error, and in a body of another type', async () => {
    const numbers = Response.json({ messages: [{ errorCode: 422 }] }, { status: 422 });
    const page = new Response('<html>', { status: 502, headers: { 'content-type': 'text/html' } });

    await expect(decodeAsGoSdk('GET /clusters', numbers)).rejects.toThrow('errorCode 422 is not a valid string');
    await expect(decodeAsGoSdk('GET /clusters', page)).rejects.toThrow('Content-Type: text/html');
  });
});
