import type * as z from 'zod';
import { RefusedError } from '../../errors.ts';
import { isSameId } from '../../text/ids.ts';
import { everyPage, firstPage, WHOLE_PAGE } from './asking/v1-rows.ts';
import type { Sources } from './finding.ts';
import { byOrder, type Keyed, keyed } from './keyed.ts';
import type { AbsentSource, AskedRows, AskedSeen, ClusterList, OfferedVersions, RowSchema, Rows } from './port.ts';
import { type Absent, type Asking, askAll, chosenFrom, noneOf, type Region, v2Of } from './regions.ts';

/** Lists of both generations, joined by ID and sorted: an offset into each of them would skip rows of the others. */
export function createLists({ v1, regions, homes, asking }: Sources) {
  /** Rows of each region that answers; of one that stops half-way, those that came. */
  async function collect<Item extends RowSchema>(list: ClusterList, item: Item, asked: Collecting) {
    const rows = new Map<Region, Keyed<z.output<Item>>[]>(asked.from.map((region) => [region, []]));
    const ask = (v2: ReturnType<typeof v2Of>, region: Region) => v2.collect(list, keyed(item), rows.get(region) ?? []);
    const answered = await askAll(asked.from, ask, { ...asking, beside: asked.beside, longestMs: asked.longestMs });
    return { rows, ...answered };
  }

  function join<T>(list: ClusterList, { ofV1, ofV2, isV1Missing }: Parts<T>): T[] {
    const joined = new Map<string, Keyed<T>>();
    for (const row of ofV1) {
      joined.set(row.key, row);
      homes.set(row.key, 'v1');
    }
    for (const [region, rows] of ofV2) {
      for (const row of rows.filter((each) => isWanted(each, list) && !joined.has(each.key))) {
        joined.set(row.key, row);
        // v1 may have it too.
        if (!isV1Missing) homes.set(row.key, region);
      }
    }
    return [...joined.values()].sort(byOrder).map(({ value }) => value);
  }

  async function joinedRows<Item extends RowSchema>(
    list: ClusterList,
    item: Item,
    { limit = 100, offset = 0, once }: AskedRows,
    { waiting, alone }: ReturnType<typeof chosenFrom>,
  ): Promise<Rows<z.output<Item>>> {
    const beginning = { limit: Math.min(WHOLE_PAGE, offset + limit), once };
    const asked = offset === 0 ? { limit, offset, once } : beginning;
    const first = v1 && firstPage(v1, list, keyed(item), asked, asking.scope);
    const [page, found] = await Promise.all([first, collect(list, item, { from: waiting, beside: first })]);
    const silent = [...alone, ...found.absent.map(withoutError)];
    if (found.answers.length === 0 && [...found.rows.values()].every((rows) => rows.length === 0)) {
      if (!v1 || !page) throw noneOf(found.absent);
      if (page.outage) throw noneOf([page.outage]);
      const { items, hasMore } = offset === 0 ? page : await v1.rows(list, keyed(item), { limit, offset, once });
      return { items: items.map(({ value }) => value), hasMore, ...onV1Alone(silent) };
    }
    const { items: ofV1 = [], outage } = v1 && page ? await everyPage(v1, list, keyed(item), page) : {};
    const all = join(list, { ofV1, ofV2: found.rows, isV1Missing: outage !== undefined });
    const absent = [...(outage ? [withoutError(outage)] : []), ...silent];
    return { ...pageIn(all, { limit, offset }), isPageable: absent.length === 0, absent };
  }

  async function everyOf<Item extends RowSchema>(region: Region, list: ClusterList, item: Item) {
    const rows: Keyed<z.output<Item>>[] = [];
    await v2Of(region, asking.scope).collect(list, keyed(item), rows);
    return rows.filter((row) => isWanted(row, list)).map(({ value }) => value);
  }

  return {
    async rows<Item extends RowSchema>(list: ClusterList, item: Item, asked: AskedRows): Promise<Rows<z.output<Item>>> {
      const chosen = chosenFrom(regions, asking, v1 !== undefined);
      const isAboutOne = list.of === 'backups' && list.clusterId !== undefined;
      if (!v1 || (chosen.waiting.length > 0 && !isAboutOne)) return joinedRows(list, item, asked, chosen);
      return { ...(await v1.rows(list, item, asked)), ...onV1Alone(isAboutOne ? [] : chosen.alone) };
    },

    async ofRegion<Item extends RowSchema>(
      region: Region,
      list: ClusterList,
      item: Item,
      asked: AskedRows,
    ): Promise<Rows<z.output<Item>>> {
      const all = await everyOf(region, list, item);
      return { ...pageIn(all, asked), isPageable: true, absent: [], isOfV2Alone: v1 !== undefined };
    },

    everyOf,

    async every<Item extends RowSchema>(list: ClusterList, item: Item): Promise<z.output<Item>[]> {
      const [ofV1 = [], { rows, absent }] = await Promise.all([
        v1?.every(list, keyed(item)),
        collect(list, item, { from: regions }),
      ]);
      if (absent.length > 0) throw new RefusedError(uncounted(absent));
      return join(list, { ofV1, ofV2: rows });
    },

    /** Every row of what answers, and the regions that do not. */
    async everySeen<Item extends RowSchema>(list: ClusterList, item: Item, { longestMs }: AskedSeen = {}) {
      const first = v1?.every(list, keyed(item));
      const { waiting, alone } = chosenFrom(regions, asking, v1 !== undefined);
      const [ofV1 = [], { rows, absent }] = await Promise.all([
        first,
        collect(list, item, { from: waiting, beside: first, longestMs }),
      ]);
      return { items: join(list, { ofV1, ofV2: rows }), absent: [...alone, ...absent.map(withoutError)] };
    },
  };
}

