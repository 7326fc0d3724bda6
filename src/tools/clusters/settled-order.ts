import { isDeepStrictEqual } from 'node:util';
import type * as z from 'zod';
import type { OfferedVersions } from '../../api/generations/port.ts';
import type { Ordering } from '../../api/generations/writing/port.ts';
import type { Recovery, Wish } from '../../api/generations/writing/wish.ts';
import { InputError } from '../../errors.ts';
import { withoutUndefined } from '../../text/json.ts';
import { readCluster } from '../finding/cluster-reads.ts';
import { clusterNamed } from '../finding/named-cluster.ts';
import type { PlaceDoubt } from '../places/doubt.ts';
import { type CheckedPlace, checkPlace } from '../places/place.ts';
import { type NamedCluster, namedCluster, type Order } from '../plans/facts.ts';
import { activeIn, backupsOf, type KnownBackup } from '../plans/recovery.ts';
import { readBackup } from '../schemas/backup.ts';
import { type Cluster, nameOf } from '../schemas/cluster.ts';
import { instanceProblems } from '../schemas/cluster-properties.ts';
import type { Context } from '../tool.ts';
import { notOffered } from '../versions/versions.ts';
import { type GivenOrder, orderArguments } from './order-arguments.ts';

/** Those of IONOS's own command line, as is the rest but for the kind of storage. */
export const SIZE_DEFAULTS = { instances: 1, cores: 2, ram: 4096, storageSize: 20_480 } as const;

const DEFAULTS = { ...SIZE_DEFAULTS, synchronizationMode: 'ASYNCHRONOUS' } as const;

/** What a cluster is filled from. */
interface Content extends KnownBackup {
  recovery: Recovery;
}

/** An order with all its values. */
export interface SettledOrder {
  ordering: Ordering;
  order: Order & { connections: CheckedPlace['connection'][] };
  content?: Content;
  supportStatus?: string;
  /** Names of values that were chosen here, and of those that come from the copied cluster. */
  preset: string[];
  copied?: { from: NamedCluster; properties: string[]; left: string[]; unfit: string[] };
  doubts: readonly PlaceDoubt[];
  /** Arguments that the call left open. */
  arguments: Record<string, unknown>;
}

/** Fills in what a call leaves open. Throws InputError for what cannot be ordered like that. */
export async function settleOrder(given: GivenOrder, context: Context): Promise<SettledOrder> {
  const { api, copyOf, credentials, fromBackup, ...said } = given;
  const source = copyOf === undefined ? undefined : await copiedCluster(copyOf, context);
  const { copy, unfit } = copyable(source?.properties);
  const content = fromBackup && (await contentOf(fromBackup, source, context));
  const place = await placeOf(said, copy, context);
  const location = said.location ?? fitting(ARGUMENTS.location, place.location) ?? copy.location;
  if (location === undefined) {
    throw new InputError(['location: is needed, because the data center could not be read']);
  }
  const ordering = context.clusters.ordering({ api: api ?? apiFor(content, source), location });
  const copied = source && ordering.api === apiOf(source) ? copy : portable(copy);
  const base = { ...DEFAULTS, ...copied, ...withoutUndefined(said) };
  const offered = await ordering.versions();
  const { postgresVersion = versionFor(content, offered) } = base;
  const first = { displayName: said.displayName, postgresVersion, location };
  const whole = { ...first, ...base, ...first, connections: [place.connection], credentials };
  const { credentials: _, ...order } = await completed(ordering, whole, [
    ...(offered.versions.includes(postgresVersion) ? [] : [notOffered(postgresVersion, offered.versions)]),
    ...instanceProblems(whole),
  ]);
  const open = openIn({ ...order, fromBackup: content?.recovery }, given);
  const names = Object.keys(open);
  const isOpen = (name: string) => !Object.hasOwn(said, name);
  const taken = names.filter((name) => isOpen(name) && isCopied(name, order, copied));
  return {
    ...{ ordering, order, content, doubts: place.doubts },
    supportStatus: offered.supportStatus?.[postgresVersion],
    preset: names.filter((name) => !taken.includes(name)).flatMap((name) => chosenOf(name, given)),
    copied: source && {
      ...{ from: namedCluster(source), properties: taken.concat(isPlaceCopied(said, copy) ? ['connections'] : []) },
      left: Object.keys(copy).filter((name) => !Object.hasOwn(copied, name) && isOpen(name)),
      unfit: unfit.filter(isOpen),
    },
    arguments: { ...open, ...(api === undefined && ordering.api === 'v2' && { api: 'v2' }) },
  };
}

