import { expect, test } from 'vitest';
import { createSandbox } from '../../src/sandbox/index.ts';
import { quotaApi } from '../helpers/openapi.ts';

const URL_OF_QUOTA = 'https://api.ionos.com/databases/quota';
const headers = { authorization: 'Bearer x' };

async function quotaOf(sandbox: ReturnType<typeof createSandbox>) {
  const response = await sandbox.fetch(new Request(URL_OF_QUOTA, { headers }));
  await quotaApi.checkResponse('GET', URL_OF_QUOTA, response);
  return Object(await response.json());
}

test('the quota counts the clusters of both versions of the API, by instance', async () => {
  const sandbox = createSandbox();
  const before = (await quotaOf(sandbox)).quotaUsage;
  sandbox.addCluster({ instances: 3, cores: 4, ram: 8192, storageSize: 20_480 });
  sandbox.addV2Cluster({ instances: { count: 2, cores: 1, ram: 4, storageSize: 30 } });
  const { quotaLimits, quotaUsage: after } = await quotaOf(sandbox);

  const count = 'count/postgresclusters.dbaas.ionos.com';
  const grown = (key: string) => Number.parseInt(after[key], 10) - Number.parseInt(before[key], 10);
  expect(['cpu', 'memory', 'storage', count].map(grown)).toEqual([14, 32, 120, 2]);
  expect(after.memory).toMatch(/^\d+Gi$/);
  expect(quotaLimits).toMatchObject({ cpu: '200', memory: '800Gi', storage: '20480Gi', [count]: '50' });
});

test('an odd amount of storage is told in MB', async () => {
  const sandbox = createSandbox();
  sandbox.addCluster({ instances: 1, storageSize: 20_481 });

  expect((await quotaOf(sandbox)).quotaUsage.storage).toMatch(/^\d+Mi$/);
});

test('a cluster that is gone takes nothing', async () => {
  let now = Date.now();
  const sandbox = createSandbox({ clock: () => now });
  const { id } = sandbox.addCluster();
  const before = (await quotaOf(sandbox)).quotaUsage;
  const url = `https://api.ionos.com/databases/postgresql/clusters/${id}`;
  await sandbox.fetch(new Request(url, { method: 'DELETE', headers }));
  now += 60_000;

  expect((await quotaOf(sandbox)).quotaUsage).not.toEqual(before);
});

test('without credentials there is none, and it cannot be changed', async () => {
  const { fetch } = createSandbox();

  expect((await fetch(new Request(URL_OF_QUOTA))).status).toBe(401);
  expect((await fetch(new Request(URL_OF_QUOTA, { method: 'POST', headers }))).status).toBe(405);
});
