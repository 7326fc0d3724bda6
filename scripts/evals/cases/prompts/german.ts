import { WIKI_BACKUP } from '../../world.ts';
import type { ExpectedCall, Prompt } from '../case.ts';
import { anything, oneOf } from './allowed.ts';

type Rest = Pick<ExpectedCall, 'or' | 'also'>;

const call = (id: string, text: string, tool: string, args: ExpectedCall['arguments'], rest: Rest = {}): Prompt => ({
  ...{ id, language: 'de', text },
  expect: { tool, arguments: args, ...rest },
});

export const german: readonly Prompt[] = [
  call(
    'de-logs-of-yesterday',
    'Was hat billing gestern zwischen 14 und 16 Uhr protokolliert?',
    'get_cluster_logs',
    { clusterId: 'billing', start: '2026-10-26T13:00:00Z', end: '2026-10-26T15:00:00Z' },
    { also: { direction: anything } },
  ),
  call(
    'de-logs-in-summer-time',
    'Zeig mir die Logzeilen von orders vom 24. Oktober, 9:00 bis 9:30 Uhr.',
    'get_cluster_logs',
    { clusterId: 'orders', start: '2026-10-24T07:00:00Z', end: '2026-10-24T07:30:00Z' },
    { also: { direction: anything } },
  ),
  call('de-memory', 'Gib orders-staging 6 GB Arbeitsspeicher.', 'update_cluster', {
    clusterId: 'orders-staging',
    ram: 6144,
  }),
  call(
    'de-maintenance',
    'Die Wartung von auth-prod soll künftig samstags um 5:30 Uhr Berliner Winterzeit beginnen.',
    'update_cluster',
    { clusterId: 'auth-prod', maintenanceWindow: { time: '04:30:00', dayOfTheWeek: 'Saturday' } },
  ),
  call('de-backups-of-one', 'Welche Backups gibt es von webshop-prod?', 'list_cluster_backups', {
    clusterId: 'webshop-prod',
  }),
  call(
    'de-new-user',
    'Lege auf webshop-prod den Benutzer cart an; das Passwort soll der Server erzeugen.',
    'create_user',
    {
      clusterId: 'webshop-prod',
      username: 'cart',
    },
  ),
  call(
    'de-remove-user',
    'Der Benutzer auditor auf orders-archive wird nicht mehr gebraucht. Entferne ihn.',
    'delete_user',
    {
      clusterId: 'orders-archive',
      username: 'auditor',
    },
  ),
  call('de-databases', 'Welche Datenbanken liegen auf analytics-prod und wem gehören sie?', 'list_databases', {
    clusterId: 'analytics-prod',
  }),
  call('de-new-database', 'Auf webshop-prod brauche ich eine Datenbank carts, die cms gehört.', 'create_database', {
    clusterId: 'webshop-prod',
    name: 'carts',
    owner: 'cms',
  }),
  call('de-drop-database', 'Lösche auf orders die Datenbank shop_staging.', 'delete_database', {
    clusterId: 'orders',
    name: 'shop_staging',
  }),
  call('de-delete-cluster', 'Den Cluster orders-staging kannst du ganz löschen.', 'delete_cluster', {
    clusterId: 'orders-staging',
  }),
  call('de-system-users', 'Welche Benutzer hat legacy-crm, auch die vom Dienst selbst?', 'list_users', {
    clusterId: 'legacy-crm',
    system: true,
  }),
  call(
    'de-cost-of-new',
    'Was würde ein neuer Cluster in de/fra mit 3 Instanzen, 4 Kernen, 16 GB RAM und 100 GB SSD Premium kosten?',
    'estimate_cost',
    {
      ...{ location: 'de/fra', instances: 3, cores: 4, ram: 16_384, storageSize: 102_400 },
      storageType: 'SSD Premium',
    },
    { also: { api: anything } },
  ),
  call(
    'de-into-a-new-cluster',
    `Fülle einen neuen Cluster wiki-neu mit dem Backup ${WIKI_BACKUP}: LAN 1 im Rechenzentrum staging, erster Benutzer wiki_admin mit erzeugtem Passwort, sonst alles wie vorgegeben.`,
    'create_cluster',
    {
      displayName: 'wiki-neu',
      connections: [{ datacenterId: 'staging', lanId: '1' }],
      credentials: { username: 'wiki_admin' },
      fromBackup: { backupId: WIKI_BACKUP },
    },
    {
      // As the server would choose them, or the version of the backup.
      also: {
        ...{ location: oneOf('de/fra'), postgresVersion: oneOf('17', '15'), instances: oneOf(1), cores: oneOf(2) },
        ...{ ram: oneOf(4096), storageSize: oneOf(20_480), storageType: oneOf('SSD Standard') },
      },
    },
  ),
];
