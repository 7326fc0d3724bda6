import type { AbsentSource, Rows } from '../../api/generations/port.ts';
import { RefusedError } from '../../errors.ts';
import { shortened } from '../../text/labels.ts';
import { sentences } from '../../text/sentences.ts';
import { nameOf } from '../schemas/cluster.ts';
import type { Context, OnV1Alone, Tool } from '../tool.ts';
import { readCluster } from './cluster-reads.ts';

/** What only v1 can do, and what a person can do in its place where a cluster is on v2. */
const ON_V1_ALONE: Record<OnV1Alone, string> = {
  users:
    'which has no operations for users. The owner of the databases manages them by SQL: \\du in psql, CREATE ROLE, ALTER ROLE, DROP ROLE.',
  databases:
    'which has no operations for databases. The owner manages them by SQL: \\l in psql, CREATE DATABASE, DROP DATABASE.',
  logs: 'which has no log lines. IONOS sends them to its Logging Service instead, once that is active on the contract and logs are switched on for the cluster; a person reads them there.',
};

/** Throws RefusedError for a cluster on v2, before anything of v1 is asked about it; ApiError where only v2 is asked. */
export async function requireV1(clusterId: string, need: OnV1Alone, context: Context): Promise<void> {
  const home = await context.clusters.home(clusterId);
  if (home !== 'v2') return;
  const cluster = await readCluster(clusterId, context).catch(() => undefined);
  const name = cluster ? nameOf(cluster) : shortened(clusterId);
  throw new RefusedError(`The cluster ${name} is on version 2 of IONOS's API, ${ON_V1_ALONE[need]}`);
}

/** As requireV1, if the tool needs what v1 alone has. */
export async function requireNeeds({ needs }: Pick<Tool, 'needs'>, args: Record<string, unknown>, context: Context) {
  if (needs && typeof args.clusterId === 'string') await requireV1(args.clusterId, needs, context);
}

/** Throws RefusedError where v1 is left out altogether. */
export function requireV1Asked({ clusters }: Pick<Context, 'clusters'>): void {
  if (clusters.asksV1) return;
  throw new RefusedError(
    "This server was started with --api v2, and this needs version 1 of IONOS's API. The operator can leave --api out.",
  );
}

/** For a list that may not hold all there is; undefined where it does. */
export function absentWords(
  { absent, isPageable }: Pick<Rows<unknown>, 'absent' | 'isPageable'>,
  { offset, hasMore }: { offset: number; hasMore: boolean },
): string | undefined {
  if (absent.length === 0) return undefined;
  const v1 = absent.find(({ region }) => region === undefined);
  const regions = absent.filter(({ region }) => region !== undefined);
  const missing = [
    v1 && `what is on API v1 (${v1.reason})`,
    regions.length > 0 && `what is in these regions of API v2: ${reasonsOf(regions)}`,
  ];
  const soon = absent.every(({ isBrief }) => isBrief) ? 'a minute' : 'ten minutes';
  const words = [
    `Not shown: ${missing.filter(Boolean).join('; and ')}.`,
    `All of it is asked again within ${soon}.`,
    !isPageable && offset > 0 && 'Meanwhile an offset counts other rows than before: rows may be missing or repeated.',
    !isPageable && hasMore && 'There are more rows: a larger limit (at most 1000) shows them.',
  ];
  return sentences(...words);
}

/** Regions of the same reason together. */
function reasonsOf(absent: readonly AbsentSource[]): string {
  const reasons = [...new Set(absent.map(({ reason }) => reason))];
  const regionsOf = (reason: string) => absent.filter((each) => each.reason === reason).map(({ region }) => region);
  return reasons.map((reason) => `${regionsOf(reason).join(', ')} (${reason})`).join('; ');
}
