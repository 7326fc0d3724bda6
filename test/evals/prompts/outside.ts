import type { ExpectedCall, Prompt } from '../../../scripts/evals/cases.ts';

const call = (text: string, tool: string, args: ExpectedCall['arguments'], rest: Partial<ExpectedCall> = {}) => ({
  ...{ text, tool, arguments: args, ...rest },
});

/**
 * Stand-ins, until somebody has written 20 who knows what the product is for and what its tools are called, and has
 * not seen their descriptions.
 */
const rows = [
  call('Give me an overview of all our Postgres clusters.', 'list_clusters', {}, { also: ['detail'] }),
  call('Show me the full configuration of the orders cluster.', 'get_cluster', { clusterId: 'orders' }),
  call(
    'Spin up a small Postgres called crm-test for our CRM team in LAN 1 of the staging data center, with a first login crm and a generated password.',
    'create_cluster',
    {
      displayName: 'crm-test',
      connections: [{ datacenterId: 'staging', lanId: '1' }],
      credentials: { username: 'crm' },
    },
    { also: ['location', 'postgresVersion', 'instances', 'cores', 'ram', 'storageSize', 'storageType'] },
  ),
  call('Scale analytics-prod up to 16 CPU cores.', 'update_cluster', { clusterId: 'analytics-prod', cores: 16 }),
  call('Rename orders-archive to orders-history.', 'update_cluster', {
    clusterId: 'orders-archive',
    displayName: 'orders-history',
  }),
  call('Upgrade legacy-crm to PostgreSQL 16.', 'update_cluster', { clusterId: 'legacy-crm', postgresVersion: '16' }),
  call('Please remove the orders-staging cluster completely.', 'delete_cluster', { clusterId: 'orders-staging' }),
  call('Tell me when auth-prod has finished its change.', 'wait_for_cluster', { clusterId: 'auth-prod' }),
  call('How much are we spending on our database clusters each month?', 'estimate_cost', {}),
  call('Which major releases of Postgres are on offer right now?', 'list_postgres_versions', {}),
  call('Can legacy-crm go straight to version 17?', 'list_cluster_versions', { clusterId: 'legacy-crm' }),
  call('Which backups exist of webshop-prod?', 'list_cluster_backups', { clusterId: 'webshop-prod' }),
  call('Which accounts can log in to analytics-prod?', 'list_users', { clusterId: 'analytics-prod' }),
  call('Add a read-only login for Grafana called grafana to reporting.', 'create_user', {
    clusterId: 'reporting',
    username: 'grafana',
  }),
  call('We lost the password of etl on analytics-prod, please reset it.', 'update_user', {
    clusterId: 'analytics-prod',
    username: 'etl',
  }),
  call('An employee left. Revoke access of the user auditor on orders-archive.', 'delete_user', {
    clusterId: 'orders-archive',
    username: 'auditor',
  }),
  call('What databases live on billing?', 'list_databases', { clusterId: 'billing' }),
  call('Create a new database called carts on webshop-prod for the user cms.', 'create_database', {
    clusterId: 'webshop-prod',
    name: 'carts',
    owner: 'cms',
  }),
  call('Drop the sessions database from webshop-prod.', 'delete_database', {
    clusterId: 'webshop-prod',
    name: 'sessions',
  }),
  call(
    'Were there any slow queries on webshop-prod yesterday between noon and 6 pm?',
    'get_cluster_logs',
    { clusterId: 'webshop-prod', start: '2026-10-26T11:00:00Z', end: '2026-10-26T17:00:00Z' },
    { also: ['contains', 'direction', 'limit'] },
  ),
];

export const outside: readonly Prompt[] = rows.map(({ text, ...expect }, n) => ({
  ...{ id: `outside-${n + 1}`, language: 'en' as const, text, expect },
}));
