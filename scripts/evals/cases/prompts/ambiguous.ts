import { BILLING_BACKUP } from '../../world.ts';
import type { ExpectedCall, Prompt } from '../case.ts';
import { oneOf } from './allowed.ts';

const question = (
  id: string,
  [language, text]: [language: Prompt['language'], text: string],
  answer: string,
  call: ExpectedCall,
): Prompt => ({ ...{ id, language, text }, expect: { answer, call } });

/** Nobody can know what is meant: the person has to be asked before anything is changed. */
export const ambiguous: readonly Prompt[] = [
  question('en-which-prod', ['en', 'Delete the prod cluster.'], 'I mean webshop-prod.', {
    tool: 'delete_cluster',
    arguments: { clusterId: 'webshop-prod' },
  }),
  question('en-how-much', ['en', 'Make the cluster orders bigger.'], 'Give it 12 GB of memory; the rest stays.', {
    tool: 'update_cluster',
    arguments: { clusterId: 'orders', ram: 12_288 },
  }),
  question(
    'en-whose-database',
    ['en', 'Create a database metrics for the dashboard people.'],
    'On reporting, and it belongs to the user dashboards.',
    { tool: 'create_database', arguments: { clusterId: 'reporting', name: 'metrics', owner: 'dashboards' } },
  ),
  question('de-which-shop', ['de', 'Lösche die Datenbank shop.'], 'Die auf orders-staging.', {
    tool: 'delete_database',
    arguments: { clusterId: 'orders-staging', name: 'shop' },
  }),
  question(
    'de-which-moment',
    ['de', 'Stell das Backup von neulich wieder her.'],
    `Den Cluster billing selbst, aus ${BILLING_BACKUP}, auf den Stand vom letzten Samstag um 14 Uhr Berliner Zeit.`,
    {
      tool: 'restore_cluster',
      arguments: { clusterId: 'billing', backupId: BILLING_BACKUP, recoveryTargetTime: '2026-10-24T12:00:00Z' },
    },
  ),
  question(
    'de-new-cluster',
    ['de', 'Ich brauche einen neuen Cluster.'],
    'Er soll notes heißen und in LAN 1 des Rechenzentrums staging stehen; der erste Benutzer ist notes_admin mit erzeugtem Passwort, sonst alles wie vorgegeben.',
    {
      tool: 'create_cluster',
      arguments: {
        displayName: 'notes',
        connections: [{ datacenterId: 'staging', lanId: '1' }],
        credentials: { username: 'notes_admin' },
      },
      // As the server would choose them.
      also: {
        ...{ location: oneOf('de/fra'), postgresVersion: oneOf('17'), instances: oneOf(1), cores: oneOf(2) },
        ...{ ram: oneOf(4096), storageSize: oneOf(20_480), storageType: oneOf('SSD Standard') },
      },
    },
  ),
];
