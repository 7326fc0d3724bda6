import { expect, onTestFinished, test } from 'vitest';
import { createPostgresState } from '../../src/state/postgres/index.ts';
import { connect, errorOf, type World } from '../helpers/connect.ts';
import { order } from '../helpers/orders.ts';

const AWAY = /^Nothing was sent\. The database that the replicas of this server share \(--state-url\) cannot be used/;

/** Nobody listens at port 1. */
function withoutState(settings: World = {}) {
  const state = createPostgresState({ url: 'postgres://127.0.0.1:1/none', onAway: () => {}, onBack: () => {} });
  onTestFinished(() => state.close());
  return connect({ state, ...settings });
}

test.each<[what: string, settings: World]>([
  ['without a policy', {}],
  ['with totals', { policy: JSON.stringify({ inTotal: { clusters: 10 } }) }],
  ['where a person has to agree', { confirm: 'writes' }],
])('while the state is away, nothing is written: %s', async (_, settings) => {
  const { call, sandbox, sent } = await withoutState(settings);
  const { id } = sandbox.addCluster({ displayName: 'billing' });

  for (const [tool, args] of [
    ['create_cluster', order],
    ['update_cluster', { clusterId: id, cores: 8 }],
    ['delete_cluster', { clusterId: id }],
    ['create_user', { clusterId: id, username: 'app', password: 'long enough' }],
  ] as const) {
    expect(errorOf(await call(tool, args)), tool).toMatch(AWAY);
  }

  expect(sent()).toEqual([]);
});

test('while the state is away, reads are answered and previews are shown, as far as the policy alone forbids them', async () => {
  const { call, sandbox } = await withoutState({ policy: JSON.stringify({ perCluster: { cores: 4 } }) });
  const { id } = sandbox.addCluster({ displayName: 'billing', cores: 2, instances: 1 });

  expect(await call('list_clusters')).not.toHaveProperty('isError', true);
  expect(await call('wait_for_cluster', { clusterId: id })).not.toHaveProperty('isError', true);
  const preview = await call('update_cluster', { clusterId: id, cores: 4, dryRun: true });
  expect(preview.structuredContent).toMatchObject({ outcome: 'preview' });
  const beyond = await call('update_cluster', { clusterId: id, cores: 8, dryRun: true });
  expect(errorOf(beyond)).toContain('perCluster.cores');
});
