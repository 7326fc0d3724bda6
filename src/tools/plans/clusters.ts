import { isDeepStrictEqual } from 'node:util';
import { path } from '../../api/client.ts';
import { InputError } from '../../errors.ts';
import { cut } from '../../text/visible.ts';
import {
  basisOf,
  type Cluster,
  nameOf,
  readCluster,
  refuseUnlessSettled,
  shortened,
  typedFor,
} from '../schemas/cluster.ts';
import { type Sized, warnings } from '../schemas/cluster-properties.ts';
import type { Context } from '../tool.ts';
import { notOffered, readVersions } from '../versions.ts';
import { type Change, demandOn, type Plan, type Size, totalOf } from './plan.ts';
import { wordsForRemaining } from './recovery.ts';

export interface Order extends Sized {
  displayName: string;
  postgresVersion: string;
  location: string;
  instances: number;
  cores: number;
  ram: number;
  storageSize: number;
}

interface OrderContext {
  /** What becomes of the password, where it is not given. */
  password?: string;
  /** What it is filled with, from a backup. */
  filled?: readonly string[];
  /** IDs of the clusters of this name that are there already. */
  namesakes: readonly string[];
  /** What has to be said of one that was ordered lately. */
  twin?: string;
  once?: string;
}

export function planOrder(order: Order, { password, filled = [], namesakes, twin, once }: OrderContext): Plan {
  const { displayName, postgresVersion, location } = order;
  return {
    summary: `Order the PostgreSQL ${postgresVersion} cluster ${shortened(displayName)} in ${shortened(location)}, which costs money until it is deleted.`,
    effects: [describeSize(order), ...filled, password, twin, ...warnings(order)].filter(
      (effect) => effect !== undefined,
    ),
    destructive: false,
    basis: namesakes,
    demand: { verb: 'create', displayName, postgresVersion, location, sizes: { wanted: sizesIn(order) } },
    once,
    namesakes,
  };
}

function sizesIn({ instances, cores, ram, storageSize }: Partial<Size>): Partial<Size> {
  return { instances, cores, ram, storageSize };
}

/** The sizes of each instance and, where there are several, of all together. */
function describeSize(sizes: Partial<Size>): string {
  const all = totalOf(sizes);
  const words = ({ cores, ram, storageSize }: Partial<Size>) =>
    `${cores ?? '?'} cores, ${ram ?? '?'} MB of memory and ${storageSize ?? '?'} MB of storage`;
  const each = `${sizes.instances ?? '?'} × ${words(sizes)}`;
  return all && all.instances > 1 ? `Size: ${each}; in all ${words(all)}.` : `Size: ${each}.`;
}

/** Some of a cluster's properties. */
type Properties = Partial<Order>;

/**
 * What a change would do to the cluster as it is now; undefined where it is like that already. Throws InputError where
 * the live cluster rules a value out, and RefusedError where it takes no changes now.
 */
export async function planChange(
  id: string,
  wanted: Properties,
  context: Context,
): Promise<Plan | { settled: Cluster }> {
  const cluster = await readCluster(id, context);
  const { properties: present = {} } = cluster;
  const changes = changesOf(present, wanted);
  if (changes.length === 0) return { settled: cluster };
  refuseUnlessSettled(cluster);
  const changed = (property: Effect['of'][number]) => changes.some((change) => change.property === property);
  const problems = [
    ...(changed('storageSize') ? storageProblems(present.storageSize, wanted.storageSize) : []),
    ...(changed('postgresVersion')
      ? await versionProblems(id, present.postgresVersion, wanted.postgresVersion, context)
      : []),
  ];
  if (problems.length > 0) throw new InputError(problems);
  const after: Properties = { ...present, ...withoutUndefined(wanted) };
  const effects = EFFECTS.filter(({ of, when }) => of.some((each) => changed(each)) && (!when || when(present, after)));
  return {
    summary: `Change the PostgreSQL cluster ${nameOf(cluster)}.`,
    changes,
    effects: [...effects.map(({ says }) => says), ...sizeEffect(changes, after), ...warnings(wanted, after)],
    destructive: effects.some(({ isGrave }) => isGrave),
    basis: basisOf(cluster),
    demand: {
      verb: 'change',
      cluster: { id: cluster.id, displayName: present.displayName },
      displayName: changed('displayName') ? wanted.displayName : undefined,
      postgresVersion: changed('postgresVersion') ? wanted.postgresVersion : undefined,
      sizes: { present: sizesIn(present), wanted: sizesIn(wanted) },
    },
  };
}

export async function planDeletion(id: string, context: Context): Promise<Plan | { settled: Cluster }> {
  const cluster = await readCluster(id, context);
  const { metadata = {}, properties = {} } = cluster;
  if (metadata.state === 'DESTROYING') return { settled: cluster };
  const { postgresVersion = '(unknown version)', location = 'an unknown place' } = properties;
  const remaining = await wordsForRemaining(id, context);
  const since = metadata.createdDate
    ? `, since ${shortened(metadata.createdDate)}${ageOf(metadata.createdDate, Date.now())}`
    : '';
  return {
    summary: `Delete the PostgreSQL cluster ${nameOf(cluster)} with all its databases, users and data. This cannot be undone.`,
    effects: [
      `PostgreSQL ${shortened(postgresVersion)} in ${shortened(location)}${since}.`,
      describeSize(properties),
      remaining,
    ],
    destructive: true,
    typed: typedFor(cluster),
    basis: basisOf(cluster),
    demand: demandOn(cluster, 'delete'),
  };
}

