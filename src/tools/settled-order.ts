import { isDeepStrictEqual } from 'node:util';
import type { OfferedVersions } from '../api/generations/port.ts';
import type { Ordering } from '../api/generations/writing/port.ts';
import type { Wish } from '../api/generations/writing/wish.ts';
import { InputError } from '../errors.ts';
import { clusterNamed } from './named-cluster.ts';
import type { GivenOrder } from './order-arguments.ts';
import type { PlaceDoubt } from './places/doubt.ts';
import { type CheckedPlace, checkPlace } from './places/place.ts';
import { takerOf } from './places/take-address.ts';
import { type NamedCluster, namedCluster, type Order } from './plans/facts.ts';
import { activeIn, backupsOf } from './plans/recovery.ts';
import { readBackup } from './schemas/backup.ts';
import { type Cluster, nameOf, readCluster } from './schemas/cluster.ts';
import type { Context } from './tool.ts';
import { notOffered } from './versions.ts';

/** Those of IONOS's own command line, but for the kind of storage. */
const DEFAULTS = {
  instances: 1,
  cores: 2,
  ram: 4096,
  storageSize: 20_480,
  synchronizationMode: 'ASYNCHRONOUS',
} as const;

type FromBackup = { backupId: string; recoveryTargetTime?: string };

/** An order with all its values. */
export interface SettledOrder {
  ordering: Ordering;
  order: Order & { connections: CheckedPlace['connection'][] };
  fromBackup?: FromBackup;
  supportStatus?: string;
  /** Names of values that were chosen here, and of those that come from the copied cluster. */
  preset: string[];
  copied?: { from: NamedCluster; properties: string[]; left: string[] };
  doubts: readonly PlaceDoubt[];
  /** Arguments that the call left open. */
  arguments: Record<string, unknown>;
}

/** Fills in what a call leaves open. Throws InputError for what cannot be ordered like that. */
export async function settleOrder(given: GivenOrder, context: Context): Promise<SettledOrder> {
  const { api, copyOf, credentials, fromBackup, ...said } = given;
  const source = copyOf === undefined ? undefined : await copiedCluster(copyOf, context);
  const copy: Partial<Order> = source ? copyable(source) : {};
  const place = await placeOf(said, copy, context);
  const location = said.location ?? place.location ?? copy.location;
  if (location === undefined) {
    throw new InputError(['location: is needed, because the data center could not be read']);
  }
  const ordering = context.clusters.ordering({
    api: api ?? (await apiOfContent(fromBackup, source, context)),
    location,
  });
  const copied = source && isOfSame(ordering, source) ? copy : portable(copy);
  const base = { ...DEFAULTS, ...copied, ...defined(said), displayName: said.displayName };
  const [offered, backup] = await Promise.all([
    ordering.versions(),
    fromBackup && backupFor(fromBackup, source, context),
  ]);
  const { postgresVersion = newestIn(offered) } = base;
  const first = { displayName: said.displayName, postgresVersion, location };
  const problems = offered.versions.includes(postgresVersion) ? [] : [notOffered(postgresVersion, offered.versions)];
  const { credentials: _, ...order } = await completed(
    ordering,
    { ...first, ...base, ...first, connections: [place.connection], credentials },
    problems,
  );
  const open = Object.entries({ ...order, fromBackup: backup }).filter(
    ([name, value]) => value !== undefined && !isDeepStrictEqual(given[name as keyof GivenOrder], value),
  );
  const names = open.map(([name]) => name);
  const values: Record<string, unknown> = { ...order };
  const isCopied = (name: string) =>
    Object.hasOwn(copied ?? {}, name) && isDeepStrictEqual(values[name], Object(copied)[name]);
  const fromCopy = names.filter((name) => isCopied(name) && !Object.hasOwn(said, name));
  return {
    ...{ ordering, order, fromBackup: backup, doubts: place.doubts },
    supportStatus: offered.supportStatus?.[postgresVersion],
    preset: names.filter((name) => !fromCopy.includes(name)),
    copied: source && {
      ...{ from: namedCluster(source), properties: fromCopy },
      left: Object.keys(copy).filter((name) => !Object.hasOwn(copied ?? {}, name) && !Object.hasOwn(said, name)),
    },
    arguments: { ...Object.fromEntries(open), ...(api === undefined && ordering.api === 'v2' && { api: 'v2' }) },
  };
}

