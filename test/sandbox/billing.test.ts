import { describe, expect, test } from 'vitest';
import { createApiClient } from '../../src/api/client.ts';
import { createPrices } from '../../src/prices/index.ts';
import { createSandbox } from '../../src/sandbox/index.ts';
import { serveSandbox } from '../../src/sandbox/serve.ts';
import { computeApi } from '../helpers/openapi.ts';
import { call } from '../prices/world.ts';

const ROOT = 'https://api.ionos.com';
const CONTRACT = '31234567';
const headers = { authorization: 'Bearer x' };

async function get(path: string, method = 'GET') {
  const response = await createSandbox().fetch(new Request(ROOT + path, { method, headers }));
  return { status: response.status, body: Object(await response.json()) };
}

test('the profile and the Compute API name the same contract', async () => {
  const { body } = await get('/billing/profile');
  const url = `${ROOT}/cloudapi/v6/contracts?depth=1`;
  const contracts = await createSandbox().fetch(new Request(url, { headers }));
  await computeApi.checkResponse('GET', url, contracts);

  expect(body).toEqual({ companies: [expect.objectContaining({ contractId: CONTRACT })] });
  expect(await contracts.json()).toMatchObject({ items: [{ properties: { contractNumber: Number(CONTRACT) } }] });
});

describe('the price list', () => {
  const list = () => get(`/billing/${CONTRACT}/products?date=2026-11-27`);

  test('says that it is fictional', async () => {
    const { body } = await list();
    expect(body.liability).toMatch(/made these prices up/);
    expect(body.metadata).toMatchObject({ contractId: CONTRACT, reference: expect.stringContaining('fictional') });
  });

  test('has the form that is documented', async () => {
    const { body } = await list();
    for (const product of body.products) {
      expect(product).toEqual({
        meterId: expect.any(String),
        meterDesc: expect.any(String),
        deprecated: expect.any(Boolean),
        unit: expect.stringMatching(/^(1G\*)?(1hour|30Days)$/),
        type: product.term ? 'commitment-based' : 'consumption-based',
        term: product.term ? expect.any(Number) : null,
        unitCost: product.unitCost && { quantity: expect.stringMatching(/^\d+(\.\d+)?$/), unit: 'EUR' },
      });
    }
  });

  test('has what a reader must not take for a price', async () => {
    const { products } = (await list()).body;
    const some = (part: object) => expect(products).toContainEqual(expect.objectContaining(part));
    some({ deprecated: true, meterDesc: expect.stringContaining('PostgreSQL') });
    some({ type: 'commitment-based', meterDesc: expect.stringContaining('PostgreSQL') });
    some({ meterDesc: expect.stringContaining('MongoDB') });
    some({ unitCost: null });
  });

  test.each([
    [`/billing/1/products`, 403],
    [`/billing/${CONTRACT}/products?date=2026-02-30`, 400],
    [`/billing/${CONTRACT}/products?date=today`, 400],
  ])('%s is refused with %i, in a form of its own', async (path, status) => {
    expect(await get(path)).toEqual({ status, body: { message: expect.any(String) } });
  });

  test.each([
    ['/billing', 404],
    ['/billing/', 404],
    [`/billing/${CONTRACT}`, 404],
    [`/billing/${CONTRACT}/invoices`, 404],
  ])('%s is not there', async (path, status) => {
    expect(await get(path)).toMatchObject({ status });
  });

  test('can only be read, and with credentials', async () => {
    expect(await get('/billing/profile', 'POST')).toMatchObject({ status: 405 });
    expect((await createSandbox().fetch(new Request(`${ROOT}/billing/profile`))).status).toBe(401);
  });
});

describe('this server tells from it', () => {
  async function monthly(size: object) {
    const { fetch } = createSandbox();
    const api = createApiClient({
      apiUrl: `${ROOT}/databases/postgresql`,
      authorization: 'Bearer x',
      userAgent: 'test',
      fetch: (request, init) => fetch(new Request(request, init)),
    });
    const whole = { instances: 1, cores: 1, ram: 1024, storageSize: 10_240, ...size };
    return JSON.parse(
      JSON.stringify(
        (
          await createPrices({ apiFor: (scope) => api.forCall(scope) })
            .forCall(call(), { credentialsKey: '' })
            .estimator()
        )(whole),
      ),
    );
  }

  // 36 for the core and 5.76 for the memory; in the United States a quarter more.
  test.each([
    ['de/txl', { storageType: 'HDD' }, '42.36'],
    ['de/txl', { storageType: 'SSD Standard' }, '42.66'],
    ['gb/lhr', { storageType: 'SSD Premium' }, '43.56'],
    ['gb/lhr', { storageType: 'SSD' }, '43.56'],
    ['de/fra', { api: 'v2' }, '43.26'],
    ['us/las', { storageType: 'HDD' }, '52.95'],
    ['us/las', { api: 'v2' }, '54.075'],
  ])('what a cluster in %s with %j costs', async (location, storage, per30Days) => {
    expect(await monthly({ location, ...storage })).toMatchObject({ complete: true, per30Days, currency: 'EUR' });
  });
});

test('the command sandbox serves it beside the databases', async () => {
  const { url, close } = await serveSandbox({ port: 0 });
  try {
    const response = await fetch(`${new URL(url).origin}/billing/${CONTRACT}/products`, { headers });
    expect(response.status).toBe(200);
  } finally {
    await close();
  }
});