const DAY_MS = 86_400_000;

function ageOf(date: string, now: number): string {
  const days = Math.floor((now - Date.parse(date)) / DAY_MS);
  if (!(days >= 1)) return '';
  return days === 1 ? ', 1 day ago' : `, ${days} days ago`;
}

/** The properties that would get another value. Of an object only what is given counts. */
function changesOf(present: Cluster['properties'] = {}, wanted: Properties): Change[] {
  const before: Record<string, unknown> = present;
  return Object.entries(wanted)
    .filter(([name, value]) => value !== undefined && !isAlready(before[name], value))
    .map(([property, value]) => ({ property, from: asText(before[property]), to: asText(value) ?? '' }));
}

function isAlready(present: unknown, wanted: unknown): boolean {
  if (!isRecord(present) || !isRecord(wanted)) return isDeepStrictEqual(present, wanted);
  return Object.entries(wanted).every(
    ([name, value]) => value === undefined || isDeepStrictEqual(present[name], value),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const MAX_VALUE = 500;

function asText(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return cut(typeof value === 'string' ? value : JSON.stringify(value), MAX_VALUE);
}

function withoutUndefined(wanted: Properties): Properties {
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
}

function storageProblems(present: number | undefined, wanted: number | undefined): string[] {
  if (present === undefined || wanted === undefined || wanted > present) return [];
  return [`storageSize (${wanted}): can only grow, and the cluster has ${present} MB`];
}

async function versionProblems(
  id: string,
  present: string | undefined,
  wanted = '',
  context: Context,
): Promise<string[]> {
  if (Number(wanted) < Number(present)) {
    return [
      `postgresVersion (${JSON.stringify(wanted)}): is older than ${present}, which the cluster has; a way back is only a new cluster from a backup`,
    ];
  }
  const { versions } = await readVersions(context.api, path`clusters/${id}/versions`);
  if (versions.includes(wanted)) return [];
  return [notOffered(wanted, versions, present)];
}

interface Effect {
  of: readonly (keyof Order)[];
  when?(before: Properties, after: Properties): boolean;
  says: string;
  /** Whether a person has to agree to it. */
  isGrave?: boolean;
}

const firstOf = ({ connections: [first] = [] }: Properties) => first;
const lanOf = (properties: Properties) => {
  const { datacenterId, lanId } = firstOf(properties) ?? {};
  return lanId === undefined ? undefined : `${datacenterId} ${lanId}`;
};
const moves = (before: Properties, after: Properties) => lanOf(before) !== lanOf(after);

/** What IONOS's manual says of each change. */
const EFFECTS: readonly Effect[] = [
  {
    of: ['postgresVersion'],
    says: 'Upgrade to another major version: for good, there is no way back; it takes minutes, and a new backup begins.',
    isGrave: true,
  },
  {
    of: ['connections'],
    when: (_, after) => !firstOf(after),
    says: 'The cluster is detached from its network: nobody reaches its databases until it is attached again.',
    isGrave: true,
  },
  {
    of: ['connections'],
    when: (before, after) => !firstOf(before) && firstOf(after) !== undefined,
    says: 'The cluster is attached to this LAN.',
  },
  {
    of: ['connections'],
    when: (before, after) => firstOf(before) !== undefined && firstOf(after) !== undefined && moves(before, after),
    says: 'The cluster leaves its present LAN: who is there loses the connection. Its DNS name follows the new address, within minutes.',
    isGrave: true,
  },
  {
    of: ['connections'],
    when: (before, after) => firstOf(after) !== undefined && !moves(before, after),
    says: 'The address changes: open connections break. The DNS name follows, within minutes.',
  },
  { of: ['storageSize'], says: 'Storage grows without a stop, and never shrinks again.', isGrave: true },
  {
    of: ['cores', 'ram'],
    says: 'The nodes are replaced, with one switchover: open connections break once.',
  },
  {
    of: ['instances'],
    when: (before, after) => Number(after.instances) < Number(before.instances),
    says: 'Standbys are removed; if it hits the primary there is a switchover, and open connections break once.',
  },
  {
    of: ['synchronizationMode'],
    when: (before, after) => after.synchronizationMode === 'STRICTLY_SYNCHRONOUS' && !(Number(before.instances) >= 3),
    says: 'IONOS advises to scale to 3 instances first, to wait, and to switch the mode after that: with fewer the database can turn read-only.',
  },
];

function sizeEffect(changes: readonly Change[], after: Properties): string[] {
  const sizes = ['instances', 'cores', 'ram', 'storageSize'];
  return changes.some(({ property }) => sizes.includes(property)) ? [describeSize(after)] : [];
}
