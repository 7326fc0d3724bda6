import * as z from 'zod';
import { NoAnswerError } from '../../errors.ts';
import { idKey } from '../../text/ids.ts';
import { parsedIn } from '../generations/keyed.ts';
import type { AbsentSource, AskedRows, AskedSeen, ClusterList, RowSchema, Rows, Seen } from '../generations/port.ts';
import type { ClusterPort } from '../generations/writing/port.ts';
import { factsOf, type Sight } from './sight.ts';

/** Rows that one request asks for, and requests that one list takes at most. */
const WHOLE_PAGE = 1_000;
const MOST_PAGES = 50;

const CLUSTERS = { of: 'clusters' } as const;

/** A row beside what the API said of it. */
function known<Item extends RowSchema>(item: Item) {
  return z.unknown().transform((raw, context) => {
    const value = parsedIn(item, raw, context);
    return { id: value.id, value, raw };
  });
}

interface Known<T> {
  value: T;
  raw: unknown;
}

/** Lists without what does not exist for the caller; an offset counts the rows that are left. */
export function narrowedLists(clusters: ClusterPort, sight: Sight) {
  const isSeen = ({ raw }: Known<unknown>) => sight.isSeen(raw);

  /** Of a backup the API shows the cluster's ID alone. */
  function isOfOneOf(all: readonly Known<unknown>[]) {
    const ids = new Set(all.filter(isSeen).map(({ raw }) => idKey(factsOf(raw).id ?? '')));
    return ({ raw }: Known<unknown>) => {
      const { clusterId } = factsOf(raw);
      return clusterId !== undefined && (ids.has(idKey(clusterId)) || sight.has({ id: clusterId }));
    };
  }

  /** As many of the rows that match as are wanted, or all. */
  async function matching<Item extends RowSchema>(
    list: ClusterList,
    item: Item,
    { isWanted, most, once }: Matching,
  ): Promise<Pick<Rows<z.output<Item>>, 'items' | 'isPageable' | 'absent'>> {
    const found = new Map<string, z.output<Item>>();
    const seen = new Set<string>();
    for (let n = 0, offset = 0; n < MOST_PAGES; n += 1) {
      const page = await clusters.rows(list, known(item), { limit: WHOLE_PAGE, offset, once });
      const before = seen.size;
      for (const row of page.items) {
        seen.add(row.id);
        if (isWanted(row)) found.set(row.id, row.value);
      }
      offset += page.items.length;
      const { hasMore, isPageable, absent } = page;
      if (!hasMore || seen.size === before || found.size >= most) {
        return { items: [...found.values()], isPageable, absent };
      }
    }
    throw new NoAnswerError('GET', `the list has no end within ${MOST_PAGES} pages`, true);
  }

  /** Undefined for the list of one cluster, all of which then exists. */
  async function wantedIn(list: ClusterList, readClusters: () => Promise<Listed>): Promise<Wanted | undefined> {
    if (list.of === 'clusters') return { isWanted: isSeen, absent: [] };
    if (list.clusterId === undefined) {
      const { items, ...more } = await readClusters();
      return { isWanted: isOfOneOf(items), ...more };
    }
    await sight.require(list.clusterId);
    return undefined;
  }
  const listSeen = () => clusters.everySeen(CLUSTERS, known(anyRow));
  const listEvery = async () => ({ items: await clusters.every(CLUSTERS, known(anyRow)), absent: [] });

  return {
    async rows<Item extends RowSchema>(list: ClusterList, item: Item, asked: AskedRows): Promise<Rows<z.output<Item>>> {
      const wanted = await wantedIn(list, listSeen);
      if (!wanted) return clusters.rows(list, item, asked);
      const { limit = 100, offset = 0, once } = asked;
      const found = await matching(list, item, { ...wanted, most: offset + limit + 1, once });
      return {
        items: found.items.slice(offset, offset + limit),
        hasMore: found.items.length > offset + limit,
        isPageable: found.isPageable && wanted.absent.length === 0,
        absent: joined(found.absent, wanted.absent),
      };
    },

    async every<Item extends RowSchema>(list: ClusterList, item: Item): Promise<z.output<Item>[]> {
      const wanted = await wantedIn(list, listEvery);
      if (!wanted) return clusters.every(list, item);
      const rows = await clusters.every(list, known(item));
      return rows.filter(wanted.isWanted).map(({ value }) => value);
    },

    async everySeen<Item extends RowSchema>(
      list: ClusterList,
      item: Item,
      asked?: AskedSeen,
    ): Promise<Seen<z.output<Item>>> {
      const wanted = await wantedIn(list, listSeen);
      if (!wanted) return clusters.everySeen(list, item, asked);
      const { items, unseen = wanted.unseen, absent } = await clusters.everySeen(list, known(item), asked);
      return {
        items: items.filter(wanted.isWanted).map(({ value }) => value),
        unseen,
        absent: joined(absent, wanted.absent),
      };
    },
  };
}

type Listed = Pick<Seen<Known<unknown>>, 'items' | 'absent' | 'unseen'>;

interface Wanted extends Pick<Listed, 'absent' | 'unseen'> {
  isWanted(row: Known<unknown>): boolean;
}

interface Matching extends Pick<Wanted, 'isWanted'> {
  most: number;
  once?: boolean;
}

const anyRow = z.looseObject({ id: z.string() });

function joined(some: readonly AbsentSource[], others: readonly AbsentSource[]): readonly AbsentSource[] {
  return [...some, ...others.filter(({ region }) => some.every((each) => each.region !== region))];
}
