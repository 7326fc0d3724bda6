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
const THOUGHT_FOR_MS = 302_000;

interface Remembered {
  key: string;
  cluster?: string;
  until: number;
}

/** Makes writes and holds what becomes of them against the model, which it brings up to date. */
export function createWriter(world: World) {
  const { account, kept } = world;
  /** Orders and answers that count only once. */
  const spent: Remembered[] = [];

  const isSpent = (key: string | undefined) => spent.some((one) => one.key === key && Date.now() < one.until);

  async function write({ tool, args, manner, fault }: Write): Promise<void> {
    const judge: (account: World['account'], args: never) => Verdict = judges[tool];
    const verdict = judge(account, args as never);
    const plan = verdict.kind === 'go' ? verdict : undefined;
    world.answer(() => answerTo(manner, plan));
    world.strike(fault, true);
    const askedAt = Math.floor(Date.now() / 1000);
    const more = manner === 'preview' ? { dryRun: true } : manner === 'forged' ? { confirmationToken: FORGED } : {};
    const first = await world.call(tool, { ...args, ...more });
    const key = JSON.stringify([tool, matter(args), plan?.basis, askedAt]);
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
    if (verdict.isTwin || isSpent(verdict.once)) {
      expect(first.data).toMatchObject({ outcome: 'duplicate' });
      return endUnsent(first, ['duplicate']);
    }
    if (!verdict.destructive) {
      expect(first.questions).toEqual([]);
      return end(first, [settle(first, [])]);
    }
    return world.way.asks ? endAsked() : endWithToken();

    function endAsked() {
      if (manner === 'too late' || (manner === 'agree' && isSpent(key))) {
        expectRefusal(first, NOTHING);
        return endUnsent(first, ['asked', 'refused'], 1);
      }
      if (manner !== 'agree') {
        expect(first.data).toMatchObject({ outcome: 'declined' });
        return endUnsent(first, ['asked', 'declined'], 1);
      }
      expect(first.questions).toHaveLength(1);
      return end(first, ['asked', settle(first, [key])]);
    }

    async function endWithToken() {
      if (manner === 'forged') {
        expectRefusal(first, NOTHING);
        return endUnsent(first, ['refused']);
      }
      expect(first.data).toMatchObject({ outcome: 'needs_confirmation', plan: { summary: expect.any(String) } });
      endUnsent(first, ['needs_confirmation']);
      const { typed } = verdict as Go;
      if (manner === 'decline' || (manner === 'other name' && typed === undefined)) return;
      world.strike(fault, true);
      if (manner === 'too late') world.pass(THOUGHT_FOR_MS);
      const { confirmationToken } = first.data ?? {};
      const confirmationName = manner === 'other name' ? `not ${typed}` : typed;
      const named = typed === undefined ? {} : { confirmationName };
      const second = await world.call(tool, { ...args, confirmationToken, ...named });
      if (manner === 'other name') {
        expect(second.data).toMatchObject({ outcome: 'declined' });
        return endUnsent(second, ['declined']);
      }
      if (manner === 'too late' || isSpent(key)) {
        expectRefusal(second, NOTHING);
        return endUnsent(second, ['refused']);
      }
      return end(second, [settle(second, [key])]);
    }

    /** The write was sent: what came of it, in the model too. */
    function settle(seen: Seen, keys: string[]): string {
      const { once, isInvalid, apply } = verdict as Go;
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
        const all = once === undefined ? keys : [once, ...keys];
        spent.push(...all.map((key) => ({ key, until, cluster: isSure ? id : undefined })));
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

  /** A client may send what stands in the form along with a no. */
  function answerTo(manner: Manner, plan: Go | undefined): ElicitResult {
    if (manner === 'too late') world.pass(THOUGHT_FOR_MS);
    const isOther = manner === 'other name';
    const { typed } = plan ?? {};
    const content: ElicitResult['content'] =
      typed === undefined ? { confirm: !isOther } : { name: isOther ? `not ${typed}` : typed };
    return { action: manner === 'decline' || manner === 'forged' ? 'decline' : 'accept', content };
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
