import { expect, test } from 'vitest';
import { connect } from '../helpers/connect.ts';

const uri = 'ionos-postgresql://versions';

test.each(['2025', '2026'] as const)('a client of %s reads which versions a new cluster can have', async (era) => {
  const { client, requests } = await connect({ era });

  const { contents } = await client.readResource({ uri });

  expect(contents).toEqual([
    { uri, mimeType: 'application/json', text: expect.stringContaining('{"versions":["14","15","16","17"],') },
  ]);
  expect(requests).toMatchObject([{ method: 'GET', path: 'clusters/postgresversions' }]);
});

test('the versions can still be read once the deprecated route is gone', async () => {
  const { client, sandbox } = await connect();
  sandbox.failNext({ kind: 410 });

  const { contents } = await client.readResource({ uri });

  expect(contents).toMatchObject([{ text: expect.stringContaining('{"versions":["14","15","16","17"],') }]);
});
