import { getAccount } from './account/get-account.ts';
import { backupTools } from './backups.ts';
import { clusterTools, getCluster, listClusters } from './clusters/clusters.ts';
import { waitForCluster } from './clusters/waiting.ts';
import { databaseTools } from './databases.ts';
import { estimateCost } from './estimate-cost.ts';
import { getClusterLogs } from './logs/logs.ts';
import { listNetworkOptions } from './networks/list-network-options.ts';
import type { Tool } from './tool.ts';
import type { Toolset } from './toolsets.ts';
import { userTools } from './users.ts';
import { infoTools } from './versions/infos.ts';
import { versionTools } from './versions/versions.ts';

/** In the order clients see; list_clusters first, because checkers call the first tool blindly. */
export const toolsets: Record<Toolset, readonly Tool[]> = {
  clusters: [...clusterTools, ...versionTools, waitForCluster, estimateCost, getAccount, ...infoTools],
  backups: backupTools,
  users: userTools,
  databases: databaseTools,
  logs: [getClusterLogs],
  networks: [listNetworkOptions],
};

/** Every set needs these: they find IDs, follow changes, and say whose clusters these are. */
export const basics: readonly Tool[] = [listClusters, getCluster, waitForCluster, getAccount];

export const tools: readonly Tool[] = Object.values(toolsets).flat();
