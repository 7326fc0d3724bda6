import { randomUUID } from 'node:crypto';
import type { Size } from '../tools/plans/plan.ts';

/** Milliseconds after a write until the API's lists can be trusted to show it. */
const REMEMBERED_MS = 120_000;

/** What a write of this process takes, while the API may not show it yet. */
export interface Claim {
  /** The ID of its cluster, or a made-up one as long as that is not known. */
  cluster: string;
  /** The largest that it may have. */
  size?: Partial<Size>;
  /** None of these can be claimed twice: the same key is the same write, sent again. */
  once?: readonly string[];
  /** Milliseconds for which it stands after the write, where two minutes are not enough. */
  keptMs?: number;
}

/** A claim that was placed; it stands until it is dropped, or for some time after the write is over. */
export interface ClaimHandle {
  /** The write is over and may have been carried out. */
  settle(cluster?: string): void;
  /** The write was not made. */
  drop(): void;
}

export interface Claims {
  of(account: string): readonly Claim[];
  /** Undefined where a write with the same key stands already. */
  place(account: string, claim: Partial<Claim>): ClaimHandle | undefined;
  /** The cluster is being deleted, so that nothing has to be remembered of its order. */
  forget(account: string, cluster: string): void;
}

interface Entry extends Claim {
  account: string;
  /** In ms since the epoch; until the write is over, for ever. */
  until: number;
}

export function createClaims(): Claims {
  const entries = new Set<Entry>();

  function of(account: string): Entry[] {
    for (const entry of entries) if (entry.until <= Date.now()) entries.delete(entry);
    return [...entries].filter((entry) => entry.account === account);
  }

  return {
    of,
    place(account, { cluster = randomUUID(), size, once = [], keptMs = REMEMBERED_MS }) {
      if (of(account).some((other) => other.once?.some((key) => once.includes(key)))) return undefined;
      const entry: Entry = { account, cluster, size, once, until: Number.POSITIVE_INFINITY };
      entries.add(entry);
      return {
        settle: (id = entry.cluster) => void Object.assign(entry, { cluster: id, until: Date.now() + keptMs }),
        drop: () => void entries.delete(entry),
      };
    },
    forget(account, cluster) {
      for (const entry of of(account)) if (entry.cluster === cluster) entries.delete(entry);
    },
  };
}
