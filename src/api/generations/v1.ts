import * as z from 'zod';
import { ApiError } from '../../errors.ts';
import { type ApiClient, path } from '../client.ts';
import { hasNext, pageOf, readAll } from '../pages.ts';
import type { AskedRows, ClusterList, OfferedVersions, RowSchema } from './port.ts';

/** Characters of a version. */
export const MAX_VERSION = 64;
const versionsReply = z.object({ data: z.array(z.object({ name: z.string().max(MAX_VERSION) })).default([]) });

export type V1 = ReturnType<typeof createV1>;

/** One host for all regions. */
export function createV1(api: ApiClient) {
  async function readVersions(from: string): Promise<OfferedVersions> {
    const { data } = await api.get(from, { response: versionsReply });
    return { versions: data.map(({ name }) => name) };
  }

  return {
    api,

    async rows<Item extends RowSchema>(list: ClusterList, item: Item, { limit = 100, offset, once }: AskedRows) {
      const { from, query } = placeOf(list);
      const page = await api.get(from, { query: { ...query, limit, offset }, response: pageOf(item), once });
      return { items: page.items ?? [], hasMore: hasNext(page, limit) };
    },

    every<Item extends RowSchema>(list: ClusterList, item: Item): Promise<z.output<Item>[]> {
      const { from, query } = placeOf(list);
      return readAll(api, from, item, query);
    },

    cluster<Schema extends z.ZodType>(id: string, schema: Schema, once?: boolean): Promise<z.output<Schema>> {
      return api.get(path`clusters/${id}`, { response: schema, once });
    },

    backup<Schema extends z.ZodType>(id: string, schema: Schema, once?: boolean): Promise<z.output<Schema>> {
      return api.get(path`clusters/backups/${id}`, { response: schema, once });
    },

    async versions(call: 'newer' | 'either'): Promise<OfferedVersions> {
      if (call === 'newer') return readVersions('versions');
      try {
        return await readVersions('clusters/postgresversions');
      } catch (error) {
        // The API has deprecated this route in favour of /versions, and may drop it.
        if (error instanceof ApiError && [404, 405, 410].includes(error.status)) return readVersions('versions');
        throw error;
      }
    },

    upgrades: (clusterId: string, call: 'newer' | 'deprecated') =>
      readVersions(
        call === 'newer' ? path`clusters/${clusterId}/versions` : path`clusters/${clusterId}/postgresversions`,
      ),
  };
}

function placeOf(list: ClusterList): { from: string; query: Record<string, string | undefined> } {
  if (list.of === 'clusters') return { from: 'clusters', query: { 'filter.name': list.name } };
  const { clusterId } = list;
  return { from: clusterId === undefined ? 'clusters/backups' : path`clusters/${clusterId}/backups`, query: {} };
}
