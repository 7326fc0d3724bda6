import * as z from 'zod';
import { defineRead } from '../define-tool.ts';
import { requireV1Asked } from '../finding/generations.ts';
import { args } from '../schemas/arguments.ts';
import { reads } from '../tool.ts';
import { versions, withSupport } from './versions.ts';

const listVersions = defineRead({
  name: 'list_versions',
  searchHint: 'orderable releases endpoint',
  title: 'List PostgreSQL versions (GET /versions)',
  description: 'Lists the versions for a new cluster, as list_postgres_versions, through the newer GET /versions.',
  ...reads,
  input: args({}),
  output: versions,
  run: async (_, { clusters }) => withSupport(await clusters.versions('newer')),
});

/** Its swaggerUrl has been seen to name an internal host, and is left out. */
const apiVersion = z.object({ name: z.string() });

const getApiVersion = defineRead({
  name: 'get_api_version',
  searchHint: 'IONOS interface release',
  title: 'Get API version',
  description:
    'Reads which release (revision) of the IONOS DBaaS API for Postgres answers: the REST interface itself. Use list_postgres_versions for those of the databases.',
  ...reads,
  input: args({ all: z.boolean().optional().describe('true lists every version the API knows') }),
  output: z.object({ version: z.string().optional(), versions: z.array(z.string()).optional() }),
  async run({ all = false }, { api, clusters }) {
    requireV1Asked({ clusters });
    if (!all) return { version: (await api.get('infos/version', { response: apiVersion })).name };
    const known = await api.get('infos/versions', { response: z.array(apiVersion) });
    return { versions: known.map(({ name }) => name) };
  },
});

export const infoTools = [listVersions, getApiVersion];
