import { expect, test } from 'vitest';
import { tokensOf } from '../../scripts/lint-tools.ts';
import { tools as ourTools } from '../../src/tools/index.ts';
import { connect } from '../helpers/connect.ts';
import { computeApi, openapi, quotaApi } from '../helpers/openapi.ts';
import { SANDBOX_CALLS } from '../helpers/sandbox-calls.ts';

/** Whether a request is one of this operation. */
function isOf({ method, path }: { method: string; path: string }, request: { method: string; path: string }): boolean {
  const [pathname] = `/${request.path}`.split('?');
  return request.method === method && new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(pathname ?? '');
}

test('every operation of the OpenAPI document is asked for by a tool', async () => {
  expect(openapi.operations).toHaveLength(25);
  const { call, requests, pass } = await connect();
  const asked = new Map<string, Set<string>>();
  for (const [tool, args] of SANDBOX_CALLS) {
    requests.length = 0;
    const result = await call(tool, args);
    expect(result.isError, `${tool}: ${JSON.stringify(result.content)}`).toBeFalsy();
    pass(10_000);
    for (const request of requests) {
      // Literals come first there: clusters/backups is not the cluster backups.
      const operation = openapi.operations.find((operation) => isOf(operation, request));
      const others = [...computeApi.operations, ...quotaApi.operations];
      if (!operation && others.some((operation) => isOf(operation, request))) continue;
      const name = `${operation?.method} ${operation?.path}`;
      asked.set(name, (asked.get(name) ?? new Set()).add(tool));
    }
  }

  expect([...asked.keys()].sort()).toEqual(openapi.operations.map(({ method, path }) => `${method} ${path}`).sort());
  const writes = [...asked].filter(([operation]) => !operation.startsWith('GET'));
  for (const [operation, tools] of writes) expect([...tools], operation).toHaveLength(1);
});

test('every tool is among the calls here', () => {
  expect([...new Set(SANDBOX_CALLS.map(([tool]) => tool))].sort()).toEqual(ourTools.map(({ name }) => name).sort());
});

test('the list of all tools costs less than 300 tokens for each, without the two that order and change clusters', async () => {
  const { client } = await connect();
  const { tools } = await client.listTools();

  const others = tools.filter(({ name }) => !['create_cluster', 'update_cluster'].includes(name));

  expect(others).toHaveLength(ourTools.length - 2);
  expect(tokensOf(others) / others.length).toBeLessThan(300);
});
