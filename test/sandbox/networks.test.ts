import { describe, expect, test } from 'vitest';
import { createSandbox } from '../../src/sandbox/index.ts';
import { computeApi } from '../helpers/openapi.ts';

const BASE = 'https://api.ionos.com/cloudapi/v6';
const SHOP = '6e1f4b0d-93a7-4c28-8d15-70b2f9ce3a46';

async function get(path: string, method = 'GET') {
  const sandbox = createSandbox();
  const url = `${BASE}/${path}`;
  const response = await sandbox.fetch(new Request(url, { method, headers: { authorization: 'Bearer x' } }));
  if (method === 'GET') await computeApi.checkResponse('GET', url, response);
  return { status: response.status, body: Object(await response.json()) };
}

test.each([
  'datacenters',
  'datacenters?depth=1',
  'datacenters?depth=5',
  'datacenters?depth=1&limit=2&offset=1&pretty=false',
  `datacenters/${SHOP}`,
  `datacenters/${SHOP}?depth=3`,
  `datacenters/${SHOP}/lans?depth=3`,
  `datacenters/${SHOP}/lans/2?depth=2`,
  `datacenters/${SHOP}/lans/2/nics?depth=1`,
  'datacenters/d41f7a90-2e6b-4c35-97d8-0b5a1c3e8f27/natgateways?depth=1',
  `datacenters/${SHOP}/networkloadbalancers?depth=1`,
  `datacenters/${SHOP}/applicationloadbalancers?depth=1`,
  'locations?depth=1',
])('%s is answered as documented', async (path) => {
  expect(await get(path)).toMatchObject({ status: 200, body: { type: expect.any(String) } });
});

describe('depth', () => {
  test('0 shows references', async () => {
    const { body } = await get('datacenters');
    expect(Object.keys(body.items[0])).toEqual(['id', 'type', 'href']);
  });

  test('3 shows the NICs of LANs', async () => {
    const { body } = await get(`datacenters/${SHOP}/lans?depth=3`);
    expect(body.items[1].entities.nics.items[0].properties).toMatchObject({ ips: ['192.168.1.11'], lan: 2 });
  });

  test('2 shows them as references', async () => {
    const { body } = await get(`datacenters/${SHOP}/lans?depth=2`);
    expect(body.items[1].entities.nics.items[0]).not.toHaveProperty('properties');
  });
});

test.each([
  [`datacenters/${SHOP}/lans/9`, 404],
  ['datacenters/00000000-0000-4000-8000-000000000000', 404],
  ['datacenters?depth=11', 422],
  ['datacenters?limit=0', 422],
  ['nothing', 404],
])('%s is refused with %i', async (path, status) => {
  expect(await get(path)).toMatchObject({ status, body: { httpStatus: status } });
});

test('a LAN with a cluster is protected', async () => {
  expect(await get(`datacenters/${SHOP}/lans/2`, 'DELETE')).toMatchObject({
    status: 403,
    body: { messages: [{ message: expect.stringContaining('is delete-protected by DBAAS') }] },
  });
});

test('without credentials nothing is shown', async () => {
  const response = await createSandbox().fetch(new Request(`${BASE}/datacenters`));
  expect(response.status).toBe(401);
});
