import { describe, expect, test } from 'vitest';
import { prompts } from '../../../src/prompts/index.ts';
import { resources } from '../../../src/resources/index.ts';
import { tools } from '../../../src/tools/index.ts';
import { ANALYTICS, BACKUP, ORDERS } from '../../helpers/backups.ts';
import { resourceExamples } from '../../helpers/examples.ts';
import { order } from '../../helpers/orders.ts';
import { SANDBOX_CALLS } from '../../helpers/sandbox-calls.ts';
import { SOME_CLUSTER } from '../../helpers/some-cluster.ts';
import { INVENTORY, KINDS, LEGACY, narrowedTo, textIn } from './world.ts';

/** What would tell of the clusters that the pattern analytics-* leaves out. */
const OUTSIDE = [ORDERS, LEGACY, INVENTORY, 'orders', 'legacy-crm', 'crm', 'inventory', 'q7m2x9a', 't6v3n5c'];

/** What an answer says but for what was said to the server. */
function without(given: readonly string[], answer: unknown): string {
  return given.reduce((text, each) => text.replaceAll(each, '<given>'), JSON.stringify(answer));
}

/** A call about one cluster, as it is about another that is given like this. */
function about(args: Record<string, unknown>, cluster: string, backup: string) {
  const other: Record<string, string> = { clusterId: cluster, backupId: backup };
  return Object.fromEntries(Object.entries(args).map(([name, value]) => [name, other[name] ?? value]));
}

/** Other ways to name a cluster than by a clusterId or backupId. */
const { location: _, connections: __, ...unplaced } = order;
const ELSEWHERE: readonly [tool: string, args: Record<string, unknown>][] = [
  ['create_cluster', { ...unplaced, displayName: 'analytics-2', copyOf: ORDERS }],
  ['create_cluster', { ...unplaced, displayName: 'analytics-2', copyOf: 'orders' }],
  ['create_cluster', { ...order, displayName: 'analytics-2', fromBackup: { backupId: BACKUP } }],
  ['create_cluster', { ...order, displayName: 'orders' }],
  ['update_cluster', { clusterId: ANALYTICS, displayName: 'orders' }],
  ['restore_cluster', { clusterId: ANALYTICS, backupId: BACKUP }],
  ['list_clusters', { name: 'orders' }],
  ['list_clusters', { name: 'ord', detail: 'full' }],
  ['list_network_options', { datacenterId: '6e1f4b0d-93a7-4c28-8d15-70b2f9ce3a46' }],
];

/** Every call of every tool, about a cluster that is given like this. */
const callsAbout = (cluster: string) =>
  SANDBOX_CALLS.map(([tool, args]) => ({
    tool,
    args: about(args, cluster, BACKUP),
    isAbout: 'clusterId' in args || 'backupId' in args,
  }));

test('every tool is among the calls below', () => {
  expect(new Set(SANDBOX_CALLS.map(([tool]) => tool))).toEqual(new Set(tools.map(({ name }) => name)));
});

test.each([
  ['its ID', ORDERS, SOME_CLUSTER],
  ['its name', 'orders', 'nobody'],
  ['its ID, on API v2,', INVENTORY, SOME_CLUSTER],
])(
  'of a cluster that the URL leaves out, each tool says by %s what it says where there is none',
  async (_, cluster, absent) => {
    const { call, sent } = await narrowedTo('?clusters=analytics-*');

    for (const { tool, args } of callsAbout(cluster).filter(({ isAbout }) => isAbout)) {
      const answer = await call(tool, args);
      const missing = await call(tool, about(args, absent, `${SOME_CLUSTER}-q7m2x9a-16`));

      expect(answer.isError, tool).toBe(true);
      expect(without([BACKUP, cluster], answer), tool).toBe(without([`${SOME_CLUSTER}-q7m2x9a-16`, absent], missing));
    }
    expect(sent()).toEqual([]);
  },
  60_000,
);

