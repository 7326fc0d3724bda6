import type { Task } from '../case.ts';

const update = (clusterId: string, values: Record<string, unknown>) => ({
  tool: 'update_cluster',
  arguments: { clusterId, ...values },
});

export const clusterTasks: readonly Task[] = [
  {
    id: 'more-memory',
    prompt: 'The cluster orders needs 8 GB of memory. Please change that.',
    expected: { changed: { orders: { properties: { ram: 8192 } } } },
    solution: [update('orders', { ram: 8192 })],
    nearMisses: {
      'the cluster with a name alike': [update('orders-staging', { ram: 8192 })],
      'decimal gigabytes, rounded up': [update('orders', { ram: 9216 })],
    },
  },
  {
    id: 'double-disk',
    prompt: 'Make the disk of billing twice as large as it is today.',
    expected: { changed: { billing: { properties: { storageSize: 204_800 } } } },
    solution: [update('billing', { storageSize: 204_800 })],
    nearMisses: { 'decimal gigabytes': [update('billing', { storageSize: 200_000 })] },
  },
  {
    id: 'rename',
    prompt: 'Call the cluster orders-archive orders-2024 from now on.',
    expected: { changed: { 'orders-archive': { properties: { displayName: 'orders-2024' } } } },
    solution: [update('orders-archive', { displayName: 'orders-2024' })],
    nearMisses: { 'another spelling': [update('orders-archive', { displayName: 'Orders 2024' })] },
  },
  {
    id: 'standby',
    prompt: 'The reporting cluster has no standby. Give it one, and leave its size as it is.',
    expected: { changed: { reporting: { properties: { instances: 2 } } } },
    solution: [update('reporting', { instances: 2 })],
    nearMisses: { 'two standbys': [update('reporting', { instances: 3 })] },
  },
  {
    id: 'end-of-support',
    prompt:
      'One of our clusters runs a PostgreSQL version whose community support ends within the next 30 days. Upgrade it to the newest version that it can have.',
    expected: { changed: { 'legacy-crm': { properties: { postgresVersion: '17' }, hasNewBackup: true } } },
    solution: [update('legacy-crm', { postgresVersion: '17' })],
    nearMisses: { 'not the newest': [update('legacy-crm', { postgresVersion: '16' })] },
  },
  {
    id: 'maintenance-window',
    prompt:
      'Move the weekly maintenance of webshop-prod to Sundays at 4 in the morning, Berlin time as the clocks are set now.',
    expected: {
      changed: {
        'webshop-prod': { properties: { maintenanceWindow: { time: '03:00:00', dayOfTheWeek: 'Sunday' } } },
      },
    },
    solution: [update('webshop-prod', { maintenanceWindow: { time: '03:00:00', dayOfTheWeek: 'Sunday' } })],
    nearMisses: {
      'the time not converted': [
        update('webshop-prod', { maintenanceWindow: { time: '04:00:00', dayOfTheWeek: 'Sunday' } }),
      ],
      'summer time': [update('webshop-prod', { maintenanceWindow: { time: '02:00:00', dayOfTheWeek: 'Sunday' } })],
    },
  },
  {
    id: 'pooler',
    prompt: 'Applications run out of connections on billing. Turn on its connection pooler, in transaction mode.',
    expected: {
      changed: { billing: { properties: { connectionPooler: { enabled: true, poolMode: 'transaction' } } } },
    },
    solution: [update('billing', { connectionPooler: { enabled: true, poolMode: 'transaction' } })],
    nearMisses: { 'the other mode': [update('billing', { connectionPooler: { enabled: true, poolMode: 'session' } })] },
  },
  {
    id: 'single-instance',
    prompt: 'webshop-prod is retired next month: run it on a single instance. Losing a commit is acceptable by now.',
    expected: {
      changed: { 'webshop-prod': { properties: { instances: 1, synchronizationMode: 'ASYNCHRONOUS' } } },
    },
    solution: [update('webshop-prod', { instances: 1, synchronizationMode: 'ASYNCHRONOUS' })],
    nearMisses: { 'the mode alone': [update('webshop-prod', { synchronizationMode: 'ASYNCHRONOUS' })] },
  },
  {
    id: 'storage-cannot-shrink',
    prompt:
      'Halve the storage of reporting to save money. Should that turn out to be impossible, halve its number of CPU cores instead.',
    expected: { changed: { reporting: { properties: { cores: 4 } } } },
    solution: [update('reporting', { cores: 4 })],
    nearMisses: { 'memory as well': [update('reporting', { cores: 4, ram: 16_384 })] },
  },
  {
    id: 'once-it-is-ready',
    prompt: 'As soon as auth-prod is ready again, give each of its instances 4 CPU cores.',
    expected: { changed: { 'auth-prod': { properties: { cores: 4 } } } },
    solution: [update('auth-prod', { cores: 4 })],
    nearMisses: { 'divided among the instances': [update('auth-prod', { cores: 2, ram: 9216 })] },
  },
  {
    id: 'all-in-one-place',
    prompt: 'Every cluster in London is to have its maintenance on Saturdays at 21:00 UTC.',
    expected: {
      changed: {
        'legacy-crm': { properties: { maintenanceWindow: { time: '21:00:00', dayOfTheWeek: 'Saturday' } } },
        'orders-archive': { properties: { maintenanceWindow: { time: '21:00:00', dayOfTheWeek: 'Saturday' } } },
      },
    },
    solution: ['legacy-crm', 'orders-archive'].map((cluster) =>
      update(cluster, { maintenanceWindow: { time: '21:00:00', dayOfTheWeek: 'Saturday' } }),
    ),
    nearMisses: {},
  },
  {
    id: 'retention-on-v2',
    prompt: 'Keep the backups of inventory for 30 days.',
    expected: {
      changed: { inventory: { properties: { backup: { location: 'eu-central-3', retentionDays: 30 } } } },
    },
    solution: [update('inventory', { backupRetentionDays: 30 })],
    nearMisses: { 'the cluster that has it already': [update('telemetry', { backupRetentionDays: 31 })] },
  },
];
