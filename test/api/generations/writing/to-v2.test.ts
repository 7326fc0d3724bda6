import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toV1Cluster } from '../../../../src/api/generations/translation.ts';
import { changedProperties, toV2Properties } from '../../../../src/api/generations/writing/to-v2.ts';
import type { Wish } from '../../../../src/api/generations/writing/wish.ts';

const text = fc.string({ minLength: 1, maxLength: 40 });
const amount = fc.integer({ min: 1, max: 4096 });
const megabytes = amount.map((gb) => gb * 1024);

const order = fc.record(
  {
    displayName: text,
    description: text,
    postgresVersion: text,
    instances: amount,
    cores: amount,
    ram: megabytes,
    storageSize: megabytes,
    connections: fc.array(fc.record({ datacenterId: fc.uuid(), lanId: text, cidr: text }), {
      minLength: 1,
      maxLength: 1,
    }),
    synchronizationMode: fc.constantFrom('ASYNCHRONOUS', 'STRICTLY_SYNCHRONOUS'),
    connectionPooler: fc.oneof(
      fc.constant({ enabled: false }),
      fc.record({ enabled: fc.constant(true), poolMode: fc.constantFrom('transaction', 'session') }),
    ),
    maintenanceWindow: fc.record({ time: text, dayOfTheWeek: text }),
    backupLocation: text,
    backupRetentionDays: amount,
    logsEnabled: fc.boolean(),
    metricsEnabled: fc.boolean(),
  },
  { noNullPrototype: true },
);
const change: fc.Arbitrary<Wish> = fc.record(
  {
    displayName: text,
    cores: amount,
    ram: megabytes,
    storageSize: megabytes,
    backupRetentionDays: amount,
    logsEnabled: fc.boolean(),
    connectionPooler: fc.constantFrom<NonNullable<Wish['connectionPooler']>>({ enabled: true }, { enabled: false }),
    maintenanceWindow: fc.record({ time: text }, { requiredKeys: [], noNullPrototype: true }),
  },
  { requiredKeys: [], noNullPrototype: true },
);
const unknownFields = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 12 }).map((name) => `x${name}`),
  fc.jsonValue(),
  { noNullPrototype: true, maxKeys: 4 },
);

const shownOf = (properties: object) => toV1Cluster({ id: 'any', metadata: {}, properties }).properties;

describe('what is wanted in the words of v1', () => {
  test('is all there when v2 shows it', () => {
    fc.assert(
      fc.property(order, (wish) => {
        expect(shownOf(toV2Properties(wish))).toEqual(wish);
      }),
    );
  });

  test('replaces what it names, and keeps all else of the cluster, known or not', () => {
    fc.assert(
      fc.property(order, unknownFields, change, (wish, unknown, wanted) => {
        const present = { ...unknown, ...toV2Properties(wish) };

        const changed = changedProperties(present, wanted);

        for (const [name, value] of Object.entries(unknown)) expect(changed[name]).toEqual(value);
        const window = { ...wish.maintenanceWindow, ...wanted.maintenanceWindow };
        expect(shownOf(changed)).toMatchObject({
          ...wish,
          ...wanted,
          maintenanceWindow: window,
          connectionPooler: pooler(wish, wanted),
        });
        expect(changedProperties(changed, wanted)).toEqual(changed);
      }),
    );
  });

  function pooler({ connectionPooler: present }: Wish, { connectionPooler: wanted }: Wish) {
    if (wanted === undefined) return present;
    if (wanted.enabled === false) return { enabled: false };
    return { enabled: true, poolMode: present?.poolMode ?? 'transaction' };
  }

  test('never sends back what a reply shows of a restore, or of the user', () => {
    const present = {
      name: 'shop',
      restoreFromBackup: { recoveryTargetDatetime: '2026-11-01T00:00:00Z' },
      credentials: { username: 'app', database: 'app' },
    };

    expect(changedProperties(present, { cores: 4 })).toEqual({ name: 'shop', instances: { cores: 4 } });
    expect(changedProperties(present, { credentials: { username: 'app', password: 'x', database: 'y' } })).toEqual({
      name: 'shop',
      credentials: { username: 'app', password: 'x', database: 'y' },
    });
  });
});
