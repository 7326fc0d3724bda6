import { expect, test } from 'vitest';
import type { Fetch } from '../../src/api/client.ts';
import { ORDERS } from '../helpers/backups.ts';
import { type Completion, complete } from '../helpers/completion.ts';
import { connect } from '../helpers/connect.ts';
import { hurried } from '../helpers/fake-clock.ts';
import { SKILL_URIS } from '../helpers/skills.ts';

type World = Awaited<ReturnType<typeof connect>>;

const CLUSTERS = 'ionos-postgresql://clusters';
const ofCluster = { type: 'ref/resource' as const, uri: `${CLUSTERS}/{clusterId}` };
const ofUser = { type: 'ref/resource' as const, uri: `${CLUSTERS}/{clusterId}/users/{username}` };
const ofDatabase = { type: 'ref/resource' as const, uri: `${CLUSTERS}/{clusterId}/databases/{name}` };
const ofPrompt = { type: 'ref/prompt' as const, name: 'onboard_application' };

const completing =
  (...completion: Completion) =>
  async (world: World) =>
    (await complete(world, completion)).values;

const LISTS: readonly [what: string, ask: (world: World) => Promise<unknown>, known: unknown][] = [
  [
    'resources/list',
    async ({ client }) => (await client.listResources()).resources.map(({ uri }) => uri),
    ['ionos-postgresql://versions', 'ionos-postgresql://datacenters', ...SKILL_URIS],
  ],
  ['a completion of clusters', completing(ofCluster, 'clusterId', {}), []],
  ['a completion of users', completing(ofUser, 'username', { clusterId: ORDERS }), []],
  ['a completion of databases', completing(ofDatabase, 'name', { clusterId: ORDERS }), []],
  ['a completion of a cluster in a prompt', completing(ofPrompt, 'cluster', {}), []],
  ['a completion in a prompt, by the name of a cluster', completing(ofPrompt, 'username', { cluster: 'orders' }), []],
];

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const SLOW: readonly [how: string, fetch: Fetch][] = [
  [
    'never answers',
    (_, { signal }) => new Promise((_, no) => signal.addEventListener('abort', () => no(signal.reason))),
  ],
  ['answers late with 503', async () => wait(3_000).then(() => new Response(null, { status: 503 }))],
  ['asks for a pause', async () => new Response(null, { status: 429, headers: { 'retry-after': '20' } })],
];

test.each(LISTS.flatMap(([what, ask, known]) => SLOW.map(([how, fetch]) => [what, how, ask, known, fetch] as const)))(
  '%s comes within 4 s with what is known without IONOS where that %s',
  async (_, __, ask, known, fetch) => {
    const world = await connect({ fetch });
    await world.client.listTools();

    expect(await hurried(() => ask(world))).toEqual(known);

    expect(world.log).toMatchObject([{ outcome: 'failed' }]);
    expect(world.log[0]?.ms).toBeLessThan(4_000);
    const sent = world.requests.length;
    await hurried(() => wait(30_000));
    expect(world.requests).toHaveLength(sent);
    expect(world.requests.map(({ signal }) => signal.aborted || fetch !== SLOW[0]?.[1])).not.toContain(false);
  },
);
