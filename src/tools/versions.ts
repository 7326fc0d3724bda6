import * as z from 'zod';
import type { OfferedVersions } from '../api/generations/port.ts';
import { excerpt } from '../text/visible.ts';
import { endOfSupport } from './end-of-support.ts';
import { abridged } from './schemas/abridged.ts';
import { args } from './schemas/arguments.ts';
import { clusterId, shortened } from './schemas/cluster.ts';
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

const MOST_NAMED = 20;

/** Leaves out the present version, which leads nowhere. */
export function notOffered(wanted: string, versions: readonly string[], present?: string): string {
  const others = versions.filter((version) => version !== present);
  const shown = others.slice(0, MOST_NAMED).map((version) => shortened(version));
  const more = others.length - shown.length;
  const words = `${shown.join(', ') || 'none'}${more > 0 ? ` and ${more} more` : ''}`;
  return `postgresVersion (${excerpt(wanted)}): is not offered; IONOS offers: ${words}`;
}

export const listPostgresVersions = defineTool({
  name: 'list_postgres_versions',
  title: 'List PostgreSQL versions',
  description:
    'Lists what create_cluster accepts as postgresVersion: the major versions a new cluster can have, with the end of support by the PostgreSQL project. Use list_cluster_versions for upgrades.',
  ...reads,
  input: args({}),
  output: versions,
  run: async (_, { clusters }) => withSupport(await clusters.versions('either')),
});

export const listClusterVersions = defineTool({
  name: 'list_cluster_versions',
  title: 'List versions for a cluster',
  description:
    'Lists the upgrades open to one existing cluster: newer major versions for update_cluster, with the end of support. Use list_postgres_versions for new clusters.',
  ...reads,
  input: args({ clusterId }),
  output: versions,
  run: async ({ clusterId }, { clusters }) => withSupport(await clusters.upgrades(clusterId, 'newer')),
});

const listClusterPostgresVersions = defineTool({
  name: 'list_cluster_postgres_versions',
  title: 'List versions for a cluster (deprecated)',
  description:
    'Deprecated by IONOS in favor of list_cluster_versions. Lists the same upgrades of a cluster plus its present version, which is the only difference.',
  ...reads,
  input: args({ clusterId }),
  output: versions,
  run: async ({ clusterId }, { clusters }) => withSupport(await clusters.upgrades(clusterId, 'deprecated')),
});

export const versionTools = [listPostgresVersions, listClusterVersions, listClusterPostgresVersions];
