import { randomUUID } from 'node:crypto';
import type { PricedAt } from '../prices/table.ts';
import type { Size } from '../tools/plans/facts.ts';

/** How long the API's lists can lag behind a write. */
const REMEMBERED_MS = 120_000;

export interface Claim {
  /** A placeholder until the cluster's ID is known. */
  cluster: string;
  /** Upper bound. */
  size?: Partial<Size>;
  /** Where that is paid for. */
  place?: PricedAt;
  /** Each key can be claimed once: the same key is the same write. */
  once?: readonly string[];
}

export interface ClaimHandle {
  /** The write finished and may have taken effect. */
  settle(cluster?: string): void;
  /** The write was not sent. */
  drop(): void;
}

export interface Claims {
  of(account: string): readonly Claim[];
  /** Whether a write with this key is under way, or was sent less than two minutes ago. */
  has(account: string, key: string): boolean;
  /** Undefined if a write with the same key is already claimed. */
  place(account: string, claim: Partial<Claim>): ClaimHandle | undefined;
  forget(account: string, cluster: string): void;
}

interface Entry extends Claim {
  account: string;
  /** Milliseconds since the epoch; infinite while the write runs. */
  until: number;
}

export function createClaims(): Claims {
  const entries = new Set<Entry>();

  function of(account: string): Entry[] {
    for (const entry of entries) if (entry.until <= Date.now()) entries.delete(entry);
    return [...entries].filter((entry) => entry.account === account);
  }

  const has = (account: string, key: string) => of(account).some(({ once }) => once?.includes(key));

  return {
    of,
    has,
    place(account, { cluster = randomUUID(), size, place, once = [] }) {
      if (once.some((key) => has(account, key))) return undefined;
      const entry: Entry = { account, cluster, size, place, once, until: Number.POSITIVE_INFINITY };
      entries.add(entry);
      return {
        settle: (id = entry.cluster) => void Object.assign(entry, { cluster: id, until: Date.now() + REMEMBERED_MS }),
        drop: () => void entries.delete(entry),
      };
    },
    forget(account, cluster) {
      for (const entry of of(account)) if (entry.cluster === cluster) entries.delete(entry);
    },
  };
}