/** Values that the call has not, or not like this. */
function openIn(order: Readonly<Record<string, unknown>>, given: Readonly<Record<string, unknown>>) {
  const differs = ([name, value]: [string, unknown]) => value !== undefined && !isDeepStrictEqual(given[name], value);
  return Object.fromEntries(Object.entries(order).filter(differs));
}

function isCopied(name: string, order: Readonly<Record<string, unknown>>, copied: Readonly<Record<string, unknown>>) {
  return Object.hasOwn(copied, name) && isDeepStrictEqual(order[name], copied[name]);
}

const isPlaceCopied = (said: Partial<GivenOrder>, copy: Partial<Order>) =>
  said.connections === undefined && copy.connections !== undefined;

/** Of a place the address alone is chosen here, of a backup the one that is meant. */
function chosenOf(name: string, { connections, fromBackup }: GivenOrder): string[] {
  if (name === 'connections') return connections?.[0]?.cidr === undefined ? ['connections[0].cidr'] : [];
  if (name === 'fromBackup') return fromBackup?.backupId === undefined ? ['fromBackup.backupId'] : [];
  return [name];
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

const apiOf = ({ api }: { api?: 'v2' }) => api ?? 'v1';

/** Content comes from the same API, and a copy of what is on v2 keeps more there; otherwise new clusters go where they go. */
const apiFor = (content: Content | undefined, source: Cluster | undefined) =>
  content ? apiOf(content.backup) : source?.api;

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
  'connections',
] as const satisfies readonly (keyof Wish)[];
/** What one generation has and the other has not, or in words of its own. */
const OWN: readonly (keyof Wish)[] = [
  ...([
    'storageType',
    'description',
    'backupLocation',
    'backupRetentionDays',
    'logsEnabled',
    'metricsEnabled',
  ] as const),
];

/** Size, version, network and settings of a cluster, and what of them no order can have; its address stays its own. */
function copyable(properties: NonNullable<Cluster['properties']> = {}) {
  const [{ datacenterId, lanId } = {}] = properties.connections ?? [];
  const present = { ...properties, connections: datacenterId && lanId ? [{ datacenterId, lanId }] : undefined };
  const values = COPIED.map((name) => [name, fitting(ARGUMENTS[name], present[name])] as const);
  const copy: Partial<Order> = withoutUndefined(Object.fromEntries(values));
  return { copy, unfit: COPIED.filter((name) => present[name] !== undefined && copy[name] === undefined) };
}

const { shape: ARGUMENTS } = orderArguments;

/** Characters, as JSON; a plan shows no more of a text. */
const LONGEST_TAKEN = 500;

/** A value of the API as the argument of an order, which a model may have to send back; undefined if it cannot be one. */
function fitting<Argument extends z.ZodType>(argument: Argument, value: unknown): z.output<Argument> | undefined {
  const { data } = argument.safeParse(value);
  return data !== undefined && JSON.stringify(data).length <= LONGEST_TAKEN ? data : undefined;
}

const portable = (copy: Partial<Order>): Partial<Order> =>
  Object.fromEntries(Object.entries(copy).filter(([name]) => !OWN.some((each) => each === name)));

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
  return checkPlace({ datacenterId, lanId, cidr, location }, { order: displayName, at: 'connections[0]' }, context);
}

/** A backup by its ID, or the one that the copied cluster writes to. */
async function contentOf(
  { backupId, ...time }: NonNullable<GivenOrder['fromBackup']>,
  source: Cluster | undefined,
  context: Context,
): Promise<Content> {
  if (backupId !== undefined) {
    return { backup: await readBackup(backupId, AT, context), recovery: { backupId, ...time } };
  }
  if (!source) throw new InputError([`${AT}: is needed, unless copyOf names the cluster to copy`]);
  const siblings = await backupsOf(source.id, context);
  const backup = activeIn(siblings);
  if (backup) return { backup, siblings, recovery: { backupId: backup.id, ...time } };
  throw new InputError([`${AT}: the active backup of ${nameOf(source)} could not be found; see list_backups`]);
}

const AT = 'fromBackup.backupId';

/** Statuses that say that a version is meant for use. */
const READY = ['SUPPORTED', 'RECOMMENDED'];

/** What fills it is upgraded only if somebody wants that, or has to be. */
function versionFor(content: Content | undefined, offered: OfferedVersions): string {
  const { version } = content?.backup.properties ?? {};
  return version !== undefined && offered.versions.includes(version) ? version : newestIn(offered);
}

function newestIn({ versions, supportStatus = {} }: OfferedVersions): string {
  const isReady = (version: string) => READY.includes(supportStatus[version] ?? 'SUPPORTED');
  const ready = versions.filter(isReady);
  return (ready.length > 0 ? ready : versions).toSorted((one, other) => Number(other) - Number(one))[0] ?? '';
}
