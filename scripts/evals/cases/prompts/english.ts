import { BILLING_BACKUP, WIKI_BACKUP } from '../../world.ts';
import type { ExpectedCall, Prompt } from '../case.ts';

import { anything, notBeforeNow, oneOf } from './allowed.ts';

type Rest = Pick<ExpectedCall, 'or' | 'also'>;

const call = (id: string, text: string, tool: string, args: ExpectedCall['arguments'], rest: Rest = {}): Prompt => ({
  ...{ id, language: 'en', text },
  expect: { tool, arguments: args, ...rest },
});

/** One tool is right. Many have a neighbour that is nearly so. */
export const english: readonly Prompt[] = [
  call(
    'en-clusters-by-name',
    'Which Postgres clusters do we have whose name has "orders" in it?',
    'list_clusters',
    { name: 'orders' },
    { or: [{}], also: { detail: anything } },
  ),
  call('en-host-name', 'What host name do applications use to connect to billing?', 'get_cluster', {
    clusterId: 'billing',
  }),
  call('en-wait', 'auth-prod is busy. Wait until it is ready again, at most 30 seconds.', 'wait_for_cluster', {
    clusterId: 'auth-prod',
    wait: 30,
  }),
  call(
    'en-versions-for-new',
    'Which PostgreSQL versions could a brand-new cluster have?',
    'list_postgres_versions',
    {},
  ),
  call('en-upgrade-paths', 'To which newer versions can legacy-crm be upgraded?', 'list_cluster_versions', {
    clusterId: 'legacy-crm',
  }),
  call(
    'en-deprecated-versions',
    'Read the deprecated list of versions of legacy-crm, the one that has its present version as well.',
    'list_cluster_postgres_versions',
    { clusterId: 'legacy-crm' },
  ),
  call(
    'en-versions-endpoint',
    'Ask the newer endpoint, GET /versions, what PostgreSQL versions IONOS has.',
    'list_versions',
    {},
  ),
  call('en-api-versions', 'Which versions of the IONOS database API exist?', 'get_api_version', { all: true }),
  call('en-cost-of-memory', 'What would billing cost per month with 32 GB of memory instead of 16?', 'estimate_cost', {
    clusterId: 'billing',
    ram: 32_768,
  }),
  call('en-quota', 'How much of our quota is used up, and whose contract is this?', 'get_account', {}),
  call(
    'en-order',
    'Order a cluster named invoices-test with PostgreSQL 16, 2 instances, 4 cores, 8 GB of memory and 50 GB of SSD Standard, in LAN 1 of the data center staging. Its first user is invoices_admin, with a password that the server generates.',
    'create_cluster',
    {
      ...{ displayName: 'invoices-test', postgresVersion: '16', instances: 2, cores: 4, ram: 8192 },
      ...{ storageSize: 51_200, storageType: 'SSD Standard' },
      connections: [{ datacenterId: 'staging', lanId: '1' }],
      credentials: { username: 'invoices_admin' },
    },
    { also: { location: oneOf('de/fra'), synchronizationMode: oneOf('ASYNCHRONOUS') } },
  ),
  call('en-bigger-disk', 'Grow the disk of reporting to 300 GB.', 'update_cluster', {
    clusterId: 'reporting',
    storageSize: 307_200,
  }),
  call(
    'en-in-place',
    `Put billing itself back to Saturday, 2 pm Berlin time, from its backup ${BILLING_BACKUP}.`,
    'restore_cluster',
    { clusterId: 'billing', backupId: BILLING_BACKUP, recoveryTargetTime: '2026-10-24T12:00:00Z' },
  ),
  call('en-backups-of-all', 'Show the backups of all clusters, the deleted ones too.', 'list_backups', {}),
  call('en-one-backup', `How large is the backup ${WIKI_BACKUP}?`, 'get_backup', { backupId: WIKI_BACKUP }),
  call('en-who-made-the-user', 'When was the user etl on analytics-prod created, and by whom?', 'get_user', {
    clusterId: 'analytics-prod',
    username: 'etl',
  }),
  call(
    'en-set-password',
    'Set the password of invoicing on billing to the one in the environment variable NEW_DB_PASSWORD.',
    'update_user',
    { clusterId: 'billing', username: 'invoicing', passwordEnv: 'NEW_DB_PASSWORD' },
  ),
  call('en-who-made-the-database', 'Who created the database ledger on billing?', 'get_database', {
    clusterId: 'billing',
    name: 'ledger',
  }),
  call(
    'en-errors',
    'Which errors did analytics-prod log in the last two hours?',
    'get_cluster_logs',
    { clusterId: 'analytics-prod', start: '2026-10-27T07:30:00Z', contains: 'ERROR' },
    {
      // ERROR alone would leave out FATAL and PANIC, which a reader may count as errors.
      or: [{ clusterId: 'analytics-prod', start: '2026-10-27T07:30:00Z' }],
      also: { end: notBeforeNow, direction: anything },
    },
  ),
  call(
    'en-free-addresses',
    'Which addresses are still free in the LANs of the data center staging?',
    'list_network_options',
    { datacenterId: 'staging' },
  ),
];
