import fc from 'fast-check';
import { order } from '../orders.ts';
import { byName, type Content, DAY_MS, isListed } from './model.ts';
import type { World } from './world.ts';

/** One out of what there is when its turn comes, or one that is none any more, or never was. */
interface Pick {
  nth: number;
  odd: 'no' | 'gone' | 'unknown';
}

/** The second once in so many times. */
export const rarely = <T, U>(usual: fc.Arbitrary<T>, rare: fc.Arbitrary<U>, weight = 30): fc.Arbitrary<T | U> =>
  fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: rare });

export const optional = <T>(arbitrary: fc.Arbitrary<T>) => rarely(fc.constant(undefined), arbitrary, 2);

const odd = rarely(fc.constant('no' as const), fc.constantFrom('gone' as const, 'unknown' as const), 14);
export const pick: fc.Arbitrary<Pick> = fc.record({ nth: fc.nat(5), odd });

const UNKNOWN = '00000000-0000-4000-8000-000000000000';

const at = <T>(list: readonly T[], nth: number): T | undefined => list[nth % Math.max(list.length, 1)];

/** The newest first, as in all that follow. */
export function clusterOf({ account }: World, { nth, odd }: Pick): string {
  if (odd === 'unknown') return UNKNOWN;
  const isOver = ({ goneAt }: { goneAt: number }) => goneAt < Infinity;
  const found = account.clusters.filter((cluster) => isOver(cluster) === (odd === 'gone'));
  return at(found.reverse(), nth)?.id ?? UNKNOWN;
}

export function backupOf({ account }: World, { nth, odd }: Pick, ofCluster?: string): string {
  const known = account.backups.filter(({ id }) => id !== undefined).reverse();
  const there = known.filter((backup) => isListed(backup) === (odd !== 'gone'));
  const own = there.filter(({ clusterId }) => clusterId === ofCluster);
  const found = odd === 'unknown' ? undefined : at(own.length > 0 ? own : there, nth);
  return found?.id ?? `${UNKNOWN}-aaaaaaa-16`;
}

export const USERS = ['app', 'App', 'reader', 'ü+b ?#', 'o"neil; --', 'orders_owner'];
export const DATABASES = ['shop', 'Shop', 'a+b', '"x"', 'wiki 2'];
const tooLong = 'n'.repeat(64);
export const username = rarely(
  fc.constantFrom(...USERS),
  fc.constantFrom('postgres', 'ionos_cloud_admin', '', '..', tooLong),
);
export const databaseName = rarely(
  fc.constantFrom(...DATABASES),
  fc.constantFrom('postgres', 'template1', '', tooLong),
);

interface Inside {
  isPresent: boolean;
  nth: number;
  name: string;
}

/** The name of something in a cluster: one that is there, if there is one, or any. */
export const inside = (name: fc.Arbitrary<string>): fc.Arbitrary<Inside> =>
  fc.record({ isPresent: rarely(fc.constant(true), fc.constant(false), 2), nth: fc.nat(5), name });

const nameIn =
  (kind: keyof Content) =>
  ({ account }: World, clusterId: string, { isPresent, nth, name }: Inside): string => {
    const cluster = isPresent ? account.find(clusterId) : undefined;
    const content: { name: string }[] = cluster ? account.content(cluster)[kind] : [];
    return at(byName(content), nth)?.name ?? name;
  };
export const userOf = nameIn('users');
export const databaseOf = nameIn('databases');

const letters = fc.array(fc.constantFrom(...'abcXYZ019!"#$%&/\\ üß'), { minLength: 12, maxLength: 30 });