/** Throws InputError with these problems as well. */
async function completed<Whole extends Wish>(ordering: Ordering, order: Whole, problems: readonly string[]) {
  const whole = await ordering.complete(order).catch((error: unknown) => {
    throw error instanceof InputError ? new InputError([...error.problems, ...problems]) : error;
  });
  if (problems.length > 0) throw new InputError(problems);
  return whole;
}

/** Of a name, the one cluster that has it. */
async function copiedCluster(copyOf: string, context: Context): Promise<Cluster> {
  const named = await clusterNamed(copyOf, { access: 'write', at: 'copyOf' }, context);
  return readCluster(named?.id ?? copyOf, context);
}

/** Content comes from the same API, and a copy of what is on v2 keeps more there; otherwise new clusters go where they go. */
async function apiOfContent(fromBackup: GivenOrder['fromBackup'], source: Cluster | undefined, context: Context) {
  const { backupId } = fromBackup ?? {};
  if (backupId !== undefined) return (await readBackup(backupId, 'fromBackup.backupId', context)).api ?? 'v1';
  if (source === undefined) return undefined;
  return fromBackup ? apiOf(source) : source.api;
}

const apiOf = ({ api }: Cluster) => api ?? 'v1';
const isOfSame = ({ api }: Ordering, source: Cluster) => api === apiOf(source);

function defined<Values extends object>(values: Values): Partial<Values> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<Values>;
}

const COPIED = [
  'postgresVersion',
  'location',
  'instances',
  'cores',
  'ram',
  'storageSize',
  'storageType',
  'synchronizationMode',
  'maintenanceWindow',
  'connectionPooler',
  'backupLocation',
  'description',
  'backupRetentionDays',
  'logsEnabled',
  'metricsEnabled',
] as const;
/** What one generation has and the other has not, or in words of its own. */
const OWN = ['storageType', 'description', 'backupLocation', 'backupRetentionDays', 'logsEnabled', 'metricsEnabled'];

/** Size, version, network and settings of a cluster; its address stays its own. */
function copyable({ properties = {} }: Cluster): Partial<Order> {
  const [{ datacenterId, lanId } = {}] = properties.connections ?? [];
  const values = Object.fromEntries(COPIED.map((name) => [name, properties[name]]));
  return { ...defined(values), ...(datacenterId && lanId && { connections: [{ datacenterId, lanId }] }) };
}

const portable = (copy: Partial<Order>): Partial<Order> =>
  Object.fromEntries(Object.entries(copy).filter(([name]) => !OWN.includes(name)));

async function placeOf(
  { displayName, connections, location }: Pick<GivenOrder, 'displayName' | 'connections' | 'location'>,
  copy: Partial<Order>,
  context: Context,
): Promise<CheckedPlace> {
  const [wanted] = connections ?? copy.connections ?? [];
  const { datacenterId, lanId, cidr } = wanted ?? {};
  if (datacenterId === undefined || lanId === undefined) {
    throw new InputError([
      'connections: is needed: the data center and LAN to attach it to, from list_network_options',
    ]);
  }
  const taker = takerOf({ datacenterId, lanId }, displayName);
  return checkPlace({ datacenterId, lanId, cidr, location }, { taker, at: 'connections[0]' }, context);
}

/** A backup by its ID, or the one that the copied cluster writes to. */
async function backupFor(
  { backupId, recoveryTargetTime }: NonNullable<GivenOrder['fromBackup']>,
  source: Cluster | undefined,
  context: Context,
): Promise<FromBackup> {
  const time = recoveryTargetTime === undefined ? {} : { recoveryTargetTime };
  if (backupId !== undefined) return { backupId, ...time };
  if (!source) throw new InputError(['fromBackup.backupId: is needed, unless copyOf names the cluster to copy']);
  const active = activeIn(await backupsOf(source.id, context));
  if (active) return { backupId: active.id, ...time };
  throw new InputError([
    `fromBackup.backupId: the active backup of ${nameOf(source)} could not be found; see list_backups`,
  ]);
}

/** Statuses that say that a version is meant for use. */
const READY = ['SUPPORTED', 'RECOMMENDED'];

function newestIn({ versions, supportStatus = {} }: OfferedVersions): string {
  const isReady = (version: string) => READY.includes(supportStatus[version] ?? 'SUPPORTED');
  const ready = versions.filter(isReady);
  return (ready.length > 0 ? ready : versions).toSorted((one, other) => Number(other) - Number(one))[0] ?? '';
}
