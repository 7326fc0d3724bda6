import type { ClusterProperties } from './cluster-properties.ts';
import type { Clusters } from './clusters.ts';

interface Example {
  id: string;
  createdDaysAgo: number;
  modifiedDaysAgo?: number;
  properties: Partial<ClusterProperties>;
}

/** What a new sandbox holds. The IDs are fixed, so that documentation can name them. */
const EXAMPLES: Example[] = [
  {
    id: 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041',
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
  },
  {
    id: '7c9e2d54-8b1f-4a63-b0d7-5e3f19a8c462',
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
  },
  {
    id: 'e41a7f08-36d9-4c85-9f2b-d8c05b6a1e97',
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
      connectionPooler: { enabled: false, poolMode: '' },
    },
  },
];

export function addExamples(clusters: Clusters, now: number): void {
  const daysAgo = (days: number) => now - days * 86_400_000;
  for (const { id, createdDaysAgo, modifiedDaysAgo, properties } of EXAMPLES) {
    clusters.add(properties, {
      id,
      createdAt: daysAgo(createdDaysAgo),
      modifiedAt: modifiedDaysAgo === undefined ? undefined : daysAgo(modifiedDaysAgo),
    });
  }
}
