import { isDeepStrictEqual } from 'node:util';
import { InputError } from '../../errors.ts';
import { isFields } from '../../text/json.ts';
import { basisOf, type Cluster, readCluster, refuseUnlessSettled, typedFor } from '../schemas/cluster.ts';
import { warningsOf } from '../schemas/cluster-properties.ts';
import type { Context } from '../tool.ts';
import { notOffered } from '../versions.ts';
import { effectsOf, interruptionBy, type Properties } from './change-effects.ts';
import { type ChangeFacts, type DeletionFacts, namedCluster, type Order, type OrderFacts, sizeOf } from './facts.ts';
import { demandOn, type Plan } from './plan.ts';
import { backupsOf, wayBackBy } from './recovery.ts';
import { changeWords, deletionWords, orderWords } from './words.ts';

interface OrderContext extends Pick<OrderFacts, 'username' | 'newPassword' | 'filledFrom' | 'lookalike'> {
  namesakes: readonly string[];
  once?: string;
}

/** The service chooses these if they are omitted. */
const CHOSEN = ['backupLocation', 'maintenanceWindow', 'connectionPooler'] as const;

export function planOrder(order: Order, { namesakes, once, ...more }: OrderContext): Plan {
  const { displayName, postgresVersion, location } = order;
  const { filledFrom } = more;
  const source = filledFrom && { id: filledFrom.backup.clusterId };
  const size = sizeOf(order);
  const defaults = CHOSEN.filter((property) => order[property] === undefined);
  const facts: OrderFacts = { kind: 'order', order, size, defaults, ...more, warnings: warningsOf(order) };
  return {
    facts,
    ...orderWords(facts),
    destructive: false,
    basis: namesakes,
    demand: { verb: 'create', source, displayName, postgresVersion, location, sizes: { wanted: size.each } },
    once,
    namesakes,
  };
}

/** Throws InputError if the live cluster rules a value out, and RefusedError if it accepts no changes now. */
export async function planChange(
  id: string,
  wanted: Properties,
  context: Context,
): Promise<Plan | { alreadySo: Cluster }> {
  const cluster = await readCluster(id, context);
  const { properties: present = {} } = cluster;
  const values = changesOf(present, wanted);
  if (values.length === 0) return { alreadySo: cluster };
  refuseUnlessSettled(cluster);
  const changed = values.map(({ property }) => property);
  const problems = [
    ...(changed.includes('storageSize') ? storageProblems(present.storageSize, wanted.storageSize) : []),
    ...(changed.includes('postgresVersion')
      ? await versionProblems(id, present.postgresVersion, wanted.postgresVersion, context)
      : []),
  ];
  if (problems.length > 0) throw new InputError(problems);
  const after: Properties = { ...present, ...withoutUndefined(wanted) };
  const effects = effectsOf(changed, present, after);
  const facts: ChangeFacts = {
    kind: 'change',
    cluster: namedCluster(cluster),
    values,
    effects: effects.map(({ name }) => name),
    interruption: interruptionBy(changed, effects),
    size: SIZES.some((property) => changed.includes(property)) ? sizeOf(after) : undefined,
    warnings: warningsOf(wanted, after),
  };
  return {
    facts,
    ...changeWords(facts),
    destructive: effects.some(({ isGrave }) => isGrave),
    basis: basisOf(cluster),
    demand: {
      verb: 'change',
      cluster: namedCluster(cluster),
      seen: cluster,
      displayName: changed.includes('displayName') ? wanted.displayName : undefined,
      postgresVersion: changed.includes('postgresVersion') ? wanted.postgresVersion : undefined,
      sizes: { present: sizeOf(present).each, wanted: sizeOf(wanted).each },
    },
  };
}

const SIZES = ['instances', 'cores', 'ram', 'storageSize'];

export async function planDeletion(id: string, context: Context): Promise<Plan | { alreadySo: Cluster }> {
  const cluster = await readCluster(id, context);
  const { metadata: { state, createdDate } = {}, properties = {} } = cluster;
  if (state === 'DESTROYING') return { alreadySo: cluster };
  const { postgresVersion, location } = properties;
  const facts: DeletionFacts = {
    kind: 'deletion',
    at: new Date().toISOString(),
    cluster: namedCluster(cluster),
    postgresVersion,
    location,
    createdDate,
    size: sizeOf(properties),
    wayBack: wayBackBy(await backupsOf(id, context), 'all'),
  };
  return {
    facts,
    ...deletionWords(facts),
    destructive: true,
    typed: typedFor(cluster),
    basis: basisOf(cluster),
    demand: demandOn(cluster, 'delete'),
  };
}

/** Within an object, only what is given counts. */
function changesOf(present: Cluster['properties'] = {}, wanted: Properties): ChangeFacts['values'] {
  const before: Record<string, unknown> = present;
  return Object.entries(wanted)
    .filter(([property, to]) => to !== undefined && !isAlready(before[property], to))
    .map(([property, to]) => ({ property, from: before[property], to }));
}

function isAlready(present: unknown, wanted: unknown): boolean {
  if (!isFields(present) || !isFields(wanted)) return isDeepStrictEqual(present, wanted);
  return Object.entries(wanted).every(
    ([name, value]) => value === undefined || isDeepStrictEqual(present[name], value),
  );
}

function withoutUndefined(wanted: Properties): Properties {
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
}

function storageProblems(present: number | undefined, wanted: number | undefined): string[] {
  if (present === undefined || wanted === undefined || wanted > present) return [];
  return [`storageSize (${wanted}): can only grow; the cluster has ${present} MB`];
}

async function versionProblems(
  id: string,
  present: string | undefined,
  wanted = '',
  context: Context,
): Promise<string[]> {
  if (Number(wanted) < Number(present)) {
    return [
      `postgresVersion (${JSON.stringify(wanted)}): is older than the cluster's ${present}; only a new cluster filled from a backup leads back`,
    ];
  }
  const { versions } = await context.clusters.upgrades(id, 'newer');
  if (versions.includes(wanted)) return [];
  return [notOffered(wanted, versions, present)];
}
