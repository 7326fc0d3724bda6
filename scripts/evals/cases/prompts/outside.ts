import type { ExpectedCall, Prompt } from '../case.ts';
import { anything, atOrBefore, notBeforeNow } from './allowed.ts';

const call = (text: string, tool: string, args: ExpectedCall['arguments'], rest: Partial<ExpectedCall> = {}) => ({
  ...{ text, tool, arguments: args, ...rest },
});

/**
 * Written by somebody who knew what the product is for and what its tools are called, and had not seen their
 * descriptions; word by word.
 */
const rows = [
  call(
    'hey, what postgres stuff do we actually have running at ionos right now? just a quick overview',
    'list_clusters',
    {},
    { also: { detail: anything } },
  ),
  call('How much RAM and disk does webshop-prod have, and when is its maintenance window?', 'get_cluster', {
    clusterId: 'webshop-prod',
  }),
  call('bump billing to 8 cores pls, month-end closing is killing it', 'update_cluster', {
    clusterId: 'billing',
    cores: 8,
  }),
  call('Which Postgres majors could we pick if we started something from scratch today?', 'list_postgres_versions', {}),
  call(
    "We've been putting off the upgrade of legacy-crm forever. What can we move it to from where it is now?",
    'list_cluster_versions',
    { clusterId: 'legacy-crm' },
  ),
  call(
    "I just kicked off a resize on inventory. Hang on until it's usable again and then tell me, I've got a deploy queued behind it.",
    'wait_for_cluster',
    { clusterId: 'inventory' },
  ),
  call(
    'For the budget round: roughly what would we pay per month for 3 nodes, each with 4 cores, 16 GB RAM and 200 GB of SSD Premium?',
    'estimate_cost',
    { instances: 3, cores: 4, ram: 16_384, storageSize: 204_800, storageType: 'SSD Premium' },
    { also: { location: anything, api: anything } },
  ),
  call(
    "The auditor wants to see every backup we hold, all clusters, including ones from stuff that's already gone if there are any.",
    'list_backups',
    {},
  ),
  call('If somebody drops a table on orders, how far back could we go?', 'list_cluster_backups', {
    clusterId: 'orders',
  }),
  call(
    'Someone ran a DELETE without a WHERE on orders-staging, sigh. Roll it back in place to 2025-03-18T09:15:00Z from backup 7f2c1b9e-4d3a-4e58-9a61-0c5d8e2b7f14. Yes I know we lose everything after that, go ahead.',
    'restore_cluster',
    {
      clusterId: 'orders-staging',
      backupId: '7f2c1b9e-4d3a-4e58-9a61-0c5d8e2b7f14',
      recoveryTargetTime: '2025-03-18T09:15:00Z',
    },
  ),
  call(
    'who can log in to analytics-prod?',
    'list_users',
    { clusterId: 'analytics-prod' },
    { also: { system: anything } },
  ),
  call(
    'BI has a new joiner starting Monday, please set up a login called analyst on reporting with the password Tm4-quiet-Harbor-92',
    'create_user',
    { clusterId: 'reporting', username: 'analyst', password: 'Tm4-quiet-Harbor-92' },
  ),
  call(
    'password for etl on analytics-prod ended up in a slack channel, change it to vR8_lantern_Oxbow_51 asap',
    'update_user',
    { clusterId: 'analytics-prod', username: 'etl', password: 'vR8_lantern_Oxbow_51' },
  ),
  call(
    'We switched off the old CMS last week, so the cms account on webshop-prod can go. Confirmed with the web team.',
    'delete_user',
    { clusterId: 'webshop-prod', username: 'cms' },
  ),
  call('Which DBs live on inventory? I only need the names and owners.', 'list_databases', { clusterId: 'inventory' }),
  call('need an empty carts db on orders-staging, etl should own it', 'create_database', {
    clusterId: 'orders-staging',
    name: 'carts',
    owner: 'etl',
  }),
  call(
    'Get rid of ledger on orders-archive with everything in it. Triple checked, nobody uses it anymore, you have my OK.',
    'delete_database',
    { clusterId: 'orders-archive', name: 'ledger' },
  ),
  call(
    'logins are timing out for customers since about half an hour ago, is auth-prod complaining about anything? connection errors, FATALs, whatever the server printed',
    'get_cluster_logs',
    { clusterId: 'auth-prod' },
    { also: { start: atOrBefore('2026-10-27T09:00:00Z'), end: notBeforeNow, direction: anything } },
  ),
  call(
    'I want to spin up another Postgres soon but have no clue where to plug it in. Which data centers and LANs do we have that I could hook it up to?',
    'list_network_options',
    {},
  ),
  call('Who is the owner of shop on webshop-prod?', 'get_database', { clusterId: 'webshop-prod', name: 'shop' }),
];

export const outside: readonly Prompt[] = rows.map(({ text, ...expect }, n) => ({
  ...{ id: `outside-${n + 1}`, language: 'en' as const, text, expect },
}));
