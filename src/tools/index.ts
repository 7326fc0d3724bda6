import { clusterTools } from './clusters.ts';
import type { Tool } from './tool.ts';
import { versionTools } from './versions.ts';
import { waitForCluster } from './waiting.ts';

/** All tools, in the order in which clients see them; list_clusters first, since checkers call the first one blindly. */
export const tools: readonly Tool[] = [...clusterTools, ...versionTools, waitForCluster];
