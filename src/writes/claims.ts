import { randomUUID } from 'node:crypto';
import type { PricedAt } from '../prices/table.ts';
import type { State } from '../state/state.ts';
import type { Size } from '../tools/plans/facts.ts';

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
  /** Undefined if there was nothing to claim. */
  id?: string;
  /** The write finished and may have taken effect. */
  settle(cluster?: string): Promise<void>;
  /** The write was not sent. */
  drop(): Promise<void>;
}

export interface Claims {
  of(accountKey: string): Promise<readonly Claim[]>;
  /** Whether a write with one of these keys is under way, or was sent less than ten minutes ago. */
  has(accountKey: string, keys: readonly string[]): Promise<boolean>;
  /**
   * Undefined if a write with the same key is already claimed. `judge` sees all that others have claimed; it is asked
   * again if they claim more before this claim is placed, and what it throws is passed on.
   */
  place(accountKey: string, claim: Partial<Claim>, judge?: Judge): Promise<ClaimHandle | undefined>;
  forget(accountKey: string, cluster: string): Promise<void>;
}

type Judge = (others: readonly Claim[]) => Partial<Claim>;

type Data = Pick<Claim, 'size' | 'place'>;

export function createClaims(state: State): Claims {
  /** Other replicas write the same shapes. */
  async function read(accountKey: string) {
    const { version, claims } = await state.claimed(accountKey);
    return { version, claims: claims.map(({ cluster, once, data }) => ({ cluster, once, ...(data as Data) })) };
  }

  const holds = (claims: readonly Claim[], keys: readonly string[]) =>
    keys.some((key) => claims.some(({ once }) => once?.includes(key)));

  const handleOf = (id: string): ClaimHandle => ({
    id,
    // What was sent stays claimed if the state cannot be told; what was not sent is soon over.
    settle: (cluster) => state.settle(id, cluster).catch(() => {}),
    drop: () => state.unclaim(id).catch(() => {}),
  });

  /** A claim that failed can be made nevertheless, later than anyone waits for it. */
  const dropped = (id: string) => (error: unknown) => {
    void state.unclaim(id).catch(() => {});
    throw error;
  };

  return {
    of: async (accountKey) => (await read(accountKey)).claims,
    has: async (accountKey, keys) => keys.length > 0 && holds((await read(accountKey)).claims, keys),

    async place(accountKey, claim, judge) {
      if (!judge && !claim.once?.length) return NOTHING;
      const id = randomUUID();
      for (;;) {
        const { version, claims } = await read(accountKey);
        const { cluster = id, once = [], size, place } = { ...claim, ...judge?.(claims) };
        if (holds(claims, once)) return undefined;
        const made = await state
          .claim({ id, account: accountKey, cluster, once, data: { size, place } }, version)
          .catch(dropped(id));
        if (made) return handleOf(id);
      }
    },

    forget: (accountKey, cluster) => state.forget(accountKey, cluster).catch(() => {}),
  };
}

const NOTHING: ClaimHandle = { settle: async () => {}, drop: async () => {} };

/** For a preview, which claims nothing; while the state is away, it knows of no other claims. */
export function previewing(claims: Claims): Claims {
  const of = (accountKey: string) => claims.of(accountKey).catch(() => []);
  return {
    ...claims,
    of,
    async place(accountKey, _, judge) {
      judge?.(await of(accountKey));
      return NOTHING;
    },
  };
}
