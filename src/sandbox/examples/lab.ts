import type { Examples } from '../examples.ts';

/** Smaller than the other, with little room in its quota, and a tenth cheaper. */
export const lab: Examples = {
  clusters: [
    {
      id: '1e9b5c37-4d80-4a26-b7f3-6c0d2a8e9514',
      backupWord: 'm5r8y2h',
      createdDaysAgo: 200,
      modifiedDaysAgo: 60,
      properties: {
        displayName: 'wiki',
        postgresVersion: '17',
        location: 'de/fra',
        instances: 1,
        cores: 2,
        ram: 4096,
        storageSize: 20_480,
        storageType: 'SSD Standard',
        connections: [{ datacenterId: 'f2c84a61-7d39-4be5-8a10-3e5d9b7c6042', lanId: '2', cidr: '10.61.2.10/24' }],
        maintenanceWindow: { time: '03:00:00', dayOfTheWeek: 'Saturday' },
      },
      content: [
        { name: 'wiki_owner', daysAgo: 200 },
        { name: 'wiki', owner: 'wiki_owner', daysAgo: 200 },
        { name: 'readers', daysAgo: 30, maker: 'sql' },
      ],
    },
    {
      id: '94d7e0b2-5a1c-4f68-9e3d-b82f7c41a06d',
      backupWord: 'z9c3k6p',
      createdDaysAgo: 25,
      properties: {
        displayName: 'experiments',
        postgresVersion: '15',
        location: 'de/fra',
        instances: 2,
        cores: 4,
        ram: 8192,
        storageSize: 51_200,
        storageType: 'SSD Premium',
        connections: [{ datacenterId: 'f2c84a61-7d39-4be5-8a10-3e5d9b7c6042', lanId: '3', cidr: '10.61.3.10/24' }],
        maintenanceWindow: { time: '05:15:00', dayOfTheWeek: 'Monday' },
      },
      content: [
        { name: 'lab_owner', daysAgo: 25 },
        { name: 'runs', owner: 'lab_owner', daysAgo: 25 },
        { name: 'notebooks', owner: 'lab_owner', daysAgo: 4 },
      ],
    },
  ],
  v2Clusters: [
    {
      id: '8f3a6d15-c07e-4b94-a258-d1e6b9f07c43',
      region: 'fr-par',
      createdDaysAgo: 75,
      properties: {
        name: 'measurements',
        description: 'Readings of the weather stations',
        instances: { count: 1, cores: 2, ram: 8, storageSize: 50 },
        connection: {
          datacenterId: '5b09d7e4-2c6f-4183-b9a5-80e3f1d4c72a',
          lanId: '1',
          primaryInstanceAddress: '10.62.1.10/24',
        },
        backup: { location: 'eu-central-4', retentionDays: 7 },
      },
    },
  ],
  datacenters: [
    {
      id: 'f2c84a61-7d39-4be5-8a10-3e5d9b7c6042',
      name: 'campus',
      location: 'de/fra',
      lans: [
        { id: '1', name: 'internet', ips: ['203.0.113.81'] },
        { id: '2', name: 'tools', block: '10.61.2.0/24', ips: ['10.61.2.21', '10.61.2.22'] },
        { id: '3', name: 'simulations', block: '10.61.3.0/24', ips: ['10.61.3.21'] },
      ],
    },
    {
      id: '5b09d7e4-2c6f-4183-b9a5-80e3f1d4c72a',
      name: 'field',
      location: 'fr/par',
      lans: [{ id: '1', name: 'stations', block: '10.62.1.0/24', ips: ['10.62.1.21'] }],
    },
    {
      id: 'c61e8f02-94b7-4d5a-8370-2a9fd4e5b138',
      name: 'annex',
      location: 'es/vit',
      lans: [{ id: '1', name: 'spare', block: '10.63.1.0/24', ips: [] }],
    },
  ],
  prices: {
    elsewhere: ['0.045', '0.0072', '0.054', '0.081', '0.162', '0.135'],
    us: ['0.05625', '0.009', '0.0675', '0.10125', '0.2025', '0.16875'],
  },
  quota: { cores: 16, ram: 65_536, storageSize: 1_048_576, clusters: 5 },
};
