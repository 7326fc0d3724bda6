import type { Result } from '../open.ts';

/** The time on every screenshot. */
export const NOW = '2026-11-27T14:30:00Z';

const CREATED = '2025-10-13T08:15:00Z';
const BY = 'sandbox@example.com';
export const SANDBOX = 'Sandbox: no real cluster was touched.';

const text = (words: string): Result['content'] => [{ type: 'text', text: words }];
export const failing = (words: string): Result => ({ isError: true, content: text(words) });
export const data = (structuredContent: Record<string, unknown>): Result => ({ structuredContent });

const properties = {
  displayName: 'analytics-prod',
  postgresVersion: '15',
  location: 'de/fra',
  instances: 3,
  cores: 8,
  ram: 32_768,
  storageSize: 512_000,
  storageType: 'SSD Standard',
  dnsName: 'pg-7c9e2d548b1f4a63.postgresql.de-fra.ionos.com',
  connections: [{ datacenterId: 'd41f7a90-2e6b-4c35-97d8-0b5a1c3e8f27', lanId: '4', cidr: '10.7.222.10/24' }],
  synchronizationMode: 'STRICTLY_SYNCHRONOUS',
  connectionPooler: { enabled: true, poolMode: 'session' },
  maintenanceWindow: { time: '02:30:00 UTC', dayOfTheWeek: 'Sunday' },
  backupLocation: 'de',
};

export const analytics = {
  id: '7c9e2d54-8b1f-4a63-b0d7-5e3f19a8c462',
  metadata: {
    state: 'AVAILABLE',
    createdDate: CREATED,
    createdBy: BY,
    lastModifiedDate: '2026-10-23T16:05:00Z',
    lastModifiedBy: BY,
  },
  properties,
};

/** One of which little is known. */
export const orders = (state: string) => ({
  id: '00000000-0000-4000-8000-000000000003',
  metadata: { state },
  properties: { displayName: 'orders', postgresVersion: '16', location: 'de/txl', instances: 1 },
});

const size = { cores: 4, ram: 8_192, storageSize: 102_400 };
const rowOf = (n: number, row: object) => ({ id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`, ...row });
const { id, metadata } = analytics;

/** Those of the sandbox, in each of the states. */
export const clusters = [
  { id, ...metadata, ...properties },
  rowOf(1, { ...size, api: 'v2', state: 'BUSY', displayName: 'inventory', postgresVersion: '17', instances: 2 }),
  rowOf(2, { ...size, state: 'DESTROYING', displayName: 'legacy-crm', postgresVersion: '14', location: 'gb/lhr' }),
  rowOf(3, {
    ...size,
    state: 'FAILED',
    displayName: 'orders',
    postgresVersion: '16',
    location: 'de/txl',
    instances: 1,
  }),
  rowOf(4, { ...size, state: 'DEGRADED', displayName: '<img src=x onerror=alert(1)>', postgresVersion: '16' }),
];

export const manyClusters = Array.from({ length: 300 }, (_, n) => {
  const state = n % 2 === 0 ? 'AVAILABLE' : 'FAILED';
  return rowOf(n, { ...size, state, displayName: `cluster-${n}`, postgresVersion: '16', instances: 2 });
});

const estimateOf = (n: number, per30Days: string) => {
  const { id, displayName, instances, cores, ram, storageSize }: Record<string, unknown> = Object(clusters[n]);
  return { id, displayName, instances, cores, ram, storageSize, per30Days, currency: 'EUR' };
};

export const costs = data({
  estimates: [
    estimateOf(0, '1551.96'),
    estimateOf(1, '410.16'),
    { displayName: 'legacy-crm', per30Days: '392.16', currency: 'EUR', when: 'now' },
    { displayName: 'legacy-crm', per30Days: '+98.64', currency: 'EUR', when: 'difference' },
    { displayName: 'orders', unknown: 'the price list has no price of HDD' },
  ],
  totals: [{ clusters: 4, per30Days: '2354.28', currency: 'EUR' }],
  note: "Estimated, without liability, from the contract's price list of 2026-11-27.",
});

/** What the tools answer that the view calls; the states of clusters never change. */
export const ANSWERS: Record<string, Result> = {
  list_clusters: data({ clusters }),
  estimate_cost: costs,
  list_postgres_versions: data({
    endOfCommunitySupport: { 14: '2026-11-12', 15: '2027-11-11', 16: '2028-11-09', 17: '2029-11-08' },
  }),
  list_cluster_backups: data({
    now: NOW,
    backups: [
      {
        ...{ id: 'backup-15', version: '15', location: 'de', size: 54_480, createdDate: '2026-11-20T09:00:00Z' },
        ...{ isActive: true, earliestRecoveryTargetTime: '2026-11-20T09:30:00Z' },
      },
      {
        ...{ id: 'backup-14', version: '14', location: 'de', size: 51_200, createdDate: CREATED },
        ...{ isActive: false, earliestRecoveryTargetTime: '2026-11-13T09:30:00Z', end: '2026-11-20T09:00:00Z' },
      },
    ],
  }),
  list_users: data({
    users: [
      { username: 'analytics_owner', createdDate: CREATED },
      { username: 'dashboards', createdDate: '2026-11-07T11:00:00Z' },
    ],
  }),
  list_databases: data({ databases: [{ name: 'warehouse', owner: 'analytics_owner', createdDate: CREATED }] }),
  get_cluster_logs: data({
    lines: [
      ['14:07:01', 'LOG:  restartpoint complete: wrote 862 buffers (5.3%); write=86.200 s'],
      ['14:03:25', 'LOG:  checkpoint complete: wrote 3456 buffers (21.1%); write=345.600 s'],
    ].map(([time, message]) => ({ time: `2026-11-27T${time}Z`, instance: 'z4qykff-1', message })),
    more: 'There is more.',
  }),
};

export const OF_ONE_CLUSTER = { ...ANSWERS, estimate_cost: data({ estimates: [estimateOf(0, '1551.96')] }) };

const plan = { summary: 'Change the PostgreSQL cluster "orders".', effects: ['Open connections break.'] };

export const wholePlan = {
  ...plan,
  changes: [
    { property: 'ram', from: 4_096, to: 8_192 },
    { property: 'maintenanceWindow', to: { time: '02:30:00', dayOfTheWeek: 'Sunday' } },
  ],
  effects: [...plan.effects, 'Difference: +23.04 EUR per 30 days.'],
  arguments: { location: 'de/txl' },
};

const offer = { tool: 'update_cluster', arguments: {}, token: 'a-token', isTyped: false, note: SANDBOX };

export const preview = data({ outcome: 'preview', plan, note: `${SANDBOX} Nothing was sent.` });

export const asking = (part: Partial<typeof offer> = {}, about: typeof plan = plan): Result => ({
  structuredContent: { outcome: 'needs_confirmation', plan: about, note: 'Call again with the confirmationToken.' },
  _meta: { 'ionos-postgresql/confirm': { ...offer, ...part } },
});
