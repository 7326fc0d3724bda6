import { expect, test } from 'vitest';
import { type Body, world } from './world.ts';

const names = ({ body }: { body: Body }) => body.data.map(({ name }) => name);

test.each(['/versions', '/clusters/postgresversions'])('%s lists the versions on offer', async (path) => {
  const { send } = world();

  const answer = await send('GET', path);

  expect(answer.status).toBe(200);
  expect(names(answer)).toEqual(['14', '15', '16', '17']);
});

test.each([
  ['14', ['15', '16', '17']],
  ['17', []],
  ['12', ['14', '15', '16', '17']],
])('a cluster of version %s can move to %j', async (postgresVersion, newer) => {
  const { sandbox, send } = world();
  const { id } = sandbox.addCluster({ postgresVersion });

  const answer = await send('GET', `/clusters/${id}/versions`);

  expect(answer.status).toBe(200);
  expect(names(answer)).toEqual(newer);
});

test.each(['12', '15', '17'])(
  'the deprecated list of a cluster begins with its present version, %s',
  async (version) => {
    const { sandbox, send } = world();
    const { id } = sandbox.addCluster({ postgresVersion: version });

    const versions = names(await send('GET', `/clusters/${id}/versions`));

    expect(names(await send('GET', `/clusters/${id}/postgresversions`))).toEqual([version, ...versions]);
  },
);

test.each(['versions', 'postgresversions'])('%s of an unknown cluster are refused with 404', async (list) => {
  const { send } = world();

  expect((await send('GET', `/clusters/unknown/${list}`)).status).toBe(404);
});
