import { expect, test, vi } from 'vitest';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { ORDERS } from '../helpers/backups.ts';
import { connect, errorOf } from '../helpers/connect.ts';
import { failWrites } from '../helpers/faults.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

interface Shown {
  plan: { effects: string[] };
}
const effectsIn = ({ structuredContent }: { structuredContent?: unknown }) => (structuredContent as Shown).plan.effects;

/** The answer to the one write is lost. */
async function losingIt<T>(sandbox: Sandbox, write: () => Promise<T>): Promise<T> {
  const { fetch } = sandbox;
  failWrites(sandbox, { kind: 'lost' });
  return write().finally(() => {
    sandbox.fetch = fetch;
  });
}

test('the plan of a write tells of an earlier one to the same cluster that nobody knows the end of', async () => {
  const { call, sandbox } = await connect();
  const rename = { clusterId: 'orders', displayName: 'shop' };
  const lost = errorOf(await losingIt(sandbox, () => call('update_cluster', rename)));

  const same = errorOf(await call('update_cluster', { clusterId: ORDERS, cores: 4 }));
  const other = effectsIn(await call('delete_cluster', { clusterId: ORDERS, dryRun: true }));
  const elsewhere = effectsIn(await call('delete_cluster', { clusterId: 'legacy-crm', dryRun: true }));

  expect(lost).toMatch(/the request was sent/i);
  const words = /At \d\d:\d\d:\d\d UTC, update_cluster was sent for this cluster without the usual answer: check/;
  expect(same).toMatch(/is BUSY with another change/);
  expect(same).toMatch(/update_cluster was sent for this cluster without the usual answer/);
  expect(other[0]).toBe('The cluster is BUSY with another change.');
  expect(other.at(-1)).toMatch(words);
  expect(elsewhere.join('\n')).not.toContain('the usual answer');
});

test('a write that is refused because an earlier one had an effect tells of that one, and where its password is', async () => {
  const { call, sandbox } = await connect({ credentialsDir: temporaryFolder('circumstances') });
  const svc = { clusterId: 'orders', username: 'svc' };
  errorOf(await losingIt(sandbox, () => call('create_user', svc)));
  await vi.waitUntil(() => sandbox.cluster(ORDERS).metadata.state === 'AVAILABLE', { timeout: 10_000 });

  const text = errorOf(await call('create_user', svc));

  const [other = ''] = effectsIn(await call('delete_cluster', { clusterId: ORDERS, dryRun: true })).slice(-1);
  expect(other).toMatch(/create_user was sent .* without the usual answer: check what became of it first\.$/);
  expect(text).toContain('already has a user svc');
  expect(text).toMatch(
    /create_user was sent for this cluster without the usual answer\. .* The password of svc is in /s,
  );
});

test('the plan for a cluster that is FAILED begins with that', async () => {
  const { call, sandbox } = await connect({ api: 'auto' });
  const { id } = sandbox.addV2Cluster({ name: 'broken' }, { state: 'FAILED', statusMessage: 'no room in the LAN' });

  const [first] = effectsIn(await call('delete_cluster', { clusterId: id, dryRun: true }));

  expect(first).toBe('The cluster is FAILED ("no room in the LAN"), not AVAILABLE: IONOS may refuse this.');
});

test('what was sent is no longer told of once the same tool had its answer', async () => {
  const { call, sandbox } = await connect();
  const rename = (displayName: string) => call('update_cluster', { clusterId: ORDERS, displayName });
  errorOf(await losingIt(sandbox, () => rename('shop')));
  await vi.waitUntil(() => sandbox.cluster(ORDERS).metadata.state === 'AVAILABLE', { timeout: 10_000 });

  await rename('store');

  const effects = effectsIn(await call('delete_cluster', { clusterId: ORDERS, dryRun: true }));
  expect(effects.join('\n')).not.toContain('the usual answer');
});
