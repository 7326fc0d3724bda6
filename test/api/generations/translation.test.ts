import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toV1Backup, toV1Cluster } from '../../../src/api/generations/translation.ts';
import { cluster, wholeCluster } from '../../../src/tools/schemas/cluster.ts';

const text = fc.string({ minLength: 1, maxLength: 40 });
const amount = fc.integer({ min: 1, max: 4096 });
const cluster2 = fc.record({
  id: fc.uuid(),
  metadata: fc.record({
    state: fc.constantFrom('PROVISIONING', 'UPDATING', 'AVAILABLE', 'DESTROYING', 'FAILED', 'NEW'),
  }),
  properties: fc.record({
    name: text,
    version: text,
    instances: fc.record({ count: amount, cores: amount, ram: amount, storageSize: amount }),
    connection: fc.record({ datacenterId: fc.uuid(), lanId: text, primaryInstanceAddress: text }),
    replicationMode: fc.constantFrom('ASYNCHRONOUS', 'STRICTLY_SYNCHRONOUS'),
    connectionPooler: fc.constantFrom('DISABLED', 'TRANSACTION', 'SESSION'),
    backup: fc.record({ location: text, retentionDays: amount }),
  }),
});

describe('a cluster of v2 in the shape of v1', () => {
  test('has each of its values, in the units of v1', () => {
    fc.assert(
      fc.property(cluster2, ({ id, metadata, properties }) => {
        const { name, version, instances, connection, replicationMode, connectionPooler, backup } = properties;
        const shown = wholeCluster.parse(toV1Cluster({ id, metadata, properties }, 'de-fra'));

        expect(shown).toMatchObject({
          id,
          api: 'v2',
          metadata: { state: /ING$/.test(metadata.state) && metadata.state !== 'DESTROYING' ? 'BUSY' : metadata.state },
          properties: {
            displayName: name,
            postgresVersion: version,
            location: 'de/fra',
            instances: instances.count,
            cores: instances.cores,
            ram: instances.ram * 1024,
            storageSize: instances.storageSize * 1024,
            connections: [
              {
                datacenterId: connection.datacenterId,
                lanId: connection.lanId,
                cidr: connection.primaryInstanceAddress,
              },
            ],
            synchronizationMode: replicationMode,
            connectionPooler:
              connectionPooler === 'DISABLED'
                ? { enabled: false }
                : { enabled: true, poolMode: connectionPooler.toLowerCase() },
            backupLocation: backup.location,
            backupRetentionDays: backup.retentionDays,
          },
        });
      }),
    );
  });

  test('is readable whatever stands in the place of its fields', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.uuid(), (metadata, properties, id) => {
        expect(cluster.parse(toV1Cluster({ id, metadata, properties }))).toMatchObject({ id, api: 'v2' });
      }),
    );
  });

  test('that is no object has no ID', () => {
    for (const odd of [null, 7, 'text', [], undefined]) {
      expect(toV1Cluster(odd).id).toBeUndefined();
      expect(toV1Backup(odd).id).toBeUndefined();
    }
  });

  test.each([
    ['pg-1.postgresql.us-las.ionos.com', 'us/las'],
    ['pg-1.example', undefined],
    [7, undefined],
  ])('at an address for all regions is where its host name %j says', (dnsName, location) => {
    expect(toV1Cluster({ id: 'x', metadata: { dnsName } }).properties).toEqual({
      dnsName,
      ...(location !== undefined && { location }),
    });
  });

  test('of the older shape has its backup location', () => {
    expect(toV1Cluster({ id: 'x', properties: { backupLocation: 'de' } }).properties).toEqual({ backupLocation: 'de' });
  });
});
