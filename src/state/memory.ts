import { createMemory } from '../memory.ts';
import { SENDING_MS } from '../times.ts';
import { LAG_MS, MINUTE_MS, type NewClaim, ONCE_MS, PLANNED_MS, type State } from './state.ts';

interface Kept {
  text: string;
  until: number;
}

interface Lease {
  holder: string;
  until: number;
}

interface Entry extends NewClaim {
  dataUntil: number;
  onceUntil: number;
}

const HOUR_MS = 3_600_000;
const NONE = '0';

/** Of one process alone; over with it. */
export function createMemoryState(): State {
  const kept = new Map<string, Kept>();
  const leases = new Map<string, Lease>();
  const entries = new Map<string, Entry>();
  /** Of each account; one that nobody used for so long has no claims left. */
  const versions = createMemory<string>(HOUR_MS);
  let claimed = 0;
  const minutes = createMemory<{ points: number; until: number }>(MINUTE_MS);

  function prune() {
    const now = Date.now();
    for (const [key, { until }] of kept) if (until <= now) kept.delete(key);
    for (const [key, { until }] of leases) if (until <= now) leases.delete(key);
    for (const [id, { dataUntil, onceUntil }] of entries) if (Math.max(dataUntil, onceUntil) <= now) entries.delete(id);
  }

  const present = <T>(read: () => T): T => {
    prune();
    return read();
  };
  const claimsOf = (account: string) => present(() => [...entries.values()].filter((each) => each.account === account));
  const holds = (key: string, holder: string) => present(() => leases.get(key)?.holder) === holder;

  return {
    recall: async (key) => present(() => kept.get(key)?.text),
    async remember(key, text, ms) {
      kept.set(key, { text, until: Date.now() + ms });
    },

    async lease(key, holder, ms) {
      prune();
      const lease = leases.get(key);
      if (lease && lease.holder !== holder) return false;
      leases.set(key, { holder, until: Math.max(lease?.until ?? 0, Date.now() + ms) });
      return true;
    },
    async release(key, holder) {
      if (holds(key, holder)) leases.delete(key);
    },

    async claimed(account) {
      const now = Date.now();
      const own = claimsOf(account);
      return {
        version: versions.get(account) ?? NONE,
        claims: own.map(({ id, cluster, once, data, dataUntil, onceUntil }) => ({
          ...{ id, cluster },
          once: onceUntil > now ? once : [],
          data: dataUntil > now ? data : undefined,
        })),
      };
    },
    async claim(claim, version) {
      if ((versions.get(claim.account) ?? version) !== version) return false;
      claimed += 1;
      versions.set(claim.account, String(claimed));
      const until = Date.now() + PLANNED_MS;
      entries.set(claim.id, { ...claim, dataUntil: until, onceUntil: until });
      return true;
    },
    async settle(id, cluster) {
      const entry = present(() => entries.get(id));
      if (!entry) return;
      const now = Date.now();
      const times = { dataUntil: now + LAG_MS, onceUntil: now + ONCE_MS };
      entries.set(id, { ...entry, cluster: cluster ?? entry.cluster, ...times });
    },
    async unclaim(id) {
      entries.delete(id);
    },
    async forget(account, cluster) {
      for (const entry of entries.values()) {
        if (entry.account === account && entry.cluster === cluster) entries.delete(entry.id);
      }
    },

    async begin({ claim, lease, agreement }) {
      prune();
      const entry = claim === undefined ? undefined : entries.get(claim);
      if ((claim !== undefined && !entry) || (lease && !holds(lease.key, lease.holder))) return 'lost';
      if (agreement && kept.has(agreement.key)) return 'spent';
      const now = Date.now();
      if (lease) leases.set(lease.key, { holder: lease.holder, until: now + SENDING_MS });
      if (agreement) kept.set(agreement.key, { text: '', until: now + agreement.ms });
      if (entry) entries.set(entry.id, { ...entry, dataUntil: now + SENDING_MS + LAG_MS, onceUntil: now + ONCE_MS });
      return 'begun';
    },

    async count(key, points) {
      const minute = minutes.get(key) ?? { points: 0, until: Date.now() + MINUTE_MS };
      if (minute.points === 0) minutes.set(key, minute);
      minute.points += points;
      return { points: minute.points, msLeft: minute.until - Date.now() };
    },
    isReachable: () => true,
    async close() {},
  };
}
