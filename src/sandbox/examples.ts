import type { Maker } from './account.ts';
import type { ClusterProperties } from './cluster-properties.ts';
import type { Clusters } from './clusters.ts';
import { type Content, EMPTY } from './content.ts';
import { DAY, type Timeline } from './times.ts';

interface Made {
  name: string;
  owner?: string;
  daysAgo: number;
  maker?: Maker;
}

interface Example {
  id: string;
  backupWord: string;
  createdDaysAgo: number;
  modifiedDaysAgo?: number;
  properties: Partial<ClusterProperties>;
  content: Made[];
}

/** The IDs are fixed because the documentation names them. */
const EXAMPLES: Example[] = [
  {
    id: 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041',
    backupWord: 'q7m2x9a',
    createdDaysAgo: 120,
    properties: {
      displayName: 'orders',
      postgresVersion: '16',
      location: 'de/txl',
      instances: 1,
      cores: 2,
      ram: 4096,
      storageSize: 20_480,
      storageType: 'SSD Premium',
      connections: [{ datacenterId: '6e1f4b0d-93a7-4c28-8d15-70b2f9ce3a46', lanId: '2', cidr: '192.168.1.100/24' }],
      maintenanceWindow: { time: '12:08:00', dayOfTheWeek: 'Wednesday' },
    },
    content: [
      { name: 'orders_owner', daysAgo: 120 },
      { name: 'shop', owner: 'orders_owner', daysAgo: 119 },
      { name: 'reporting', daysAgo: 45 },
      { name: 'audit', daysAgo: 12, maker: 'sql' },
      { name: 'shop_staging', owner: 'orders_owner', daysAgo: 3 },
    ],
  },
  {
    id: '7c9e2d54-8b1f-4a63-b0d7-5e3f19a8c462',
    backupWord: 'd4k8w1z',
    createdDaysAgo: 410,
    modifiedDaysAgo: 35,
    properties: {
      displayName: 'analytics-prod',
      postgresVersion: '15',
      location: 'de/fra',
      backupLocation: 'de',
      instances: 3,
      cores: 8,
      ram: 32_768,
      storageSize: 512_000,
      storageType: 'SSD Standard',
      connections: [{ datacenterId: 'd41f7a90-2e6b-4c35-97d8-0b5a1c3e8f27', lanId: '4', cidr: '10.7.222.10/24' }],
      maintenanceWindow: { time: '02:30:00', dayOfTheWeek: 'Sunday' },
      synchronizationMode: 'STRICTLY_SYNCHRONOUS',
      connectionPooler: { enabled: true, poolMode: 'session' },
    },
    content: [
      { name: 'analytics_owner', daysAgo: 410 },
      { name: 'warehouse', owner: 'analytics_owner', daysAgo: 409 },
      { name: 'etl', daysAgo: 388 },
      { name: 'events', owner: 'etl', daysAgo: 387 },
      { name: 'dashboards', daysAgo: 20, maker: 'sql' },
    ],
  },
  {
    id: 'e41a7f08-36d9-4c85-9f2b-d8c05b6a1e97',
    backupWord: 't6v3n5c',
    createdDaysAgo: 1130,
    modifiedDaysAgo: 610,
    properties: {
      displayName: 'legacy-crm',
      postgresVersion: '14',
      location: 'gb/lhr',
      instances: 2,
      cores: 4,
      ram: 8192,
      storageSize: 102_400,
      storageType: 'HDD',
      connections: [{ datacenterId: '0a8d6c1f-5b92-4e7a-8c43-f6e20d917b35', lanId: '1', cidr: '172.16.20.5/22' }],
      maintenanceWindow: { time: '22:00:00', dayOfTheWeek: 'Friday' },
      connectionPooler: { enabled: false, poolMode: 'transaction' },
    },
    content: [
      { name: 'crm_owner', daysAgo: 1130 },
      { name: 'crm', owner: 'crm_owner', daysAgo: 1130 },
      { name: 'helpdesk', daysAgo: 700, maker: 'sql' },
      { name: 'tickets', owner: 'helpdesk', daysAgo: 700, maker: 'sql' },
    ],
  },
];

export function addExamples(clusters: Clusters, now: number): void {
  const daysAgo = (days: number) => now - days * DAY;
  for (const { createdDaysAgo, modifiedDaysAgo, properties, content, ...ids } of EXAMPLES) {
    clusters.add(properties, {
      ...ids,
      createdAt: daysAgo(createdDaysAgo),
      modifiedAt: modifiedDaysAgo === undefined ? undefined : daysAgo(modifiedDaysAgo),
      contents: growth(content, daysAgo),
    });
  }
}

function growth(made: Made[], timeOf: (daysAgo: number) => number): Timeline<Content> {
  let content = EMPTY;
  return made.map(({ name, owner, daysAgo, maker = 'account' }) => {
    const one = { name, maker, createdAt: timeOf(daysAgo) };
    const { users, databases } = content;
    content = owner ? { users, databases: [...databases, { ...one, owner }] } : { databases, users: [...users, one] };
    return [one.createdAt, content];
  });
}
