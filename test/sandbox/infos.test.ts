import { expect, test } from 'vitest';
import { world } from './world.ts';

test('the version of the API comes alone and in a bare list, with an unreachable address', async () => {
  const { send } = world();

  const { status, body } = await send('GET', '/infos/version');

  expect(status).toBe(200);
  expect(body).toEqual({ name: 'v1.0', swaggerUrl: expect.stringMatching(/^appserver:8181\/postgresql\//) });
  expect((await send('GET', '/infos/versions')).body).toEqual([body]);
});
