import { InputError, RefusedError } from '../../errors.ts';
import { isSameId, isUuid } from '../../text/ids.ts';
import { labelOf, shortened } from '../../text/labels.ts';
import { isSameName } from '../../text/same-name.ts';
import { quoted } from '../../text/visible.ts';
import { type NamedCluster, namedCluster } from '../plans/facts.ts';
import { bareClusterId, type Cluster, nameOf, wholeCluster } from '../schemas/cluster.ts';
import type { Context, Tool } from '../tool.ts';
import { clustersListed } from './cluster-list.ts';
import { rememberListed } from './cluster-reads.ts';
import { clustersInstead } from './missing.ts';

const MOST_NAMED = 5;

type Fields = Record<string, unknown>;

export interface Naming {
  given: string;
  cluster: NamedCluster;
}

/**
 * The arguments with the ID of the cluster that `clusterId` names, if it is a name. Throws InputError where it is
 * neither that nor an ID or fits several clusters, and RefusedError for a write where not all clusters can be seen.
 */
export async function withClusterId(
  args: Fields,
  tool: Pick<Tool, 'access'>,
  context: Context,
): Promise<{ args: Fields; naming?: Naming }> {
  const { clusterId: given } = args;
  const asked = { access: tool.access, at: 'clusterId' };
  const cluster = typeof given === 'string' ? await clusterNamed(given, asked, context) : undefined;
  return typeof given === 'string' && cluster
    ? { args: { ...args, clusterId: cluster.id }, naming: { given, cluster } }
    : { args };
}

interface AskedByName extends Pick<Tool, 'access'> {
  /** The argument that has the name. */
  at: string;
}

/** Undefined where it has to be an ID; throws as `withClusterId` does. */
export async function clusterNamed(given: string, { access, at }: AskedByName, context: Context) {
  if (isUuid(given)) return undefined;
  const all = access === 'read' ? await listSeen(context) : await listAll(given, context);
  const named = all.filter(({ properties }) => isSameName(properties?.displayName ?? '', given));
  const [one, ...others] = [...named, ...all.filter((each) => isSameId(each.id, given) && !named.includes(each))];
  if (one && others.length > 0) throw new InputError([`${placeOf(at, given)} ${ambiguity([one, ...others])}`]);
  if (one && named.length > 0) return namedCluster(one);
  if (!bareClusterId.safeParse(given).success)
    throw new InputError([`${placeOf(at, given)} ${absence(given, all, context)}`]);
  if (all.length > 0) rememberListed(all, context);
  return undefined;
}

const CLUSTERS = { of: 'clusters' } as const;

async function listSeen({ clusters }: Context): Promise<readonly Cluster[]> {
  const { items } = await clusters.everySeen(CLUSTERS, wholeCluster);
  return items;
}

async function listAll(given: string, context: Context): Promise<readonly Cluster[]> {
  try {
    const seen = await clustersListed(context);
    return seen?.absent.length === 0 ? seen.items : await context.clusters.every(CLUSTERS, wholeCluster);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    throw new RefusedError(
      `Not all clusters can be seen, so ${quoted(given)} may be the name of several. ${error.message} With the cluster's ID the call works meanwhile.`,
      { cause: error },
    );
  }
}

/** The name is looked up before the plan reads the cluster. Throws RefusedError where it has changed in between. */
export function requireStillNamed(naming: Naming | undefined, cluster: NamedCluster | undefined): void {
  if (naming === undefined || isSameName(cluster?.displayName ?? '', naming.given)) return;
  const present = labelOf(cluster ?? naming.cluster);
  throw new RefusedError(
    `The cluster named ${quoted(naming.given)} was renamed just now: it is ${present}. Call again.`,
  );
}

/** For an answer that does not show what the name stands for. */
export function namingNote(naming: Naming | undefined, { id, cluster, plan }: Fields): string | undefined {
  const isShown = [id, cluster, plan].some((part) => part !== undefined);
  return naming === undefined || isShown ? undefined : `The cluster is ${labelOf(naming.cluster)}.`;
}

const placeOf = (at: string, given: string) => `${at} (${JSON.stringify(given)}):`;

function absence(given: string, all: readonly Cluster[], context: Context): string {
  return `is not the name of a cluster. ${clustersInstead(given, all, context)}`;
}

function ambiguity(candidates: readonly Cluster[]): string {
  const shown = candidates.slice(0, MOST_NAMED).map(candidateWords).join('; ');
  const more = candidates.length - MOST_NAMED;
  return `fits several clusters, so an ID is needed: ${shown}${more > 0 ? `; and ${more} more (see list_clusters)` : ''}`;
}

function candidateWords(cluster: Cluster): string {
  const { metadata: { state, createdDate } = {}, properties: { location } = {} } = cluster;
  const known = [shortened(location), shortened(state), createdDate && `created ${shortened(createdDate)}`];
  return [nameOf(cluster), ...known.filter(Boolean)].join(', ');
}
