import { describe, expect, test } from 'vitest';
import { openapiV2 } from '../../helpers/openapi.ts';
import { TOKEN } from '../world.ts';
import { FRANKFURT, INVENTORY, JSON_HEADERS, order, properties, v2World } from './world.ts';

interface Operation {
  method: string;
  path: string;
}

const NOBODY = '00000000-0000-4000-8000-000000000000';

const BODIES: Record<string, unknown> = {
  'POST /clusters': order(),
  'PUT /clusters/{clusterId}': {
    id: INVENTORY,
    properties: properties({ version: '17', instances: { count: 2, cores: 4, ram: 8, storageSize: 100 } }),
  },
};

const bodyFor = ({ method, path }: Operation) => BODIES[`${method} ${path}`];
const success = ({ method }: Operation) => ({ POST: 201, DELETE: 202 })[method] ?? 200;

const { operations } = openapiV2;
const withBody = operations.filter(bodyFor);
const withId = operations.filter(({ path }) => path.endsWith('}'));

/** With the ID of the first resource of its kind in Frankfurt. */
async function address({ path }: Operation, { send }: ReturnType<typeof v2World>): Promise<string> {
  const list = path.replace(/\/\{\w+\}$/, '');
  if (list === path) return path;
  return `${list}/${(await send('GET', list)).body.items[0]?.id}`;
}

test('all operations are here', () => {
  expect(operations).toHaveLength(11);
  expect(withBody).toHaveLength(Object.keys(BODIES).length);
});

// Every answer of v2World() is held against the contract. What is left to say is that each status occurs.
describe.each(operations)('$method $path answers as documented', (operation) => {
  const { method } = operation;

  test(`with ${success(operation)}`, async () => {
    const world = v2World();
    const path = await address(operation, world);
    const body = bodyFor(operation);
    if (body)
      await openapiV2.checkRequest(new Request(FRANKFURT + path, { method, headers: JSON_HEADERS }), asText(body));

    expect((await world.send(method, path, body)).status).toBe(success(operation));
  });

  test('with 401', async () => {
    const world = v2World();

    expect((await world.fetch(method, await address(operation, world), { headers: {} })).status).toBe(401);
  });

  test('with 405', async () => {
    const world = v2World();

    expect((await world.send('PATCH', await address(operation, world))).status).toBe(405);
  });

  test.each([400, 403, 429, 500, 503])('with %i, by a fault', async (status) => {
    const world = v2World();
    const path = await address(operation, world);
    world.sandbox.failNext({ kind: status, retryAfter: 1 });

    expect((await world.send(method, path, bodyFor(operation))).status).toBe(status);
  });
});

test.each(withId.filter(({ method }) => method !== 'PUT'))(
  '$method $path answers with 404 where there is none of this ID',
  async ({ method, path }) => {
    expect((await v2World().send(method, path.replace(/\{\w+\}/, NOBODY))).status).toBe(404);
  },
);

test.each(withBody)('$method $path answers with 400, 415 and 422', async (operation) => {
  const world = v2World();
  const path = await address(operation, world);
  const status = async (headers: Record<string, string>, body: string) =>
    (await world.fetch(operation.method, path, { headers, body })).status;

  expect(await status(JSON_HEADERS, '{')).toBe(400);
  expect(await status(TOKEN, '{}')).toBe(415);
  expect(await status(JSON_HEADERS, '{}')).toBe(422);
});

test('the example of an order is taken', async () => {
  const [example] = openapiV2.requestExamples;

  expect(openapiV2.requestExamples).toHaveLength(1);
  expect((await v2World().send('POST', '/clusters', example?.value)).status).toBe(201);
});

describe('what the contract does not know is found out:', () => {
  const put = (changes: object, id = INVENTORY) =>
    openapiV2.checkRequest(
      new Request(`${FRANKFURT}/clusters/${INVENTORY}`, { method: 'PUT', headers: JSON_HEADERS }),
      asText({ id, properties: properties(changes) }),
    );
  const answer = (changes: object) =>
    openapiV2.checkResponse(
      'GET',
      `/clusters/${INVENTORY}`,
      Response.json({
        ...{ id: INVENTORY, type: 'cluster', href: `${FRANKFURT}/clusters/${INVENTORY}`, metadata: {} },
        properties: properties(changes),
      }),
    );
  const moment = '2026-10-31T12:00:00Z';

  test('an older shape in a PUT', async () => {
    await expect(put({ backupLocation: 'eu-central-3' })).rejects.toThrow('unevaluated properties');
  });

  test('a missing field in a PUT', async () => {
    await expect(put({ backup: undefined })).rejects.toThrow("must have required property 'backup'");
  });

  test('credentials without a password in a PUT', async () => {
    await expect(put({ credentials: { username: 'admin_1', database: 'shop' } })).rejects.toThrow(
      "required property 'password'",
    );
  });

  test('a field beside the moment of a restore', async () => {
    await put({ restoreFromBackup: { recoveryTargetDatetime: moment } });
    await expect(put({ restoreFromBackup: { recoveryTargetDatetime: moment, name: 'x' } })).rejects.toThrow('oneOf');
  });

  test('a shown password', async () => {
    await answer({ credentials: { username: 'admin_1', database: 'shop' } });
    const shown = { username: 'admin_1', database: 'shop', password: 'Exampl3-only!x' };
    await expect(answer({ credentials: shown })).rejects.toThrow('is writeOnly');
  });
});

function asText(body: unknown): string {
  return JSON.stringify(body);
}
