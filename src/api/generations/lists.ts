import type * as z from 'zod';
import { ApiError, RefusedError } from '../../errors.ts';
import { idKey } from '../../ids.ts';
import type { Sources } from './finding.ts';
import { byOrder, type Keyed, keyed } from './keyed.ts';
import type { AskedRows, AskedSeen, ClusterList, OfferedVersions, RowSchema, Rows } from './port.ts';
import { type Absent, type Asking, askAll, type Region, v2Of } from './regions.ts';
import type { V1 } from './v1.ts';

/** Rows that one request to v1 asks for beyond the first page, and how many such requests there can be. */
const WHOLE_PAGE = 1_000;
const MOST_PAGES = 50;

/** Lists of both generations, joined by ID and sorted: an offset into each of them would skip rows of the others. */
export function createLists({ v1, regions, homes, asking }: Sources) {
  const { account, absences } = asking;

  function split() {
    const alone = regions.flatMap((region) => absences.find(account, region) ?? []);
    const waiting = regions.filter((region) => !absences.find(account, region));
    // With nothing else to ask, they are asked again.
    return v1 || waiting.length > 0 ? { waiting, alone } : { waiting: regions, alone: [] };
  }

  /** Rows of each region that answers; of one that stops half-way, those that came. */
  async function collect<Item extends RowSchema>(list: ClusterList, item: Item, asked: Collecting) {
    const rows = new Map<Region, Keyed<z.output<Item>>[]>(asked.from.map((region) => [region, []]));
    const ask = (v2: ReturnType<typeof v2Of>, region: Region) => v2.collect(list, keyed(item), rows.get(region) ?? []);
    const answered = await askAll(asked.from, ask, { ...asking, beside: asked.beside, longestMs: asked.longestMs });
    return { rows, ...answered };
  }

  function join<T>(list: ClusterList, ofV1: readonly Keyed<T>[], ofV2: ReadonlyMap<Region, readonly Keyed<T>[]>) {
    const joined = new Map<string, Keyed<T>>();
    const wanted = list.of === 'clusters' ? (list.name ?? '').toLowerCase() : '';
    for (const row of ofV1) joined.set(idKey(row.id), row);
    for (const { id } of ofV1) homes.set(id, 'v1');
    for (const [region, rows] of ofV2) {
      for (const row of rows.filter(({ id, name }) => !joined.has(idKey(id)) && name.includes(wanted))) {
        joined.set(idKey(row.id), row);
        homes.set(row.id, region);
      }
    }
    return [...joined.values()].sort(byOrder).map(({ value }) => value);
  }

  async function joinedRows<Item extends RowSchema>(list: ClusterList, item: Item, asked: AskedRows) {
    const { limit = 100, offset = 0, once } = asked;
    const { waiting, alone } = split();
    const firstPage = offset === 0 ? asked : { limit: Math.min(WHOLE_PAGE, offset + limit), once };
    const first = v1?.rows(list, keyed(item), firstPage);
    const [page, found] = await Promise.all([first, collect(list, item, { from: waiting, beside: first })]);
    const absent = [...alone, ...found.absent.map(({ region, reason }) => ({ region, reason }))];
    const isV1Only = found.answers.length === 0 && [...found.rows.values()].every((rows) => rows.length === 0);
    if (isV1Only && !v1) throw noneOf(found.absent);
    if (isV1Only && page && offset === 0) {
      return { items: page.items.map(({ value }) => value), hasMore: page.hasMore, isPageable: true, absent };
    }
    if (isV1Only && v1) return { ...(await v1.rows(list, item, asked)), isPageable: true, absent };
    const ofV1 = v1 && page ? await wholeOf(v1, list, keyed(item), page) : [];
    const all = join(list, ofV1, found.rows);
    const items = all.slice(offset, offset + limit);
    return { items, hasMore: all.length > offset + limit, isPageable: absent.length === 0, absent };
  }

  return {
    async rows<Item extends RowSchema>(list: ClusterList, item: Item, asked: AskedRows): Promise<Rows<z.output<Item>>> {
      const { waiting, alone } = split();
      const isAboutOne = list.of === 'backups' && list.clusterId !== undefined;
      if (!v1 || (waiting.length > 0 && !isAboutOne)) return joinedRows(list, item, asked);
      const absent = isAboutOne ? [] : alone;
      return { ...(await v1.rows(list, item, asked)), isPageable: true, absent };
    },

    async ofRegion<Item extends RowSchema>(
      region: Region,
      list: ClusterList,
      item: Item,
      { limit = 100, offset = 0 }: AskedRows,
    ): Promise<Rows<z.output<Item>>> {
      const all = await everyOf(region, list, item, asking);
      const items = all.slice(offset, offset + limit);
      return { items, hasMore: all.length > offset + limit, isPageable: true, absent: [] };
    },

    everyOf: <Item extends RowSchema>(region: Region, list: ClusterList, item: Item) =>
      everyOf(region, list, item, asking),

    async every<Item extends RowSchema>(list: ClusterList, item: Item): Promise<z.output<Item>[]> {
      const [ofV1 = [], { rows, absent }] = await Promise.all([
        v1?.every(list, keyed(item)),
        collect(list, item, { from: regions }),
      ]);
      if (absent.length > 0) throw new RefusedError(uncounted(absent));
      return join(list, ofV1, rows);
    },

    /** Every row of what answers, and the regions that do not. */
    async everySeen<Item extends RowSchema>(list: ClusterList, item: Item, { longestMs }: AskedSeen = {}) {
      const { waiting, alone } = split();
      const first = v1?.every(list, keyed(item));
      const [ofV1 = [], { rows, absent }] = await Promise.all([
        first,
        collect(list, item, { from: waiting, beside: first, longestMs }),
      ]);
      return { items: join(list, ofV1, rows), absent: [...alone, ...absent] };
    },
  };
}

