import type { Toolset } from '../tools/toolsets.ts';
import { backupResources } from './backups.ts';
import { clusterResources } from './clusters.ts';
import { databaseResources } from './databases.ts';
import { networkResources } from './networks.ts';
import type { Resource } from './resource.ts';
import { userResources } from './users.ts';
import { versions } from './versions.ts';

export const resourcesByToolset: Record<Toolset, readonly Resource[]> = {
  clusters: [versions, ...clusterResources],
  backups: backupResources,
  users: userResources,
  databases: databaseResources,
  logs: [],
  networks: networkResources,
};

export const resources: readonly Resource[] = Object.values(resourcesByToolset).flat();
