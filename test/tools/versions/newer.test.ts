import { expect, test } from 'vitest';
import { connect, errorOf } from '../../helpers/connect.ts';

const INVENTORY = '5d7f1c28-9e4a-4b63-a1d0-8c2e6f4b7a15';

test('of a cluster that has the newest version, an upgrade is refused by saying so', async () => {
  const { call } = await connect({ api: 'auto' });

  expect(errorOf(await call('update_cluster', { clusterId: INVENTORY, postgresVersion: '18' }))).toMatch(
    /"18"\): is not offered; IONOS offers: none newer than its 17/,
  );
});
