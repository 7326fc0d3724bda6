import { backupTools } from './backups.ts';
import { clusterTools, getCluster, listClusters } from './clusters.ts';
import { databaseTools } from './databases.ts';
import { infoTools } from './infos.ts';
import { getClusterLogs } from './logs.ts';
import { listNetworkOptions } from './networks/list-network-options.ts';
import type { Tool } from './tool.ts';
import type { Toolset } from './toolsets.ts';
import { userTools } from './users.ts';
import { versionTools } from './versions.ts';
import { waitForCluster } from './waiting.ts';

/** All tools, in the order in which clients see them; list_clusters first, since checkers call the first one blindly. */
export const toolsets: Record<Toolset, readonly Tool[]> = {
  clusters: [...clusterTools, ...versionTools, waitForCluster, ...infoTools],
  backups: backupTools,
  users: userTools,
  databases: databaseTools,
  logs: [getClusterLogs],
  networks: [listNetworkOptions],
};

/** What tools of every set need: where their IDs come from, and how a change is seen through. */
export const basics: readonly Tool[] = [listClusters, getCluster, waitForCluster];

export const tools: readonly Tool[] = Object.values(toolsets).flat();
