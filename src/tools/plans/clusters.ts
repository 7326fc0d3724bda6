import { isDeepStrictEqual } from 'node:util';
import type { Changing } from '../../api/generations/writing/port.ts';
import type { Owner } from '../../api/generations/writing/wish.ts';
import { InputError } from '../../errors.ts';
import type { Estimator } from '../../prices/index.ts';
import { placeOf } from '../../prices/table.ts';
import { isSameId } from '../../text/ids.ts';
import { isFields, withoutUndefined } from '../../text/json.ts';
import { shortened } from '../../text/labels.ts';
import { isSameName } from '../../text/same-name.ts';
import { readCluster, refuseUnlessSettled } from '../finding/cluster-reads.ts';
import { basisOf, type Cluster, typedFor, wholeCluster } from '../schemas/cluster.ts';
import { warningsOf } from '../schemas/cluster-properties.ts';
import type { Context } from '../tool.ts';
import { notOffered } from '../versions/versions.ts';
import type { GivenPassword } from '../writing/passwords.ts';
import { excessOf, readQuota } from '../writing/quota.ts';
import { effectsOf, interruptionBy, type Properties } from './change-effects.ts';
import { settleConnections } from './connection-change.ts';
import { costOf, grows, riseOf, startOf } from './costs.ts';
import {
  type ChangeFacts,
  type DeletionFacts,
  type NamedCluster,
  namedCluster,
  type Order,
  type OrderFacts,
  SIZES,
  sizeOf,
} from './facts.ts';
import { demandOn, type Plan } from './plan.ts';
import { backupsOf, basisOfBackups, basisOfReplay, formerNamesOf, wayBackBy } from './recovery.ts';
import { changeWords, deletionWords, orderWords } from './words.ts';

type OrderContext = Omit<OrderFacts, 'kind' | 'order' | 'size' | 'defaults' | 'warnings' | 'cost'> & {
  estimate: Estimator;
  namesakes: readonly string[];
  once?: string;
  /** Arguments that the call left open. */
  settled: Readonly<Record<string, unknown>>;
};

/** The service chooses these if they are omitted. */
const CHOSEN = ['backupLocation', 'maintenanceWindow', 'connectionPooler'] as const;

export function planOrder(order: Order, { estimate, namesakes, once, settled, ...more }: OrderContext): Plan {
  const { displayName, postgresVersion, location } = order;
  const { filledFrom } = more;
  const source = filledFrom && { id: filledFrom.backup.clusterId };
  const size = sizeOf(order);
  const defaults = CHOSEN.filter((property) => order[property] === undefined);
  const sizes = { afterwards: { ...order, api: more.api } };
  const cost = costOf(sizes, estimate);
  const facts: OrderFacts = {
    kind: 'order',
    order,
    size,
    defaults,
    cost,
    ...more,
    warnings: warningsOf(order, {}, more.api),
  };
  return {
    facts,
    ...orderWords(facts),
    destructive: false,
    rise: riseOf(sizes, cost),
    basis: [namesakes, filledFrom && basisOfReplay(filledFrom)],
    demand: {
      verb: 'create',
      source,
      displayName,
      postgresVersion,
      location,
      sizes: { wanted: size.each, ...placeOf(sizes.afterwards) },
    },
    arguments: Object.keys(settled).length > 0 ? settled : undefined,
    once,
    namesakes,
  };
}

/** Throws InputError if the live cluster rules a value out, and RefusedError if it accepts no changes now. */
export async function planChange(
  id: string,
  { credentials, connections: place, ...rest }: WantedChange,
  context: Context,
): Promise<Plan | { alreadySo: Cluster }> {
  const cluster = await readCluster(id, context);
  const { properties: present = {} } = cluster;
  const { connections, doubts } = await settleConnections(place, cluster, context);
  const wanted: Properties = { ...rest, connections };
  const values = changesOf(present, wanted);
  if (values.length === 0 && !credentials) return { alreadySo: cluster };
  refuseUnlessSettled(cluster);
  const changed = values.map(({ property }) => property);
  const changing = await context.clusters.changing(id);
  const upgrade = changed.includes('postgresVersion')
    ? await upgradeTo(wanted.postgresVersion, { id, present: present.postgresVersion }, context)
    : undefined;
  const problems = [
    ...changing.problems({ ...withoutUndefined(wanted), credentials }, present),
    ...(changing.endangersUser && credentials ? ownerProblems(credentials, present) : []),
    ...(changed.includes('storageSize') ? storageProblems(present.storageSize, wanted.storageSize) : []),
    ...(upgrade?.problems ?? []),
  ];
  if (problems.length > 0) throw new InputError(problems);
  const newPassword = credentials && planOwnerPassword(credentials, changing, context);
  const after: Properties = { ...present, ...withoutUndefined(wanted) };
  const effects = effectsOf(changed, present, after);
  const sizes = await sizesOf(cluster, wanted, context);
  const isResized = SIZES.some((size) => changed.includes(size) || sizes.now[size] !== sizes.afterwards[size]);
  const cost = isResized ? costOf(sizes, await context.prices.estimator()) : undefined;
  const warnings = warningsOf(wanted, after, cluster.api);
  const isLeftWithTooFew =
    ['instances', 'synchronizationMode'].some((property) => changed.includes(property)) &&
    warnings.some(({ about }) => about === 'synchronizationMode');
  const { displayName } = wanted;
  const facts: ChangeFacts = {
    kind: 'change',
    cluster: namedCluster(cluster),
    namesakes:
      displayName !== undefined && changed.includes('displayName') ? await others(displayName, id, context) : [],
    values: credentials ? [...values, { property: 'password', to: 'a new one' }] : values,
    supportStatus: upgrade?.status,
    owner: changing.endangersUser ? (credentials ? 'password set' : 'password left out') : undefined,
    newPassword,
    doubts,
    effects: effects.map(({ name }) => name),
    interruption: interruptionBy(changed, effects),
    size: isResized ? sizeOf(after) : undefined,
    cost,
    warnings,
    quota: grows(present, after) ? excessOf(await readQuota(context), after, present) : undefined,
  };
  return {
    facts,
    ...changeWords(facts),
    destructive: changing.endangersUser || effects.some(({ isGrave }) => isGrave) || isLeftWithTooFew,
    rise: cost && riseOf(sizes, cost),
    basis: basisOf(cluster),
    arguments: isDeepStrictEqual(connections, place) ? undefined : { connections },
    demand: {
      verb: 'change',
      cluster: namedCluster(cluster),
      seen: cluster,
      displayName: changed.includes('displayName') ? wanted.displayName : undefined,
      postgresVersion: changed.includes('postgresVersion') ? wanted.postgresVersion : undefined,
      sizes: { present: sizeOf(present).each, wanted: sizeOf(wanted).each, ...placeOf(sizes.now) },
    },
  };
}

