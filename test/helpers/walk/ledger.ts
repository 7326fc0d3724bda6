import { expect } from 'vitest';
import { API_URL } from '../account.ts';
import { hourlyCost, isPriced, monthlyCost, perHour, perMonth, type Sized, unitsOf } from './costs.ts';
import type { Settings } from './settings.ts';

/** So long after a change of its own, the server may take what it sent or what it sees for so, whichever raises more. */
const IN_DOUBT_MS = 120_000;

type Writer = 'the server' | 'somebody';

interface Entry {
  at: number;
  by: Writer;
  size: Sized;
}

interface Account {
  name: string;
  entries: Entry[];
  isGone: boolean;
}

/** What the server has made of one cluster. */
interface Change {
  id: string;
  name: string;
  at: number;
  before?: Sized;
  after: Sized;
  /** What all clusters then cost for 30 days, as far as the server could know. */
  total: number;
}

interface Row {
  id: string;
  metadata: { state: string };
  properties: Sized & { displayName: string };
}

/**
 * What the clusters of the sandbox cost, looked up there after each request that writes, whoever sends it: what is paid
 * must not rise, nor get past a cap, unless it may.
 */
export function createLedger(ask: (request: Request) => Promise<Response>, settings: Settings) {
  const { confirm, perCluster, inTotal, lagMs } = settings;
  const accounts = new Map<string, Account>();
  let changes: Change[] = [];
  /** The clusters that the present call of the server sends changes of, and until when it counts others as in doubt. */
  const asked = new Set<string>();
  const doubted = new Map<string, number>();

  async function rows(): Promise<Row[]> {
    const url = `${API_URL}/clusters?limit=1000`;
    const response = await ask(new Request(url, { headers: { authorization: 'Bearer ledger' } }));
    return ((await response.json()) as { items: Row[] }).items;
  }

  /** Somebody else's changes that no list shows yet are known to nobody; those of the server are, to the server. */
  function known({ entries, isGone }: Account, now: number): number {
    const seen = entries.findLast(({ at, by }) => by === 'the server' || at <= now - lagMs);
    return isGone || !seen ? 0 : monthlyCost(seen.size);
  }

  function check({ id, name, before, after, total }: Change, plan: string | undefined): void {
    const by = hourlyCost(after) - (before ? hourlyCost(before) : 0);
    if (by <= 0) return;
    const priced = isPriced(settings, after);
    const what = `${name} (${id}) costs ${perMonth(by)} more, in all ${total / unitsOf('1')}: ${JSON.stringify(settings)}`;
    if (perCluster !== undefined || inTotal !== undefined) expect(priced, `${what}, which is not known`).toBe(true);
    if (perCluster !== undefined) expect(monthlyCost(after), what).toBeLessThanOrEqual(unitsOf(perCluster));
    if (inTotal !== undefined) expect(total, what).toBeLessThanOrEqual(unitsOf(inTotal));
    if (confirm === 'never' || confirm === 'destructive') return;
    const { confirmAbove } = settings;
    const isAllowed = confirmAbove !== undefined && priced && by * 720 <= unitsOf(confirmAbove);
    if (confirm === 'costly' && isAllowed) return;
    expect(plan ?? 'nothing', `${what}; what was agreed to`).toContain(before ? id : name);
    if (!priced) return void expect(plan, what).toContain('The cost is not known');
    const words = before
      ? /Difference: \+(\S+) EUR per hour, \+(\S+) EUR per/
      : /Cost: (\S+) EUR per hour, (\S+) EUR per/;
    const [, hour, month] = words.exec(plan ?? '') ?? [];
    // As far as they are rounded.
    const [moreAnHour, moreAMonth] = [Number(hour) - perHour(by), Number(month) - perMonth(by)];
    expect(moreAnHour, `${what}; ${plan}`).toBeGreaterThan(-0.000_000_6);
    expect(moreAMonth, `${what}; ${plan}`).toBeGreaterThan(-0.006);
    if (Date.now() < (doubted.get(id) ?? 0)) return;
    expect(moreAnHour, `${what}; ${plan}`).toBeLessThan(0.000_000_6);
    expect(moreAMonth, `${what}; ${plan}`).toBeLessThan(0.006);
  }

  return {
    /** To be told after each request that writes; `changed` is the cluster that it is about. */
    async note(by: Writer, { at = Date.now(), changed = '' } = {}): Promise<void> {
      if (by === 'the server') asked.add(changed);
      const present = await rows();
      const fresh: Omit<Change, 'total'>[] = [];
      for (const account of accounts.values()) account.isGone = true;
      for (const { id, metadata, properties } of present) {
        const { displayName: name, instances, cores, ram, storageSize, storageType } = properties;
        const after = { instances, cores, ram, storageSize, storageType };
        const account = accounts.get(id) ?? { name, entries: [], isGone: false };
        const before = account.entries.at(-1)?.size;
        // What is being deleted is paid for no longer.
        Object.assign(account, { name, isGone: metadata.state === 'DESTROYING' });
        accounts.set(id, account);
        if (JSON.stringify(before) === JSON.stringify(after)) continue;
        account.entries.push({ at, by, size: after });
        if (by === 'the server') fresh.push({ id, name, at, before, after });
      }
      const total = [...accounts.values()].reduce((sum, each) => sum + known(each, at), 0);
      changes.push(...fresh.map((change) => ({ ...change, total })));
    },

    /** The newest cluster that the call has made. */
    ordered: () => changes.findLast(({ before }) => before === undefined)?.id,

    /** The list as it was some time ago. */
    async delay(response: Response): Promise<Response> {
      const list = (await response.json()) as { items: Row[] };
      const items = list.items.flatMap((row) => {
        const { entries = [] } = accounts.get(row.id) ?? {};
        const entry = entries.findLast(({ at }) => at <= Date.now() - lagMs);
        return entry ? [{ ...row, properties: { ...row.properties, ...entry.size } }] : [];
      });
      return Response.json({ ...list, items });
    },

    begin(): void {
      changes = [];
    },

    /** What the call since then has made; `plan` is the one that somebody said yes to. */
    end(plan: string | undefined): void {
      expect(new Set(changes.map(({ id }) => id)).size, 'clusters that one call changed').toBeLessThanOrEqual(1);
      for (const change of changes) check(change, plan);
      for (const id of [...asked, ...changes.map((change) => change.id)]) doubted.set(id, Date.now() + IN_DOUBT_MS);
      asked.clear();
    },
  };
}