async function everyOf<Item extends RowSchema>(region: Region, list: ClusterList, item: Item, { scope }: Asking) {
  const rows: z.output<Item>[] = [];
  await v2Of(region, scope).collect(list, item, rows);
  return rows;
}

interface Collecting {
  from: readonly Region[];
  beside?: Promise<unknown>;
  longestMs?: number;
}

async function wholeOf<Item extends RowSchema>(
  v1: V1,
  list: ClusterList,
  item: Item,
  { items, hasMore }: { items: z.output<Item>[]; hasMore: boolean },
): Promise<z.output<Item>[]> {
  const found = new Map(items.map((row) => [row.id, row]));
  let received = items.length;
  for (let n = 0, more = hasMore; more && n < MOST_PAGES; n += 1) {
    const page = await v1.rows(list, item, { limit: WHOLE_PAGE, offset: received });
    const before = found.size;
    for (const row of page.items) found.set(row.id, row);
    received += page.items.length;
    more = page.hasMore && found.size > before;
  }
  return [...found.values()];
}

function uncounted(absent: readonly Absent[]): string {
  const each = absent.map(({ region, reason }) => `${region} (${reason})`).join(', ');
  return `Not all regions of API v2 answer: ${each}. What is there cannot be counted, and nothing rests on a guess. Call again later; the operator can leave regions out with --regions, or all of v2 with --api v1.`;
}

const noneOf = ([first]: readonly Absent[]): unknown =>
  first?.error ?? new ApiError({ method: 'GET', path: 'clusters', status: 503, messages: [] });

/** Versions that any region offers. */
export async function versionsOf(regions: readonly Region[], asking: Asking): Promise<OfferedVersions> {
  const { answers, absent } = await askAll(regions, (v2) => v2.offered(), asking);
  if (answers.length === 0) throw noneOf(absent);
  const supportStatus = Object.assign({}, ...answers.map(({ value }) => value.supportStatus));
  const versions = [...new Set(answers.flatMap(({ value }) => value.versions))];
  return { api: 'v2', versions: versions.sort((one, other) => Number(one) - Number(other)), supportStatus };
}
