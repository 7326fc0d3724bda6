import fc from 'fast-check';
import { expect, test } from 'vitest';
import { connect } from '../helpers/connect.ts';

const SETTLED_MS = 6_000;
const STEPS = ['move', 'list', 'get', 'backups', 'versions', 'users', 'change', 'wait', 'settle'] as const;
type Step = { what: (typeof STEPS)[number]; which: number };

const step: fc.Arbitrary<Step> = fc.record({ what: fc.constantFrom(...STEPS), which: fc.nat(3) });

interface Answer {
  isError?: boolean;
  structuredContent?: Record<string, unknown>;
}

/** Four clusters of v1, which move one by one while they are used; what each answer has to say is known all the time. */
async function world() {
  const { call, sandbox, sent, pass } = await connect({ api: 'auto' });
  const clusters = [0, 1, 2, 3].map((n) => ({
    id: sandbox.addCluster({ displayName: `c${n}` }).id,
    isOnV2: false,
    cores: 2,
  }));
  pass(SETTLED_MS);

  async function take({ what, which }: Step) {
    const cluster = clusters[which];
    if (!cluster) return;
    const clusterId = cluster.id;
    const api = cluster.isOnV2 ? 'v2' : undefined;
    const ask = async (tool: string, more: object = {}): Promise<Answer> => {
      const { isError, structuredContent } = await call(tool, { clusterId, ...more });
      return { isError, structuredContent: structuredContent as Answer['structuredContent'] };
    };
    if (what === 'settle') pass(SETTLED_MS);
    if (what === 'move' && !cluster.isOnV2) {
      pass(SETTLED_MS);
      sandbox.migrate(clusterId);
      cluster.isOnV2 = true;
    }
    if (what === 'list') {
      const { structuredContent } = await call('list_clusters', { name: 'c' });
      const rows = (structuredContent as { clusters: { id: string; api?: string }[] }).clusters;
      const own = rows.filter(({ id }) => clusters.some((each) => each.id === id));
      expect(own.map(({ id, api }) => [id, api])).toEqual(
        clusters.map(({ id, isOnV2 }) => [id, isOnV2 ? 'v2' : undefined]),
      );
    }
    if (what === 'get') {
      const { structuredContent } = await ask('get_cluster');
      expect(structuredContent).toMatchObject({ id: clusterId, properties: { cores: cluster.cores } });
      expect(structuredContent?.api).toBe(api);
    }
    if (what === 'wait') {
      pass(SETTLED_MS);
      expect((await ask('wait_for_cluster', { wait: 0 })).structuredContent).toMatchObject({
        displayName: `c${which}`,
      });
    }
    if (what === 'backups') expect((await ask('list_cluster_backups')).isError).toBeFalsy();
    if (what === 'versions') expect((await ask('list_cluster_versions')).structuredContent?.api).toBe(api);
    if (what === 'users') expect((await ask('list_users')).isError ?? false).toBe(cluster.isOnV2);
    if (what === 'change') {
      pass(SETTLED_MS);
      const before = sent().length;
      const { isError = false } = await ask('update_cluster', { cores: cluster.cores + 1 });
      expect(isError).toBe(false);
      expect(
        sent()
          .slice(before)
          .map(({ method }) => method),
      ).toEqual([cluster.isOnV2 ? 'PUT' : 'PATCH']);
      cluster.cores += 1;
    }
  }
  return { take };
}

test('whatever is called while clusters move, each is found and changed where it is, once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const { take } = await world();
      for (const each of steps) await take(each);
    }),
    { numRuns: 25 },
  );
});
