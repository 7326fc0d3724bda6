import { describe, expect, test } from 'vitest';
import { connect } from '../../helpers/connect.ts';

test('list_versions lists what list_postgres_versions lists, by the newer call', async () => {
  const { call, requests } = await connect();

  const { structuredContent } = await call('list_versions');
  const older = await call('list_postgres_versions');

  expect(structuredContent).toMatchObject({ versions: ['14', '15', '16', '17'] });
  expect(older.structuredContent).toEqual(structuredContent);
  expect(requests.map(({ path }) => path)).toEqual(['versions', 'clusters/postgresversions']);
});

describe('get_api_version', () => {
  test.each([
    [{}, { version: 'v1.0' }, 'infos/version'],
    [{ all: false }, { version: 'v1.0' }, 'infos/version'],
    [{ all: true }, { versions: ['v1.0'] }, 'infos/versions'],
    [{ all: 'true' }, { versions: ['v1.0'] }, 'infos/versions'],
  ])('with %j answers %j', async (args, answer, path) => {
    const { call, requests } = await connect();

    expect((await call('get_api_version', args)).structuredContent).toEqual(answer);
    expect(requests.map((request) => request.path)).toEqual([path]);
  });

  test('names every version that the API knows', async () => {
    const { call } = await connect({ fetch: async () => Response.json([{ name: 'v1.0' }, { name: 'v1.1' }]) });

    expect((await call('get_api_version', { all: true })).structuredContent).toEqual({ versions: ['v1.0', 'v1.1'] });
  });

  test.each([false, true])('never shows where the API is described inside IONOS (all: %s)', async (all) => {
    const version = { name: 'v1.0', swaggerUrl: 'http://appserver:8181/v1/swagger.json', host: 'appserver' };
    const { call, client, log } = await connect({ fetch: async () => Response.json(all ? [version] : version) });

    const result = await call('get_api_version', { all });
    const { tools } = await client.listTools();

    expect(result.isError).toBeFalsy();
    expect(JSON.stringify([result, log])).not.toMatch(/appserver|swagger/i);
    expect(JSON.stringify(tools)).not.toMatch(/swagger/i);
  });
});
