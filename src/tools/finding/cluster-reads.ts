import type { ClusterReads } from '../../api/generations/port.ts';
import { RefusedError } from '../../errors.ts';
import { type Cluster, nameOf, wholeCluster } from '../schemas/cluster.ts';
import { aboutId } from '../schemas/identity.ts';

/** Per call, so that a later failure can name the cluster. */
interface Reading {
  clusters: ClusterReads;
}

const readInCall = new WeakMap<object, Map<string, Cluster>>();

export async function readCluster(id: string, { clusters }: Reading, once = false): Promise<Cluster> {
  return remembered(id, await clusters.cluster(id, wholeCluster, once), clusters);
}

/** For whoever reads it again and again. */
export function followCluster(id: string, { clusters }: Reading): () => Promise<Cluster> {
  const read = clusters.following(id);
  return async () => remembered(id, await read(wholeCluster), clusters);
}

function remembered(id: string, reply: Cluster, clusters: Reading['clusters']): Cluster {
  const cluster = aboutId(reply, id);
  readInCall.set(clusters, (readInCall.get(clusters) ?? new Map()).set(id, cluster));
  return cluster;
}

/** The same for a list that has no such cluster. */
const listedInCall = new WeakMap<object, readonly Cluster[]>();

export const rememberListed = (all: readonly Cluster[], { clusters }: Reading) => void listedInCall.set(clusters, all);
export const listedBefore = ({ clusters }: Reading) => listedInCall.get(clusters);

export function readBefore(id: string, { clusters }: Reading): Cluster | undefined {
  return readInCall.get(clusters)?.get(id);
}

/** Changes need AVAILABLE; for DEGRADED, FAILED and UNKNOWN the service decides. */
export function refuseUnlessSettled(cluster: Cluster): void {
  const state = cluster.metadata?.state;
  if (state === 'BUSY') {
    throw new RefusedError(
      `The cluster ${nameOf(cluster)} is BUSY with another change. Call wait_for_cluster until it is AVAILABLE, then call again.`,
    );
  }
  if (state === 'DESTROYING') throw new RefusedError(`The cluster ${nameOf(cluster)} is being deleted.`);
}

export async function readSettled(id: string, context: Reading): Promise<Cluster> {
  const cluster = await readCluster(id, context);
  refuseUnlessSettled(cluster);
  return cluster;
}
