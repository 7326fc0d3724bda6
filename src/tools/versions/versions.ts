import * as z from 'zod';
import type { OfferedVersions } from '../../api/generations/port.ts';
import { shortened } from '../../text/labels.ts';
import { excerpt } from '../../text/visible.ts';
import { defineRead } from '../define-tool.ts';
import { abridged } from '../schemas/abridged.ts';
import { args } from '../schemas/arguments.ts';
import { clusterId } from '../schemas/cluster.ts';
import { reads } from '../tool.ts';
import { endOfSupport } from './end-of-support.ts';

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
  const none = present === undefined ? 'none' : `none newer than its ${shortened(present)}`;
  const words = `${shown.join(', ') || none}${more > 0 ? ` and ${more} more` : ''}`;
  return `postgresVersion (${excerpt(wanted)}): is not offered; IONOS offers: ${words}`;
}

export const listPostgresVersions = defineRead({
  name: 'list_postgres_versions',
  searchHint: 'supported major releases',
  title: 'List PostgreSQL versions',
  description:
    'Lists which PostgreSQL versions IONOS offers to start with, for a brand new cluster: major releases, as 16 or 17, with their end of life. Use list_cluster_versions for an existing cluster.',
  ...reads,
  input: args({}),
  output: versions,
  run: async (_, { clusters }) => withSupport(await clusters.versions('either')),
});

export const listClusterVersions = defineRead({
  name: 'list_cluster_versions',
  searchHint: 'available major upgrades',
  title: 'List versions for a cluster',
  description:
    'Lists to which newer Postgres versions (releases) a particular cluster could go (be upgraded, moved) from where it is now, with their end of support. Use list_postgres_versions for a new cluster.',
  ...reads,
  input: args({ clusterId }),
  output: versions,
  run: async ({ clusterId }, { clusters }) => withSupport(await clusters.upgrades(clusterId, 'newer')),
});

const listClusterPostgresVersions = defineRead({
  name: 'list_cluster_postgres_versions',
  searchHint: 'deprecated upgrade lookup',
  title: 'List versions for a cluster (deprecated)',
  description: 'Deprecated by IONOS in favor of list_cluster_versions. Lists the same versions and the present one.',
  ...reads,
  input: args({ clusterId }),
  output: versions,
  run: async ({ clusterId }, { clusters }) => withSupport(await clusters.upgrades(clusterId, 'deprecated')),
});

export const versionTools = [listPostgresVersions, listClusterVersions, listClusterPostgresVersions];
