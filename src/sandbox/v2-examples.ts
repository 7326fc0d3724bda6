import { DAY } from './times.ts';
import type { V2Clusters } from './v2-clusters.ts';

/** The IDs are fixed because the documentation names them. */
export function addV2Examples(clusters: V2Clusters, now: number): void {
  clusters.add(
    {
      name: 'inventory',
      description: 'Stock of the warehouses',
      instances: { count: 2, cores: 4, ram: 8, storageSize: 100 },
      connection: {
        datacenterId: 'a7c3e9d1-4b26-4f80-9e57-c1d2b3a4f506',
        lanId: '3',
        primaryInstanceAddress: '10.20.30.10/24',
      },
      connectionPooler: 'TRANSACTION',
      backup: { location: 'eu-central-3', retentionDays: 14 },
    },
    { id: '5d7f1c28-9e4a-4b63-a1d0-8c2e6f4b7a15', region: 'de-fra', createdAt: now - 90 * DAY },
  );
  clusters.add(
    {
      name: 'telemetry',
      version: '16',
      instances: { count: 3, cores: 4, ram: 16, storageSize: 250 },
      connection: {
        datacenterId: 'b7d0f3a2-5e14-4c96-9a38-2f6c8e1d4b75',
        lanId: '1',
        primaryInstanceAddress: '10.40.0.10/24',
      },
      replicationMode: 'STRICTLY_SYNCHRONOUS',
      backup: { location: 'us-central-1', retentionDays: 30 },
    },
    { id: 'c2a8e6b4-3f15-4d79-8b0c-d9e1f7a35c62', region: 'us-las', createdAt: now - 40 * DAY },
  );
}
