import { BACKUP, ORDERS } from './backups.ts';
import { order } from './orders.ts';

const inside = { clusterId: ORDERS };
const password = 'correct-horse-battery';

/** Calls of every tool that the sandbox takes, one after the other. */
export const SANDBOX_CALLS: readonly [tool: string, args: Record<string, unknown>][] = [
  ['list_clusters', {}],
  ['get_cluster', inside],
  ['create_cluster', order],
  ['update_cluster', { ...inside, cores: 4 }],
  ['wait_for_cluster', { ...inside, until: 'BUSY', wait: 0 }],
  ['list_postgres_versions', {}],
  ['list_cluster_versions', inside],
  ['list_cluster_postgres_versions', inside],
  ['estimate_cost', {}],
  ['estimate_cost', { ...inside, instances: 5 }],
  ['list_versions', {}],
  ['get_api_version', {}],
  ['get_api_version', { all: true }],
  ['get_account', {}],
  ['list_network_options', {}],
  ['list_network_options', { datacenterId: 'shop' }],
  ['list_backups', {}],
  ['list_cluster_backups', inside],
  ['get_backup', { backupId: BACKUP }],
  ['list_users', inside],
  ['create_user', { ...inside, username: 'app', password }],
  ['get_user', { ...inside, username: 'app' }],
  ['update_user', { ...inside, username: 'app', password }],
  ['list_databases', inside],
  ['create_database', { ...inside, name: 'stock', owner: 'app' }],
  ['get_database', { ...inside, name: 'stock' }],
  ['delete_database', { ...inside, name: 'stock' }],
  ['delete_user', { ...inside, username: 'app' }],
  ['get_cluster_logs', inside],
  ['restore_cluster', { ...inside, backupId: BACKUP }],
  ['delete_cluster', inside],
];
