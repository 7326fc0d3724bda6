import { expect, onTestFinished, test, vi } from 'vitest';
import { updateCluster } from '../../src/tools/clusters/update-cluster.ts';
import { connect } from '../helpers/connect.ts';

test('a write that was sent is no failure where what follows it fails', async () => {
  const failing = vi.spyOn(updateCluster, 'follow').mockRejectedValue(new Error('a fault of ours'));
  onTestFinished(() => failing.mockRestore());
  const { call, sent, log } = await connect();

  const result = await call('update_cluster', { clusterId: 'orders', displayName: 'shop' });

  expect(failing).toHaveBeenCalledOnce();
  expect(result.isError).toBeFalsy();
  expect(result.structuredContent).toMatchObject({ outcome: 'started' });
  expect(sent()).toHaveLength(1);
  expect(log.filter(({ tool }) => tool === 'update_cluster')).toMatchObject([{ outcome: 'started' }]);
});
