import type { ElicitResult } from '@modelcontextprotocol/client';
import { expect } from 'vitest';
import { clusterRow } from './model.ts';
import { type Go, judges, NOTHING, type Verdict } from './verdicts.ts';
import { passwordsIn, type World, withoutMakers } from './world.ts';

/** How a write is agreed to, or not. */
export const MANNERS = ['agree', 'preview', 'decline', 'other name', 'too late', 'forged'] as const;
type Manner = (typeof MANNERS)[number];

/** What becomes of the request that writes; `lost` is carried out. */
export const FAULTS = ['lost', 'drop', 'html', 503, 429] as const;
type Strike = (typeof FAULTS)[number];

export type Writer = keyof typeof judges;

export interface Write {
  tool: Writer;
  args: Record<string, unknown>;
  manner: Manner;
  fault?: Strike;
}

const REMEMBERED_MS = 120_000;
const THOUGHT_FOR_MS = 602_000;
const NOT_AGAIN_MS = 60_000;
/** A question can be answered wrongly three times. */
const MOST_QUESTIONS = 3;

interface Remembered {
  key: string;
  cluster?: string;
  until: number;
}

/** Makes writes and holds what becomes of them against the model, which it brings up to date. */
export function createWriter(world: World) {
  const { account, kept } = world;
  /** Orders that count only once. */
  const spent: Remembered[] = [];
  /** Until when the person is not asked the same again. */
  const declined = new Map<string, number>();

  const isSpent = (key: string | undefined) => spent.some((one) => one.key === key && Date.now() < one.until);

  async function write({ tool, args, manner, fault }: Write): Promise<void> {
    const judge: (account: World['account'], args: never) => Verdict = judges[tool];
    const verdict = judge(account, args as never);
    const plan = verdict.kind === 'go' ? verdict : undefined;
    /** What becomes of it after a person thought for so long: a backup can have moved on. */
    let later = verdict;
    const think = () => {
      world.pass(THOUGHT_FOR_MS);
      later = judge(account, args as never);
    };
    const answers = answersTo(manner, plan, think);
    world.answer(() => (answers.shift() ?? (() => expect.unreachable('it was asked too often')))());
    world.strike(fault, true);
    const more = manner === 'preview' ? { dryRun: true } : manner === 'forged' ? { confirmationToken: FORGED } : {};
    const first = await world.call(tool, { ...args, ...more });
    const key = JSON.stringify([tool, matter(args)]);
    const end = (seen: Seen, outcomes: string[]) => {
      expect(seen.outcomes, seen.text).toEqual(outcomes);
      for (const line of seen.lines) expect(line).toMatchObject({ audit: true, tool, target: targetOf(args) });
      world.strike(undefined, true);
    };
    /** Nothing was sent, and nothing is other than it was. */
    const endUnsent = (seen: Seen, outcomes: string[], questions = 0) => {
      expect(seen.writes).toEqual([]);
      expect(seen.questions).toHaveLength(questions);
      return end(seen, outcomes);
    };
    const expectRefusal = (seen: Seen, words: RegExp) => {
      expect(seen.result.isError, seen.text).toBe(true);
      expect(seen.text).toMatch(words);
    };

    if (verdict.kind !== 'settled' && verdict.isTwin && manner !== 'preview') {
      expect(first.data, first.text).toMatchObject({ outcome: 'duplicate' });
      return endUnsent(first, ['duplicate']);
    }
    if (verdict.kind === 'refused') {
      expectRefusal(first, verdict.words);
      return endUnsent(first, [NOTHING.test(first.text) ? 'refused' : 'failed']);
    }
    if (verdict.kind === 'settled') {
      expectPresent(first);
      // An earlier change can be over between two looks, or at the end of a wait.
      const isOpen = tool === 'update_cluster' && manner !== 'preview';
      const outcome = manner === 'preview' ? 'preview' : verdict.outcome;
      expect(isOpen ? ['started', 'done'] : [outcome]).toContain(first.data?.outcome);
      return endUnsent(first, isOpen ? [expect.stringMatching(/^(started|done)$/)] : [outcome]);
    }
    if (manner === 'preview') {
      expect(first.data).toMatchObject({ outcome: 'preview', plan: { summary: expect.any(String) } });
      return endUnsent(first, ['preview']);
    }
    if (isSpent(verdict.once)) {
      expect(first.data).toMatchObject({ outcome: 'duplicate' });
      return endUnsent(first, ['duplicate']);
    }
    if (!verdict.destructive) {
      expect(first.questions).toEqual([]);
      return end(first, [settle(first)]);
    }
    return world.way.asks ? endAsked() : endWithToken();

    function endAsked() {
      if (Date.now() < (declined.get(key) ?? 0)) {
        expect(first.data).toMatchObject({ outcome: 'declined', note: expect.stringContaining('within a minute') });
        return endUnsent(first, ['declined']);
      }
      if (manner === 'decline' || manner === 'forged' || manner === 'other name') {
        const isRetyped = manner === 'other name' && plan?.typed !== undefined;
        const questions = isRetyped ? MOST_QUESTIONS : 1;
        if (!isRetyped) declined.set(key, Date.now() + NOT_AGAIN_MS);
        expect(first.data).toMatchObject({ outcome: 'declined' });
        return endUnsent(first, [...Array(questions).fill('asked'), 'declined'], questions);
      }
      if (later.kind === 'refused') {
        expectRefusal(first, later.words);
        return endUnsent(first, ['asked', 'refused'], 1);
      }
      const asked = Array(manner === 'too late' ? 2 : 1).fill('asked');
      expect(first.questions).toHaveLength(asked.length);
      return end(first, [...asked, settle(first)]);
    }

    async function endWithToken() {
      expect(first.data).toMatchObject({
        outcome: 'needs_confirmation',
        plan: { summary: expect.any(String) },
        ...(manner === 'forged' && { note: expect.stringContaining('is not valid for this call') }),
      });
      endUnsent(first, ['needs_confirmation']);
      const { typed } = verdict as Go;
      if (manner === 'decline' || manner === 'forged' || (manner === 'other name' && typed === undefined)) return;
      world.strike(fault, true);
      if (manner === 'too late') think();
      const { confirmationToken } = first.data ?? {};
      const confirmationName = manner === 'other name' ? `not ${typed}` : typed;
      const named = typed === undefined ? {} : { confirmationName };
      const second = await world.call(tool, { ...args, confirmationToken, ...named });
      if (manner === 'other name') {
        expect(second.data).toMatchObject({ outcome: 'declined' });
        return endUnsent(second, ['declined']);
      }
      if (later.kind === 'refused') {
        expectRefusal(second, later.words);
        return endUnsent(second, ['refused']);
      }
      if (manner === 'too late') {
        expect(second.data).toMatchObject({
          outcome: 'needs_confirmation',
          confirmationToken: expect.any(String),
          note: expect.stringContaining('older than'),
        });
        return endUnsent(second, ['needs_confirmation']);
      }
      end(second, [settle(second)]);
      return useAgain({ ...args, confirmationToken, ...named });
    }

    /** Whatever became of the write, its agreement is spent. */
    async function useAgain(agreed: Record<string, unknown>) {
      const third = await world.call(tool, agreed);
      expect(third.writes).toEqual([]);
      if (third.data)
        expect(third.data).not.toMatchObject({
          outcome: 'done',
          note: expect.not.stringContaining('Nothing was sent'),
        });
    }

    /** The write was sent: what came of it, in the model too. */
    function settle(seen: Seen): string {
      const { once, isInvalid, apply } = later as Go;
      const [sent] = seen.writes;
      const isRepeated = fault === 429 && sent?.method !== 'POST';
      expect(seen.writes).toHaveLength(isRepeated ? 2 : 1);
      const struck = isRepeated ? undefined : fault;
      const isUndone = struck === 429 || (struck === undefined && isInvalid);
      if (isMade(args) && !isUndone) for (const password of passwordsIn(sent?.body)) kept.add(password);
      const isDone = !isInvalid && (struck === undefined || struck === 'lost');
      const id = idIn(seen);
      if (isDone) apply(world.writtenAt(), id);
      const isSure = struck === undefined;
      if (!isUndone) {
        const until = (isSure ? world.writtenAt() : Date.now()) + REMEMBERED_MS;
        if (once !== undefined) spent.push({ key: once, until, cluster: isSure ? id : undefined });
      }
      if (isSure && isDone) {
        const outcome = String(seen.data?.outcome);
        expect(outcomesOf(tool, args)).toContain(outcome);
        expectPresent(seen);
        if (tool === 'delete_cluster') forget(String(args.clusterId));
        // The log has what was sent, before any wait.
        return isOverAtOnce(tool) ? 'done' : 'started';
      }
      expectRefusal(seen, wordsAfter(struck));
      return 'failed';
    }

    function expectPresent({ data }: Seen): void {
      const { cluster } = data ?? {};
      if (cluster === undefined) return;
      const { id, metadata, properties } = Object(cluster);
      const expected = account.find(id);
      expect(withoutMakers({ id, ...metadata, ...properties })).toEqual(expected && clusterRow(expected));
    }
  }

  /** Of a cluster that is being deleted its order is no longer remembered. */
  function forget(cluster: string): void {
    for (const one of spent) if (one.cluster === cluster) one.until = 0;
  }

  /** One after the other. A client may send what stands in the form along with a no. */
  function answersTo(manner: Manner, plan: Go | undefined, think: () => void): (() => ElicitResult)[] {
    const isOther = manner === 'other name';
    const { typed } = plan ?? {};
    const content: ElicitResult['content'] =
      typed === undefined ? { confirm: !isOther } : { name: isOther ? `not ${typed}` : ` ${typed} ` };
    const answer: ElicitResult = {
      action: manner === 'decline' || manner === 'forged' ? 'decline' : 'accept',
      content,
    };
    if (isOther && typed !== undefined) return Array(MOST_QUESTIONS).fill(() => answer);
    const late = () => {
      think();
      return answer;
    };
    return manner === 'too late' ? [late, () => answer] : [() => answer];
  }

  return write;
}

