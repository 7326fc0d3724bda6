import * as z from 'zod';
import type { OfferedVersions } from '../api/generations/port.ts';
import { endOfSupport } from './end-of-support.ts';
import { abridged } from './schemas/abridged.ts';
import { args } from './schemas/arguments.ts';
import { clusterId } from './schemas/cluster.ts';
import { defineTool, reads } from './tool.ts';

export const versions = abridged(
  z.object({
    versions: z.array(z.string()),
    endOfCommunitySupport: z.record(z.string(), z.string()).optional(),
    source: z.string().optional(),
    supportStatus: z.record(z.string(), z.string()).optional(),
    api: z.literal('v2').optional(),
    note: z.string().optional(),
  }),
  { listedKeys: ['versions'] },
);

export const withSupport = (offered: OfferedVersions) => ({
  ...offered,
  ...endOfSupport(offered.versions, offered.supportStatus !== undefined),
});

/** In the words of an argument that is refused; the present version, if it is among them, is no way on. */
export function notOffered(wanted: string, versions: readonly string[], present?: string): string {
  const others = versions.filter((version) => version !== present).join(', ') || 'none';
  return `postgresVersion (${JSON.stringify(wanted)}): is not offered; offered are: ${others}`;
}

export const listPostgresVersions = defineTool({
  name: 'list_postgres_versions',
  title: 'List PostgreSQL versions',
  description:
    'Lists the PostgreSQL major versions a new cluster can have, and when the PostgreSQL project ends its support. Call it before create_cluster.',
  ...reads,
  input: args({}),
  output: versions,
  run: async (_, { clusters }) => withSupport(await clusters.versions('either')),
});

export const listClusterVersions = defineTool({
  name: 'list_cluster_versions',
  title: 'List versions for a cluster',
  description:
    'Lists the PostgreSQL major versions a cluster can be upgraded to, with the end of support. Call it before update_cluster with postgresVersion.',
  ...reads,
  input: args({ clusterId }),
  output: versions,
  run: async ({ clusterId }, { clusters }) => withSupport(await clusters.upgrades(clusterId, 'newer')),
});

const listClusterPostgresVersions = defineTool({
  name: 'list_cluster_postgres_versions',
  title: 'List versions for a cluster (deprecated)',
  description: "Deprecated by IONOS: use list_cluster_versions. Lists a cluster's versions, its present one included.",
  ...reads,
  input: args({ clusterId }),
  output: versions,
  run: async ({ clusterId }, { clusters }) => withSupport(await clusters.upgrades(clusterId, 'deprecated')),
});

export const versionTools = [listPostgresVersions, listClusterVersions, listClusterPostgresVersions];
