import { expect, onTestFinished, test } from 'vitest';
import { type ServeOptions, serveSandbox } from '../../src/sandbox/serve.ts';
import { openapi } from '../helpers/openapi.ts';
import { type Body, order, TOKEN } from './world.ts';

async function serve(options: Partial<ServeOptions> = {}) {
  const server = await serveSandbox({ port: 0, ...options });
  onTestFinished(() => server.close());
  return server;
}

test('the sandbox answers over a real socket', async () => {
  const { url } = await serve();
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/databases\/postgresql$/);

  const list = await fetch(`${url}/clusters?limit=2`, { headers: TOKEN });
  await openapi.checkResponse('GET', list.url, list);
  const { links } = (await list.json()) as Body;
  const rest = await fetch(links.next, { headers: TOKEN });

  expect(links.next).toBe(`${url}/clusters?limit=2&offset=2`);
  expect(((await rest.json()) as Body).items).toHaveLength(1);
});

test.each([
  ['drop', 3],
  ['lost', 4],
] as const)('%s breaks the connection, after which there are %i clusters', async (kind, count) => {
  let chance = 0;
  const { url } = await serve({ faults: [{ kind }], random: () => chance });
  const headers = { ...TOKEN, 'content-type': 'application/json' };

  const answer = fetch(`${url}/clusters`, { method: 'POST', headers, body: JSON.stringify(order()) });

  await expect(answer).rejects.toThrow('fetch failed');
  chance = 1;
  const list = await fetch(`${url}/clusters`, { headers });
  expect(((await list.json()) as Body).items).toHaveLength(count);
});

test('closing ends a request that hangs', async () => {
  let arrive = () => {};
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const random = () => {
    arrive();
    return 0;
  };
  const { url, close } = await serveSandbox({ port: 0, faults: [{ kind: 'hang' }], random });

  const outcome = expect(fetch(url)).rejects.toThrow('fetch failed');
  await arrived;
  await close();

  await outcome;
});

test('a port in use is named', async () => {
  const { url } = await serve();
  const port = Number(new URL(url).port);

  await expect(serveSandbox({ port })).rejects.toThrow(
    `The sandbox cannot listen on 127.0.0.1, port ${port}: the port is already in use.`,
  );
});