describe.each(KINDS)('a cluster that the URL leaves out (%s)', (kind) => {
  test.each([ORDERS, 'orders'])(
    'is found by no tool, given as %s',
    async (cluster) => {
      const { call, sent } = await narrowedTo('?clusters=analytics-*', {}, kind);

      for (const { tool, args, isAbout } of callsAbout(cluster)) {
        const answer = await call(tool, args);

        if (isAbout) expect(answer.isError, `${tool}: ${textIn(answer)}`).toBe(true);
        const said = without(isAbout ? [BACKUP, cluster] : [], answer);
        for (const each of OUTSIDE) expect(said, `${tool} ${JSON.stringify(args)}`).not.toContain(each);
      }
      expect(sent()).toEqual([]);
    },
    60_000,
  );

  test('is neither copied, restored from, nor told of where others are written', async () => {
    const { call, sent } = await narrowedTo('?clusters=analytics-*', {}, kind);

    for (const [tool, args] of ELSEWHERE) {
      const answer = await call(tool, args);

      const given = [args.copyOf, args.displayName, args.name, Object(args.fromBackup).backupId, args.backupId];
      const said = without(
        given.filter((each) => typeof each === 'string').sort((one, other) => other.length - one.length),
        answer,
      );
      for (const each of OUTSIDE) expect(said, `${tool} ${JSON.stringify(args)}`).not.toContain(each);
      if (tool !== 'list_clusters' && tool !== 'list_network_options') expect(answer.isError, said).toBe(true);
    }
    expect(sent()).toEqual([]);
  });

  test('is found by no resource, no completion and no list of them', async () => {
    const { client, requests } = await narrowedTo('?clusters=analytics-*', {}, kind);

    const { resources: listed } = await client.listResources();
    for (const { resource, uri } of resourceExamples.filter(({ uri }) => uri.includes(ORDERS))) {
      const error = await client.readResource({ uri }).catch((error: Error & { code?: number }) => error);
      expect(error, resource).toMatchObject({ code: expect.toBeOneOf([-32002, -32602]) });
      const { message = '' } = error as Error;
      for (const each of OUTSIDE) expect(without([ORDERS], message)).not.toContain(each);
    }
    const refs = [
      ...resources.map(
        ({ uri, complete = {} }) => [{ type: 'ref/resource' as const, uri }, Object.keys(complete)] as const,
      ),
      ...prompts.map(
        ({ name, arguments: wanted }) =>
          [
            { type: 'ref/prompt' as const, name },
            wanted.filter(({ complete }) => complete).map(({ name }) => name),
          ] as const,
      ),
    ];
    const completed: string[] = [];
    for (const [ref, names] of refs) {
      for (const name of names) {
        const places: Record<string, string>[] = [{ clusterId: ORDERS }, { cluster: ORDERS }, { cluster: 'orders' }];
        for (const known of places) {
          const argument = { name, value: '' };
          const { completion } = await client.complete({ ref, argument, context: { arguments: known } });
          completed.push(...completion.values);
        }
      }
    }

    expect(listed.filter(({ uri }) => uri.includes('/clusters/')).map(({ title }) => title)).toEqual([
      'analytics-prod',
    ]);
    expect(completed).toContain(ANALYTICS);
    for (const each of [...OUTSIDE, 'reporting', 'shop']) expect(completed).not.toContain(each);
    expect(requests.filter(({ path }) => /users|databases/.test(path) && path.includes(ORDERS))).toEqual([]);
  });

  test('is none of the others, which work as ever', async () => {
    const { call, client, sandbox, log } = await narrowedTo('?clusters=ord*,SHOP', {}, kind);
    const { resources: before } = await client.listResources();

    for (const [tool, args] of SANDBOX_CALLS) {
      const answer = await call(tool, args);
      expect(answer.isError, `${tool}: ${textIn(answer)}`).toBeFalsy();
      if (tool !== 'delete_cluster') await expect.poll(() => sandbox.cluster(ORDERS).metadata.state).toBe('AVAILABLE');
    }

    expect(log.filter(({ outcome }) => outcome === 'failed' || outcome === 'refused')).toEqual([]);
    const titles = (listed: typeof before) =>
      listed.map(({ title }) => title).filter((title) => OUTSIDE.includes(title ?? ''));
    expect(titles(before)).toEqual(['orders']);
    expect((await client.listResources()).resources.map(({ title }) => title)).toContain('shop');
  }, 60_000);
});
