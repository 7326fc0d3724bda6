import type { State } from '../../state/state.ts';
import { idKey } from '../../text/ids.ts';
import { withoutUndefined } from '../../text/json.ts';
import { cut } from '../../text/visible.ts';
import type { FormerName, Size } from '../plans/facts.ts';

/** After a write, AVAILABLE may still be the earlier state for this long. */
const IN_DOUBT_MS = 60_000;

/** For this long, the API may still show the sizes of before. */
const SIZES_MS = 120_000;

/** Of what is to be destroyed, a person should know under which name it was known. */
const FORMER_MS = 86_400_000;
const MOST_FORMER = 5;
/** A plan shows no more of it. */
const LONGEST_NAME = 199;

/** For as long as the same order counts as sent again. */
const UNANSWERED_MS = 600_000;
const MOST_UNANSWERED = 3;
const LONGEST_FOUND = 600;

export interface UnansweredWrite {
  tool: string;
  /** When it was sent; ISO 8601 */
  at: string;
  /** What a look, or this server itself, knew of it. */
  found?: string;
  /** Something else happened, which concerns everybody. */
  isAlarm?: boolean;
}

/** Nothing of it fails: without the state, nothing was written recently. */
export interface RecentWrites {
  /** `sizes` are those that were asked for. */
  mark(clusterId: string, sizes?: Partial<Size>): Promise<void>;
  has(clusterId: string): Promise<boolean>;
  /** Those that were asked for last, of what was changed. */
  sizes(clusterId: string): Promise<Partial<Size>>;
  /** A write has given it another name. */
  renamed(clusterId: string, from: string): Promise<void>;
  /** A write was sent, and nobody knows what became of it. */
  lost(clusterId: string, write: UnansweredWrite): Promise<void>;
  /** One of the same tool was answered since. */
  answered(clusterId: string, tool: string): Promise<void>;
  /** The latest last. */
  unanswered(clusterId: string): Promise<readonly UnansweredWrite[]>;
  /** The names that writes have replaced within a day, the latest last, and when. */
  formerNames(clusterId: string): Promise<readonly FormerName[]>;
}

/** Clusters that this process, or another replica, wrote to recently. */
export function createRecentWrites(state: Pick<State, 'recall' | 'remember'>) {
  const recall = (key: string) => state.recall(key).catch(() => undefined);
  const remember = (...given: Parameters<State['remember']>) => state.remember(...given).catch(() => {});
  return {
    of(account: string): RecentWrites {
      const keyOf = (what: 'written' | 'sizes' | 'names' | 'unanswered', clusterId: string) =>
        JSON.stringify([what, account, idKey(clusterId)]);
      const sizes = async (clusterId: string): Promise<Partial<Size>> =>
        JSON.parse((await recall(keyOf('sizes', clusterId))) ?? '{}');
      const formerNames = async (clusterId: string): Promise<readonly FormerName[]> =>
        JSON.parse((await recall(keyOf('names', clusterId))) ?? '[]');
      const unanswered = async (clusterId: string): Promise<readonly UnansweredWrite[]> =>
        JSON.parse((await recall(keyOf('unanswered', clusterId))) ?? '[]');
      async function add(clusterId: string, wanted: Partial<Size>) {
        const all = { ...(await sizes(clusterId)), ...withoutUndefined(wanted) };
        await remember(keyOf('sizes', clusterId), JSON.stringify(all), SIZES_MS);
      }
      return {
        async mark(clusterId, wanted) {
          const written = remember(keyOf('written', clusterId), '', IN_DOUBT_MS);
          await Promise.all([written, wanted && add(clusterId, wanted)]);
        },
        sizes,
        formerNames,
        unanswered,
        async lost(clusterId, { found, ...write }) {
          const all = [...(await unanswered(clusterId)), { ...write, found: found && cut(found, LONGEST_FOUND) }];
          await remember(keyOf('unanswered', clusterId), JSON.stringify(all.slice(-MOST_UNANSWERED)), UNANSWERED_MS);
        },
        async answered(clusterId, tool) {
          const all = await unanswered(clusterId);
          const left = all.filter((write) => write.isAlarm || write.tool !== tool);
          if (left.length === all.length) return;
          await remember(keyOf('unanswered', clusterId), JSON.stringify(left), UNANSWERED_MS);
        },
        async renamed(clusterId, from) {
          const former = { name: cut(from, LONGEST_NAME), until: new Date().toISOString() };
          const all = [...(await formerNames(clusterId)), former].slice(-MOST_FORMER);
          await remember(keyOf('names', clusterId), JSON.stringify(all), FORMER_MS);
        },
        has: async (clusterId) => (await recall(keyOf('written', clusterId))) !== undefined,
      };
    },
  };
}

export const isRecent = (date: string | undefined) => Date.now() - Date.parse(date ?? '') < IN_DOUBT_MS;
