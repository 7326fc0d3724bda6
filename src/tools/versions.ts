import * as z from 'zod';
import { path } from '../api/client.ts';
import { ApiError } from '../errors.ts';
import { endOfSupport } from './end-of-support.ts';
import { abridged } from './schemas/abridged.ts';
import { args } from './schemas/arguments.ts';
import { clusterId } from './schemas/cluster.ts';
import { type Context, defineTool, reads } from './tool.ts';

export const versions = abridged(
  z.object({
    versions: z.array(z.string()),
    endOfCommunitySupport: z.record(z.string(), z.string()).optional(),
    source: z.string().optional(),
  }),
  { listedKeys: ['versions'] },
);
const MAX_NAME = 64;
const versionsReply = z.object({ data: z.array(z.object({ name: z.string().max(MAX_NAME) })).default([]) });

export async function readVersions(api: Context['api'], from: string) {
  const { data } = await api.get(from, { response: versionsReply });
  const versions = data.map(({ name }) => name);
  return { versions, ...endOfSupport(versions) };
}

/** Leaves out the present version, which leads nowhere. */
export function notOffered(wanted: string, versions: readonly string[], present?: string): string {
  const others = versions.filter((version) => version !== present).join(', ') || 'none';
  return `postgresVersion (${JSON.stringify(wanted)}): is not offered; IONOS offers: ${others}`;
}

export const listPostgresVersions = defineTool({
  name: 'list_postgres_versions',
  title: 'List PostgreSQL versions',
  description:
    'Lists what create_cluster accepts as postgresVersion: the major versions a new cluster can have, with the end of support by the PostgreSQL project. Use list_cluster_versions for upgrades.',
  ...reads,
  input: args({}),
  output: versions,
  async run(_, { api }) {
    try {
      return await readVersions(api, 'clusters/postgresversions');
    } catch (error) {
      // The API has deprecated this route in favor of /versions and may drop it.
      if (error instanceof ApiError && [404, 405, 410].includes(error.status)) return readVersions(api, 'versions');
      throw error;
    }
  },
});

export const listClusterVersions = defineTool({
  name: 'list_cluster_versions',
  title: 'List versions for a cluster',
  description:
    'Lists the upgrades open to one existing cluster: newer major versions for update_cluster, with the end of support. Use list_postgres_versions for new clusters.',
  ...reads,
  input: args({ clusterId }),
  output: versions,
  run: ({ clusterId }, { api }) => readVersions(api, path`clusters/${clusterId}/versions`),
});

const listClusterPostgresVersions = defineTool({
  name: 'list_cluster_postgres_versions',
  title: 'List versions for a cluster (deprecated)',
  description:
    'Deprecated by IONOS in favor of list_cluster_versions. Lists the same upgrades of a cluster plus its present version, which is the only difference.',
  ...reads,
  input: args({ clusterId }),
  output: versions,
  run: ({ clusterId }, { api }) => readVersions(api, path`clusters/${clusterId}/postgresversions`),
});

export const versionTools = [listPostgresVersions, listClusterVersions, listClusterPostgresVersions];
