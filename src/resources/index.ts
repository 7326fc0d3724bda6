import { clusterResources } from './clusters.ts';
import type { Resource } from './resource.ts';
import { versions } from './versions.ts';

/** All resources, in the order in which clients see them. */
export const resources: readonly Resource[] = [versions, ...clusterResources];