const LOOK_MS = 4_000;

/** Those that a call finds by this name; none where they cannot be read in time, for a name need not be unique. */
async function others(displayName: string, id: string, context: Context): Promise<NamedCluster[]> {
  const listing = context.clusters.everySeen({ of: 'clusters' }, wholeCluster);
  const found = await context.orUndefinedAfter(LOOK_MS, listing).catch((error: unknown) => {
    if (context.signal.aborted) throw error;
    return undefined;
  });
  const named = (found?.items ?? []).map(namedCluster);
  return named.filter((each) => !isSameId(each.id, id) && isSameName(each.displayName ?? '', displayName));
}

interface WantedChange extends Properties {
  credentials?: OwnerChange;
}

export interface OwnerChange extends Owner, GivenPassword {
  newPassword?: boolean;
}

const OWNER = ['username', 'database'] as const;

/** Credentials are sent whole; who the first user is, a reply may leave out. */
function ownerProblems(credentials: OwnerChange, present: Owner): string[] {
  const { password, passwordEnv, newPassword } = credentials;
  const hasPassword = password !== undefined || passwordEnv !== undefined || newPassword === true;
  return [
    ...(hasPassword ? [] : ['credentials: give password, passwordEnv or newPassword: true']),
    ...OWNER.flatMap((name) => {
      const [given, known] = [credentials[name], present[name]];
      if (given === undefined && known === undefined) {
        return [`credentials.${name}: IONOS does not tell it for this cluster; give the present one`];
      }
      const isOther = given !== undefined && known !== undefined && given !== known;
      return isOther
        ? [`credentials.${name} (${JSON.stringify(given)}): the cluster has ${shortened(known)}; leave it out`]
        : [];
    }),
  ];
}

function planOwnerPassword(
  { password, passwordEnv }: OwnerChange,
  { password: rule }: Changing,
  { passwords }: Context,
) {
  return passwords.plan({ password, passwordEnv }, { at: 'credentials', rule });
}

export async function planDeletion(id: string, context: Context): Promise<Plan | { alreadySo: Cluster }> {
  const cluster = await readCluster(id, context);
  const { metadata: { state, createdDate } = {}, properties = {} } = cluster;
  if (state === 'DESTROYING') return { alreadySo: cluster };
  const { postgresVersion, location } = properties;
  const [estimate, backups] = await Promise.all([context.prices.estimator(), backupsOf(id, context)]);
  const facts: DeletionFacts = {
    kind: 'deletion',
    at: new Date().toISOString(),
    cluster: namedCluster(cluster),
    formerNames: await formerNamesOf(cluster, context),
    postgresVersion,
    location,
    createdDate,
    size: sizeOf(properties),
    cost: costOf({ now: { ...properties, api: cluster.api } }, estimate),
    wayBack: wayBackBy(backups, 'all'),
  };
  return {
    facts,
    ...deletionWords(facts),
    destructive: true,
    typed: typedFor(cluster),
    basis: [basisOf(cluster), basisOfBackups(backups)],
    demand: demandOn(cluster, 'delete'),
  };
}

/** The API can still show what was before this server's last change, and that can have been lost. */
async function sizesOf({ id, api, properties = {} }: Cluster, wanted: Properties, { recentWrites }: Context) {
  const now = { ...properties, ...startOf([properties, await recentWrites.sizes(id)], wanted), api };
  return { now, afterwards: { ...now, ...withoutUndefined(wanted) } };
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

export function storageProblems(present: number | undefined, wanted: number | undefined): string[] {
  if (present === undefined || wanted === undefined || wanted > present) return [];
  return [`storageSize (${wanted}): can only grow; the cluster has ${present} MB`];
}

interface Upgrade {
  problems: string[];
  /** What IONOS says of the version, if it does. */
  status?: string;
}

async function upgradeTo(
  wanted = '',
  { id, present }: { id: string; present?: string },
  { clusters }: Context,
): Promise<Upgrade> {
  if (Number(wanted) < Number(present)) {
    return {
      problems: [
        `postgresVersion (${JSON.stringify(wanted)}): is older than the cluster's ${present}; only a new cluster filled from a backup leads back`,
      ],
    };
  }
  const { versions, supportStatus } = await clusters.upgrades(id, 'newer');
  const problems = versions.includes(wanted) ? [] : [notOffered(wanted, versions, present)];
  return { problems, status: supportStatus?.[wanted] };
}
