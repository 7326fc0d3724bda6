import { describe, expect, test } from 'vitest';
import { contractIn } from '../../src/api/credentials.ts';
import { isOfIonos } from '../../src/auth/ionos-token.ts';
import { sandboxCredentials } from '../../src/sandbox/contracts.ts';
import { createSandbox, type SandboxOptions } from '../../src/sandbox/index.ts';
import { computeApi, openapi, openapiV2, quotaApi } from '../helpers/openapi.ts';
import { NOON } from './world.ts';

const ROOT = 'https://api.ionos.com';
const V1 = `${ROOT}/databases/postgresql`;
const V2 = 'http://127.0.0.1:8080';
const ORDERS = 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041';
const WIKI = '1e9b5c37-4d80-4a26-b7f3-6c0d2a8e9514';

const [SHOP, LAB] = sandboxCredentials.map(({ authorization }) => authorization) as [string, string];

/** The documents that describe the APIs; none describes the prices. */
const DOCUMENTS = [computeApi, quotaApi, openapi];

function open(options: SandboxOptions = {}) {
  let now = NOON;
  const sandbox = createSandbox({ clock: () => now, ...options });
  async function send(authorization: string, url: string, init: RequestInit = {}) {
    const headers = { authorization, 'content-type': 'application/json' };
    const response = await sandbox.fetch(new Request(url, { headers, ...init }));
    const method = init.method ?? 'GET';
    const isOwn = url.endsWith('/sandbox/migrate');
    const document = isOwn
      ? undefined
      : url.startsWith(V2)
        ? openapiV2
        : DOCUMENTS.find((each) => each.operationOf(method, url));
    await document?.checkResponse(method, url.startsWith(V2) ? new URL(url).pathname : url, response);
    const text = await response.text();
    return { status: response.status, body: Object(text ? JSON.parse(text) : undefined) };
  }
  const namesAt = async (authorization: string, url: string) =>
    (await send(authorization, url)).body.items.map(({ properties }: { properties: Record<string, string> }) => {
      return properties.displayName ?? properties.name;
    });
  return {
    sandbox,
    send,
    namesAt,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

const bearer = (claims: unknown) => `Bearer e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`;

describe('the credentials', () => {
  test('are tokens in the form of IONOS, each of which names its contract', () => {
    expect(new Set(sandboxCredentials.map(({ contract }) => contract)).size).toBe(2);
    for (const { authorization, contract } of sandboxCredentials) {
      const token = authorization.replace('Bearer ', '');
      expect(contractIn(token)).toBe(contract);
      expect(isOfIonos(token)).toBe(true);
      expect(token).toMatch(/\.fictional$/);
    }
  });

  test.each([
    ['any token', 'Bearer token', '31234567'],
    ['what is no claims', 'Bearer a.b.c', '31234567'],
    ['no claims', bearer(null), '31234567'],
    ['a user and password', `Basic ${btoa(`${LAB}:password`)}`, '31234567'],
    ['an unknown contract', bearer({ identity: { contractNumber: 31812345 } }), '31234567'],
    ['what is no number', bearer({ identity: { contractNumber: [32345678] } }), '31234567'],
    ['the first token', SHOP, '31234567'],
    ['the second token', LAB, '32345678'],
    ['the second token, spelled otherwise', LAB.replace('Bearer', 'bearer '), '32345678'],
    ['the number as a text', bearer({ identity: { contractNumber: '32345678' } }), '32345678'],
  ])('with %s are for the contract that they name, else for the first', async (_, authorization, contract) => {
    const { send } = open();
    const { body } = await send(authorization, `${ROOT}/billing/profile`);
    expect(body.companies[0].contractId).toBe(contract);
  });
});

describe('each contract', () => {
  test('has clusters and places of its own', async () => {
    const { namesAt } = open();
    expect(await namesAt(SHOP, `${V1}/clusters`)).toEqual(['orders', 'analytics-prod', 'legacy-crm']);
    expect(await namesAt(SHOP, `${V2}/clusters`)).toEqual(['inventory', 'telemetry']);
    expect(await namesAt(LAB, `${V1}/clusters`)).toEqual(['wiki', 'experiments']);
    expect(await namesAt(LAB, `${V2}/clusters`)).toEqual(['measurements']);
    expect(await namesAt(LAB, `${ROOT}/cloudapi/v6/datacenters?depth=1`)).toEqual(['campus', 'field', 'annex']);
    expect(await namesAt('Bearer any', `${V1}/clusters`)).toEqual(await namesAt(SHOP, `${V1}/clusters`));
  });

  test('has clusters in LANs of its own, at addresses that nothing else has', async () => {
    const { send } = open();
    for (const authorization of [SHOP, LAB]) {
      const { body } = await send(authorization, `${ROOT}/cloudapi/v6/datacenters?depth=5`);
      const [v1, v2] = [await send(authorization, `${V1}/clusters`), await send(authorization, `${V2}/clusters`)];
      const connections = [
        ...v1.body.items.flatMap(({ properties }: Item) => properties.connections),
        ...v2.body.items.map(({ properties }: Item) => properties.connection),
      ];
      for (const { datacenterId, lanId, cidr, primaryInstanceAddress = cidr } of connections) {
        const datacenter = body.items.find(({ id }: Item) => id === datacenterId);
        const lan = datacenter.entities.lans.items.find(({ id }: Item) => id === lanId);
        const [address, bits] = primaryInstanceAddress.split('/');
        expect(lan.properties.ipv4CidrBlock.endsWith(`/${bits}`)).toBe(true);
        expect(JSON.stringify(lan.entities.nics)).not.toContain(`"${address}"`);
      }
    }
  });

  test('names itself', async () => {
    const { send } = open();
    const of = async (authorization: string) => {
      const [company] = (await send(authorization, `${ROOT}/billing/profile`)).body.companies;
      const { properties } = (await send(authorization, `${ROOT}/cloudapi/v6/contracts?depth=1`)).body.items[0];
      const cluster = (await send(authorization, `${V1}/clusters`)).body.items[0];
      const user = (await send(authorization, `${V1}/clusters/${cluster.id}/users`)).body.items[0];
      return { company, properties, createdBy: cluster.metadata.createdBy, urn: user.metadata.resourceURN };
    };
    expect(await of(LAB)).toMatchObject({
      company: { contractId: '32345678', reference: 'Example Lab (fictional)' },
      properties: { contractNumber: 32345678, owner: 'lab@example.com' },
      createdBy: 'lab@example.com',
      urn: expect.stringContaining('ionos:postgresql:de-fra:32345678:clusters/'),
    });
    expect(await of(SHOP)).toMatchObject({
      company: { contractId: '31234567', reference: 'Example Shop (fictional)' },
      properties: { contractNumber: 31234567, owner: 'sandbox@example.com' },
      createdBy: 'sandbox@example.com',
      urn: expect.stringContaining(':31234567:clusters/'),
    });
  });

  test('has prices and a quota of its own', async () => {
    const { send } = open();
    const priceOf = async (authorization: string, contract: string) => {
      const { status, body } = await send(authorization, `${ROOT}/billing/${contract}/products`);
      const core = body.products?.find(({ meterId }: { meterId: string }) => meterId === 'FP1000');
      return { status, core: core?.unitCost };
    };
    expect(await priceOf(SHOP, '31234567')).toEqual({ status: 200, core: { quantity: '0.05', unit: 'EUR' } });
    expect(await priceOf(LAB, '32345678')).toEqual({ status: 200, core: { quantity: '0.045', unit: 'EUR' } });
    expect(await priceOf(SHOP, '32345678')).toMatchObject({ status: 403 });
    expect(await priceOf(LAB, '31234567')).toMatchObject({ status: 403 });

    const { body } = await send(LAB, `${ROOT}/databases/quota`);
    expect(body).toMatchObject({ quotaLimits: { cpu: '16', memory: '64Gi' }, quotaUsage: { cpu: '12' } });
  });

  test('knows nothing of the clusters of the other', async () => {
    const { send, namesAt } = open();
    expect((await send(LAB, `${V1}/clusters/${ORDERS}`)).status).toBe(404);
    expect((await send(SHOP, `${V1}/clusters/${WIKI}`)).status).toBe(404);
    expect((await send(SHOP, `${V1}/clusters/${WIKI}`, { method: 'DELETE' })).status).toBe(404);
    const change = { method: 'PATCH', body: JSON.stringify({ properties: { displayName: 'renamed' } }) };
    expect((await send(LAB, `${V1}/clusters/${WIKI}`, change)).status).toBe(200);

    expect(await namesAt(LAB, `${V1}/clusters`)).toEqual(['renamed', 'experiments']);
    expect(await namesAt(SHOP, `${V1}/clusters`)).not.toContain('renamed');
  });

  test('moves its own clusters to version 2', async () => {
    const { send, sandbox, namesAt } = open();
    const migrate = (authorization: string) =>
      send(authorization, `${V2}/sandbox/migrate`, { method: 'POST', body: JSON.stringify({ clusterId: WIKI }) });
    expect((await migrate(SHOP)).status).toBe(404);
    expect((await migrate(LAB)).status).toBe(200);
    expect(await namesAt(LAB, `${V2}/clusters`)).toEqual(['measurements', 'wiki']);

    sandbox.migrate(ORDERS);
    expect(await namesAt(SHOP, `${V2}/clusters`)).toContain('orders');
  });

  test('is as old as the sandbox, however late it is asked', async () => {
    const { send, pass } = open();
    pass(3 * 86_400_000);
    const { body } = await send(LAB, `${V1}/clusters/${WIKI}`);
    expect(Date.parse(body.metadata.createdDate)).toBe(NOON - 200 * 86_400_000);
  });
});

test('a planned fault strikes whichever contract is asked first', async () => {
  const { send, sandbox } = open();
  sandbox.failNext({ kind: 503 });
  expect((await send(LAB, `${V1}/clusters`)).status).toBe(503);
  expect((await send(SHOP, `${V1}/clusters`)).status).toBe(200);
});

interface Item {
  id: string;
  properties: Record<string, unknown> & { connections: unknown[] };
}