type Seen = Awaited<ReturnType<World['call']>>;

const FORGED = 'A'.repeat(27);

/** As the log names it. */
function targetOf({ clusterId, username, name, backupId, displayName }: Record<string, unknown>): string {
  const inside = username ?? name ?? backupId;
  return inside === undefined ? String(clusterId ?? displayName) : `${clusterId}/${inside}`;
}

/** What is agreed to is no more than this. */
function matter({ wait: _, ...args }: Record<string, unknown>) {
  return args;
}

function isMade(args: Record<string, unknown>): boolean {
  const { password, passwordEnv } = Object(args.credentials ?? args);
  return password === undefined && passwordEnv === undefined;
}

/** Of the cluster that was ordered, or found where the answer to the order was lost. */
function idIn({ data, text }: Seen): string | undefined {
  return Object(data?.cluster).id ?? /\(([0-9a-f]{8}-[0-9a-f-]{27})\), BUSY/.exec(text)?.[1];
}

function wordsAfter(fault: Strike | undefined): RegExp {
  if (fault === undefined) return /^The API answered 422/;
  if (fault === 'html') return /^The API answered 502/;
  return typeof fault === 'number'
    ? new RegExp(`^The API answered ${fault}`)
    : /^The request was sent, but the connection failed/;
}

/** The cluster of a user can be BUSY for so short a time that it is AVAILABLE again when it is checked. */
function outcomesOf(tool: string, { wait }: Record<string, unknown>): string[] {
  if (wait || tool === 'create_user' || tool === 'update_user') return ['started', 'done'];
  return [isOverAtOnce(tool) ? 'done' : 'started'];
}

const isOverAtOnce = (tool: string) => ['create_database', 'delete_database', 'delete_user'].includes(tool);