interface Collecting {
  from: readonly Region[];
  beside?: Promise<unknown>;
  longestMs?: number;
}

interface Parts<T> {
  ofV1: readonly Keyed<T>[];
  ofV2: ReadonlyMap<Region, readonly Keyed<T>[]>;
  isV1Missing?: boolean;
}

/** Whether a row of v2 belongs to the list, whatever the service makes of a filter. */
function isWanted({ name, clusterId }: Keyed<unknown>, list: ClusterList): boolean {
  if (list.of === 'clusters') return name.includes((list.name ?? '').toLowerCase());
  return list.clusterId === undefined || clusterId === undefined || isSameId(clusterId, list.clusterId);
}

function pageIn<T>(all: readonly T[], { limit = 100, offset = 0 }: AskedRows) {
  return { items: all.slice(offset, offset + limit), hasMore: all.length > offset + limit };
}

/** The order of v1 lasts for as long as no region is likely to answer. */
const onV1Alone = (absent: readonly AbsentSource[]) => ({
  isPageable: absent.every(({ isBrief }) => !isBrief),
  absent,
});

const withoutError = ({ error: _, ...absent }: Absent): AbsentSource => absent;

function uncounted(absent: readonly Absent[]): string {
  const each = absent.map(({ region, reason }) => `${region} (${reason})`).join(', ');
  return `Not all regions of API v2 answer: ${each}. What is there cannot be counted, and nothing rests on a guess. Call again later; the operator can leave regions out with --regions, or all of v2 with --api v1.`;
}

/** Versions that any region offers. */
export async function versionsOf(regions: readonly Region[], asking: Asking): Promise<OfferedVersions> {
  const { answers, absent } = await askAll(regions, (v2) => v2.offered(), asking);
  if (answers.length === 0) throw noneOf(absent);
  const supportStatus = Object.assign({}, ...answers.map(({ value }) => value.supportStatus));
  const versions = [...new Set(answers.flatMap(({ value }) => value.versions))];
  return { api: 'v2', versions: versions.sort((one, other) => Number(one) - Number(other)), supportStatus };
}
