import { describe, expect, test } from 'vitest';
import { connect, errorOf } from '../../helpers/connect.ts';

describe('an argument that a client adds', () => {
  test('is ignored by a tool that reads, which says so beside its answer', async () => {
    const { call } = await connect();

    const { structuredContent, content } = await call('list_clusters', {
      colour: 'red',
      task_progress: 'x',
      _meta: {},
    });

    expect(structuredContent).toMatchObject({
      note: 'Unknown arguments were ignored: colour, task_progress, _meta.',
    });
    expect(JSON.parse((content as { text: string }[])[0]?.text ?? '')).toEqual(structuredContent);
  });

  test('leads to the known one where a tool that reads lacks it', async () => {
    const { call, requests } = await connect();

    const text = errorOf(await call('get_cluster', { cluster_id: 'some-id' }));

    expect(text).toMatch(/^clusterId: is missing$/m);
    expect(text).toMatch(/cluster_id \(did you mean clusterId\?\)/);
    expect(requests).toEqual([]);
  });

  test.each<[string, RegExp]>([
    ['cluster_id', /^cluster_id: is not a known argument; did you mean clusterId\?$/m],
    ['ClusterID', /^ClusterID: is not a known argument; did you mean clusterId\?$/m],
    ['dry_run', /^dry_run: is not a known argument; did you mean dryRun\?$/m],
    ['dryrun', /^dryrun: is not a known argument; did you mean dryRun\?$/m],
    ['cluster', /^cluster: is not a known argument; did you mean clusterId\?$/m],
    ['Confirmation', /^Confirmation: is not a known argument; did you mean confirmationName\?$/m],
    ['dry', /^dry: is not a known argument\. Known: /m],
    ['colour', /^colour: is not a known argument\. Known: clusterId, /m],
  ])('is named by a tool that writes: %s', async (key, words) => {
    const { call, requests } = await connect();

    expect(errorOf(await call('delete_cluster', { clusterId: 'some-id', [key]: 'x' }))).toMatch(words);
    expect(requests).toEqual([]);
  });

  test('does not hinder a tool that writes where clients are known to add it', async () => {
    const { call, sandbox } = await connect({ confirm: 'never' });
    const { id } = sandbox.addCluster({ displayName: 'old' });

    const added = { _meta: { progressToken: 1 }, task_progress: '', security_risk: 'LOW', explanation: 'clean up' };
    const respelled = { thoughts: 'now', requestHeartbeat: true, is_background: false, Reasoning: 'it is old' };
    const args = { clusterId: id, confirmationToken: '', ...added, ...respelled };
    const { structuredContent } = await call('delete_cluster', args);

    expect(structuredContent).toMatchObject({ cluster: { metadata: { state: 'DESTROYING' } } });
    expect(JSON.stringify(structuredContent)).not.toContain('Ignored');
  });
});