/** A password that is given, named, or left to the server; now and then none that can be. */
export const secret: fc.Arbitrary<{ password?: string; passwordEnv?: string }> = fc.oneof(
  { weight: 8, arbitrary: fc.constant({}) },
  { weight: 10, arbitrary: letters.map((some) => ({ password: `pw~${some.join('')}` })) },
  { weight: 4, arbitrary: fc.constant({ passwordEnv: 'APP_PASSWORD' }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<{ password?: string; passwordEnv?: string }>(
      { password: 'pw~short' },
      { passwordEnv: 'HOME' },
      { password: 'pw~and a name', passwordEnv: 'APP_PASSWORD' },
    ),
  },
);

type Moment = { nth: number; by: number } | number | undefined;

/** Up to when a backup is replayed: to its end, around a change, or so many milliseconds from now. */
export const moment: fc.Arbitrary<Moment> = fc.oneof(
  fc.constant(undefined),
  fc.record({ nth: fc.nat(3), by: fc.constantFrom(0, 1) }),
  fc.record({ nth: fc.nat(9), by: fc.constantFrom(-1, 0, 1, 400, 4_000, -DAY_MS) }),
  fc.constantFrom(1_000, -3_000, -4 * DAY_MS, -8 * DAY_MS),
);

export function recoveryOf({ account }: World, backupId: string, when: Moment) {
  if (when === undefined) return { backupId };
  const { contents = [] } = account.backups.find(({ id }) => id === backupId) ?? {};
  const now = Date.now();
  const [since] = typeof when === 'number' ? [] : (at(contents.toReversed(), when.nth) ?? []);
  const time = typeof when === 'number' ? now + when : (since ?? now) + when.by;
  return { backupId, recoveryTargetTime: new Date(time).toISOString() };
}

const [connection] = order.connections;
const connections = rarely(
  fc.constantFrom([connection], [{ ...connection, cidr: '192.168.1.7/24' }], [{ ...connection, lanId: '7' }]),
  fc.constantFrom([], [{ ...connection, cidr: '10.233.1.5/24' }]),
);

export const wait = rarely(fc.constant(undefined), fc.constantFrom(0, 2, 12), 4);

const properties = {
  displayName: rarely(fc.constantFrom('shop', 'Shop', 'a b/ü'), fc.constant('')),
  postgresVersion: rarely(fc.constantFrom('14', '15', '16', '17'), fc.constantFrom('9', '18')),
  instances: rarely(fc.integer({ min: 1, max: 5 }), fc.constantFrom(0, 6)),
  cores: rarely(fc.integer({ min: 1, max: 4 }), fc.constant(0)),
  ram: rarely(fc.constantFrom(4096, 8192), fc.constantFrom(2048, 4000, 1024)),
  storageSize: rarely(fc.constantFrom(20_480, 40_960, 60_000), fc.constant(100)),
  connections,
  synchronizationMode: rarely(fc.constant('ASYNCHRONOUS'), fc.constant('STRICTLY_SYNCHRONOUS'), 5),
};
const settings = {
  maintenanceWindow: fc.constantFrom(
    { time: '03:30', dayOfTheWeek: 'Monday' },
    { time: '12:15:19', dayOfTheWeek: 'Friday' },
  ),
  connectionPooler: fc.constantFrom(
    { enabled: true },
    { poolMode: 'session' },
    { enabled: false, poolMode: 'transaction' },
  ),
};

/** A change of one property or of a few. */
export const change = fc
  .record({ ...properties, ...settings })
  .chain((all) => fc.subarray(Object.entries(all), { maxLength: 3 }))
  .map((some) => Object.fromEntries(some));

/** Sizes that any cluster can have, except that storage only grows. */
export const sizes = fc
  .record({
    instances: fc.integer({ min: 1, max: 5 }),
    cores: fc.integer({ min: 1, max: 8 }),
    ram: fc.constantFrom(4096, 8192, 12_288, 16_384),
    storageSize: fc.constantFrom(40_960, 60_000),
  })
  .chain((all) => fc.shuffledSubarray(Object.entries(all), { minLength: 1, maxLength: 3 }))
  .map((some) => Object.fromEntries(some));

/** An order, without the backup and the first user. */
export const orders = fc.record({
  ...properties,
  location: fc.constantFrom('de/txl', 'de/fra', 'de/fra/2'),
  storageType: fc.constantFrom('HDD', 'SSD', 'SSD Standard', 'SSD Premium'),
  maintenanceWindow: optional(settings.maintenanceWindow),
  connectionPooler: optional(settings.connectionPooler),
  allowDuplicate: rarely(fc.constant(undefined), fc.boolean(), 1),
  wait,
});
