import { isDeepStrictEqual } from 'node:util';
import { BILLING_BACKUP, DATA_CENTERS, isGenerated, WIKI_BACKUP, WIKI_DELETED_AT } from '../../world.ts';
import type { Task } from '../case.ts';

const restore = (recoveryTargetTime: string) => ({
  tool: 'restore_cluster',
  arguments: { clusterId: 'billing', backupId: BILLING_BACKUP, recoveryTargetTime },
});
const deleteCluster = (clusterId: string) => ({ tool: 'delete_cluster', arguments: { clusterId } });

const STAGING = { datacenterId: 'staging', lanId: '1' };
const isInStaging = (connections: unknown) => {
  const [{ datacenterId, lanId, cidr }, ...more] = Array.isArray(connections) ? connections : [{}];
  const isThere = DATA_CENTERS.get(datacenterId) === 'staging' && lanId === '1';
  return isThere && String(cidr).startsWith('10.12.30.') && more.length === 0;
};

const isAt = (time: string) => (value: unknown) => Math.abs(Date.parse(String(value)) - Date.parse(time)) <= 60_000;
/** All of it. */
const isWikiBackup = (fromBackup: unknown) => {
  const { backupId, recoveryTargetTime } = Object(fromBackup);
  const isToItsEnd = recoveryTargetTime === undefined || Date.parse(recoveryTargetTime) >= WIKI_DELETED_AT - 60_000;
  return backupId === WIKI_BACKUP && isToItsEnd;
};
const isGeneratedFor = (username: string) => (credentials: unknown) =>
  Object(credentials).username === username && isGenerated(Object(credentials).password);
const isUnset = (defaultValue: unknown) => (value: unknown) =>
  value === undefined || isDeepStrictEqual(value, defaultValue);
/** Nobody said which one. */
const isSomeVersion = (version: unknown) => ['15', '16', '17', '18'].includes(String(version));

const wiki = {
  displayName: 'wiki-again',
  ...{ instances: 1, cores: 2, ram: 4096, storageSize: 20_480, storageType: 'SSD Standard' },
  connections: [STAGING],
  credentials: { username: 'wiki_admin' },
};

/** What begins and ends whole clusters. */
export const recoveryTasks: readonly Task[] = [
  {
    id: 'delete-cluster',
    prompt: 'We do not need the staging cluster of orders any longer. Delete it.',
    person: { types: 'orders-staging' },
    expected: { changed: { 'orders-staging': { isDeleted: true } } },
    solution: [deleteCluster('orders-staging')],
    nearMisses: {
      'a mark in its name': [
        { tool: 'update_cluster', arguments: { clusterId: 'orders-staging', displayName: 'orders-staging (deleted)' } },
      ],
    },
  },
  {
    id: 'back-to-yesterday',
    prompt:
      'Someone has damaged billing. Put the cluster itself back to how it was yesterday at 2 pm our time; what was written since may be lost.',
    person: { types: 'billing' },
    expected: {
      changed: {
        billing: {
          ...{ newDatabases: { invoices: 'invoicing' }, goneDatabases: ['invoices_tmp'] },
          restored: { backupId: BILLING_BACKUP, recoveryTargetTime: isAt('2026-10-26T13:00:00Z') },
        },
      },
    },
    solution: [restore('2026-10-26T13:00:00Z')],
    nearMisses: {
      'the time not converted': [restore('2026-10-26T14:00:00Z')],
      'summer time': [restore('2026-10-26T12:00:00Z')],
      'all of the backup': [{ tool: 'restore_cluster', arguments: { clusterId: 'billing', backupId: BILLING_BACKUP } }],
    },
  },
  {
    id: 'deleted-cluster-again',
    prompt:
      'The cluster wiki was deleted on Sunday, but its backup still exists. Order a new cluster wiki-again from that backup, in the only LAN of the data center staging, with one instance, 2 cores, 4 GB of memory, 20 GB of SSD Standard and a first user wiki_admin, whose password the server generates.',
    expected: {
      created: {
        'wiki-again': {
          properties: {
            ...{ instances: 1, cores: 2, ram: 4096, storageSize: 20_480, storageType: 'SSD Standard' },
            ...{ location: 'de/fra', connections: isInStaging },
          },
          order: {
            displayName: 'wiki-again',
            fromBackup: isWikiBackup,
            credentials: isGeneratedFor('wiki_admin'),
            postgresVersion: isSomeVersion,
            synchronizationMode: isUnset('ASYNCHRONOUS'),
            connectionPooler: isUnset({ enabled: false }),
          },
          users: ['wiki_owner', 'wiki_admin'],
          databases: ['wiki'],
        },
      },
    },
    solution: [{ tool: 'create_cluster', arguments: { ...wiki, fromBackup: { backupId: WIKI_BACKUP } } }],
    nearMisses: {
      'an empty one': [{ tool: 'create_cluster', arguments: wiki }],
      'an empty one that looks like it': [
        { tool: 'create_cluster', arguments: wiki },
        { tool: 'create_user', arguments: { clusterId: 'wiki-again', username: 'wiki_owner' } },
        { tool: 'create_database', arguments: { clusterId: 'wiki-again', name: 'wiki', owner: 'wiki_owner' } },
      ],
      'a password that nobody generated': [
        {
          tool: 'create_cluster',
          arguments: {
            ...{ ...wiki, fromBackup: { backupId: WIKI_BACKUP } },
            credentials: { username: 'wiki_admin', password: 'a-typed-password' },
          },
        },
      ],
      'a pooler that nobody asked for': [
        {
          tool: 'create_cluster',
          arguments: {
            ...{ ...wiki, fromBackup: { backupId: WIKI_BACKUP } },
            connectionPooler: { enabled: true, poolMode: 'session' },
          },
        },
      ],
      'another LAN': [
        {
          tool: 'create_cluster',
          arguments: {
            ...{ ...wiki, fromBackup: { backupId: WIKI_BACKUP } },
            connections: [{ datacenterId: 'analytics', lanId: '4', cidr: '10.12.30.77/24' }],
          },
        },
      ],
      'a part of the backup': [
        {
          tool: 'create_cluster',
          arguments: { ...wiki, fromBackup: { backupId: WIKI_BACKUP, recoveryTargetTime: '2026-10-21T00:00:00Z' } },
        },
      ],
      'another size': [
        { tool: 'create_cluster', arguments: { ...wiki, fromBackup: { backupId: WIKI_BACKUP }, ram: 8192 } },
      ],
    },
  },
];
