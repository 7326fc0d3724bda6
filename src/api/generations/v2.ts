import * as z from 'zod';
import { ApiError, NoAnswerError } from '../../errors.ts';
import { isSameId } from '../../text/ids.ts';
import { type ApiClient, path } from '../client.ts';
import { pageOf } from '../pages.ts';
import type { ClusterList, OfferedVersions, RowSchema } from './port.ts';
import { toV1Backup, toV1Cluster } from './translation.ts';
import { MAX_VERSION } from './v1.ts';

/** What every client of IONOS asks for; the most that v2 gives is not documented. */
const PAGE = 100;
const MOST_PAGES = 100;

const word = z.string().max(MAX_VERSION);
const versionReply = z.object({
  properties: z.object({
    version: word,
    status: word.optional().catch(undefined),
    canUpgradeTo: z.array(word).optional().catch(undefined),
  }),
});
const locationReply = z.object({ properties: z.object({ location: word }) });
type Version = z.output<typeof versionReply>['properties'];

export type V2 = ReturnType<typeof createV2>;

/** The clusters of one region, as v1 would show them; without a region, those of an address for all of them. */
export function createV2(api: ApiClient, region?: string) {
  const asCluster = <Schema extends z.ZodType>(schema: Schema, id?: string) => clusterThrough(schema, region, id);
  const asBackup = <Schema extends z.ZodType>(schema: Schema, id?: string) => through(schema, toV1Backup, id);

  /** Page by page into `into`, of which a failure leaves what has come. */
  async function collect<Item>(from: string, query: Query, item: z.ZodType<Item>, into: Item[]): Promise<void> {
    let last = '';
    for (let n = 0; n < MOST_PAGES; n += 1) {
      const { items = [], limit } = await api.get(from, {
        query: { ...query, limit: PAGE, offset: n === 0 ? undefined : into.length },
        response: pageOf(item),
        once: true,
      });
      const all = JSON.stringify(items);
      if (all === last) return;
      last = all;
      into.push(...items);
      // The link to a next page has been seen beyond the last one.
      if (items.length < Math.min(PAGE, limit || PAGE)) return;
    }
    throw new NoAnswerError('GET', `the list has no end within ${MOST_PAGES} pages`, true);
  }

  async function versions(): Promise<Version[]> {
    const found: z.output<typeof versionReply>[] = [];
    await collect('versions', {}, versionReply, found);
    return found.map(({ properties }) => properties);
  }

  return {
    /** Names are matched by whoever joins the lists: whether v2's own filter ignores case is not documented. */
    collect<Item extends RowSchema>(list: ClusterList, item: Item, into: z.output<Item>[]): Promise<void> {
      if (list.of === 'clusters') return collect('clusters', {}, asCluster(item), into);
      return collect('backups', { 'filter.clusterId': list.clusterId }, asBackup(item), into);
    },

    cluster<Schema extends z.ZodType>(id: string, schema: Schema, once?: boolean): Promise<z.output<Schema>> {
      return api.get(path`clusters/${id}`, { response: asCluster(schema, id), once });
    },

    async backup<Schema extends z.ZodType>(id: string, schema: Schema, once?: boolean): Promise<z.output<Schema>> {
      try {
        return await api.get(path`backups/${id}`, { response: asBackup(schema, id), once });
      } catch (error) {
        throw error instanceof ApiError ? inV1Place(error, path`clusters/backups/${id}`) : error;
      }
    },

    /** What an order can give as backup location. */
    async backupLocations(): Promise<string[]> {
      const found: z.output<typeof locationReply>[] = [];
      await collect('backup-locations', {}, locationReply, found);
      return found.map(({ properties }) => properties.location);
    },

    async offered(): Promise<OfferedVersions> {
      const all = await versions();
      return { api: 'v2', versions: all.map(({ version }) => version), ...statusOf(all) };
    },

    async upgradesFrom(version: string | undefined, withPresent: boolean): Promise<OfferedVersions> {
      const all = await versions();
      const present = all.find((each) => each.version === version);
      const targets = present?.canUpgradeTo ?? [];
      const shown = [...(withPresent && version !== undefined ? [version] : []), ...targets];
      return {
        api: 'v2',
        versions: [...new Set(shown)],
        ...statusOf(all.filter((each) => each === present || shown.includes(each.version))),
        ...(present?.canUpgradeTo === undefined && { note: UNTOLD }),
      };
    },
  };
}

const UNTOLD = 'The API does not say what this version can be upgraded to.';

type Query = Record<string, string | undefined>;

function statusOf(all: readonly Version[]): Pick<OfferedVersions, 'supportStatus'> {
  const known = all.flatMap(({ version, status }) => (status === undefined ? [] : [[version, status]]));
  return known.length === 0 ? {} : { supportStatus: Object.fromEntries(known) };
}

const inV1Place = ({ method, status, message, retryAfter }: ApiError, place: string) =>
  new ApiError({ method, path: place, status, messages: [message].filter(Boolean), retryAfter });

/** The schema of a cluster of v1, for one of v2; without a body, for none. */
export const clusterThrough = <Schema extends z.ZodType>(schema: Schema, region?: string, id?: string) =>
  through(schema, (each) => (each === undefined ? undefined : toV1Cluster(each, region)), id);

/** The schema, for what another shape is translated to, which is that of `id` if one was asked for. */
function through<Schema extends z.ZodType>(
  schema: Schema,
  translate: (value: unknown) => Translated | undefined,
  id?: string,
) {
  return z.unknown().transform((value, context): z.output<Schema> => {
    const translated = translate(value);
    const parsed = schema.safeParse(translated);
    const isOther = id !== undefined && translated !== undefined && !isSameId(String(translated.id), id);
    if (parsed.success && !isOther) return parsed.data;
    const issues = parsed.error?.issues ?? [{ path: ['id'], message: 'is that of another' }];
    for (const { path, message } of issues) context.issues.push({ code: 'custom', path, message, input: value });
    return z.NEVER;
  });
}

interface Translated {
  id?: unknown;
}
