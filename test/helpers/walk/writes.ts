import type { ElicitResult } from '@modelcontextprotocol/client';
import { expect } from 'vitest';
import { isSmall } from './costs.ts';
import { createServerMemory } from './memory.ts';
import { clusterRow } from './model.ts';
import type { Settings } from './settings.ts';
import { type About, type Meddling, meddle } from './somebody.ts';
import { type Go, judges, NOTHING, type Verdict } from './verdicts.ts';
import { passwordsIn, type World, withoutMakers } from './world.ts';

/**
 * How a write is agreed to, or not. `too late` and `meanwhile` are a yes to a plan that has become old, or is another
 * since somebody else was there; `forged` is a token that nobody gave, and `foreign` one for another call.
 */
export const MANNERS = [
  ...(['agree', 'preview', 'decline', 'close', 'other name'] as const),
  ...(['too late', 'meanwhile', 'meanwhile', 'forged', 'foreign'] as const),
];
type Manner = (typeof MANNERS)[number];

/** What becomes of the request that writes; `lost` is carried out. */
export const FAULTS = ['lost', 'drop', 'html', 503, 429] as const;
type Strike = (typeof FAULTS)[number];

export type Writer = keyof typeof judges;

export interface Write {
  tool: Writer;
  args: About & Record<string, unknown>;
  manner: Manner;
  fault?: Strike;
  meddling: Meddling;
}

const THOUGHT_FOR_MS = 602_000;
const NOT_AGAIN_MS = 60_000;
/** A question can be answered wrongly three times. */
const MOST_QUESTIONS = 3;
const BLOCKED = /^Nothing was sent\. Blocked by a policy that the operator of this server set\./;

/** Makes writes and holds what becomes of them against the model, which it brings up to date. */
export function createWriter(world: World) {
  const { account, kept, settings } = world;
  const memory = createServerMemory(account, settings);
  /** Until when the person is not asked the same again. */
  const declined = new Map<string, number>();
  const tokens: { key: string; token: unknown }[] = [];

  /** What must become of it as things are. */
  function judge({ tool, args, manner }: Write): Verdict {
    const ofTool: (account: World['account'], args: never) => Verdict = judges[tool];
    const verdict = ofTool(account, args as never);
    if (verdict.kind === 'settled') return verdict;
    const duplicate = { kind: 'settled', outcome: 'duplicate' } as const;
    if (verdict.isTwin && manner !== 'preview') return duplicate;
    if (verdict.kind === 'refused') return verdict;
    if (memory.hasSent(verdict.once) && manner !== 'preview') return duplicate;
    if (!verdict.resize) return verdict;
    const { isForbidden, ...more } = memory.judge(verdict.resize);
    return isForbidden ? { kind: 'refused', words: BLOCKED } : { ...verdict, ...more };
  }

  async function write(asked: Write): Promise<void> {
    const { tool, args, manner, fault } = asked;
    const plan = judge(asked);
    /** What must become of it after a person thought about it. */
    let present = plan;
    const think = async () => {
      if (manner === 'too late') world.pass(THOUGHT_FOR_MS);
      else await meddle(world, asked.meddling, args);
      present = judge(asked);
    };
    const isVoid = () => manner === 'too late' || JSON.stringify(basisOf(plan)) !== JSON.stringify(basisOf(present));
    const answers = answersTo(manner, () => present, think);
    world.answer(() => (answers.shift() ?? (() => expect.unreachable('it was asked too often')))());
    world.strike(fault, true);
    const key = JSON.stringify([tool, matter(args)]);
    const foreign = tokens.findLast((one) => one.key !== key)?.token ?? FORGED;
    const first = await world.call(tool, { ...args, ...controls(manner, foreign) });
    if (manner === 'preview' && plan.kind === 'go') {
      expect(first.data).toMatchObject({ outcome: 'preview', plan: { summary: expect.any(String) } });
      return endUnsent(first, ['preview']);
    }
    if (plan.kind !== 'go' || !needsYes(plan, settings)) return finish(first, plan);
    return world.way.asks ? endAsked(plan) : endWithToken(plan);

    function end(seen: Seen, outcomes: unknown[]) {
      expect(seen.outcomes, seen.text).toEqual(outcomes);
      for (const line of seen.lines) expect(line).toMatchObject({ audit: true, tool, target: targetOf(args) });
      world.strike(undefined, true);
    }

    /** Nothing was sent, and nothing is other than it was. */
    function endUnsent(seen: Seen, outcomes: unknown[], questions = 0) {
      expect(seen.writes).toEqual([]);
      expect(seen.questions).toHaveLength(questions);
      end(seen, outcomes);
    }

    /** It goes on without a person, or after so many questions. */
    function finish(seen: Seen, verdict: Verdict, questions = 0) {
      const asked = Array(questions).fill('asked');
      if (verdict.kind === 'refused') return endRefused(seen, verdict.words, questions);
      if (verdict.kind === 'go' && verdict.address && memory.isTaken(verdict.address)) {
        return endRefused(seen, NOTHING, questions);
      }
      if (verdict.kind === 'go') {
        expect(seen.questions).toHaveLength(questions);
        return end(seen, [...asked, settle(seen, verdict)]);
      }
      expectPresent(seen, verdict.outcome === 'duplicate');
      // An earlier change can be over between two looks, or at the end of a wait.
      const isOpen = tool === 'update_cluster' && manner !== 'preview';
      const isPreview = manner === 'preview' && verdict.outcome !== 'duplicate';
      const outcome = isPreview ? 'preview' : verdict.outcome;
      expect(isOpen ? ['started', 'done'] : [outcome], seen.text).toContain(seen.data?.outcome);
      endUnsent(seen, [...asked, isOpen ? expect.stringMatching(/^(started|done)$/) : outcome], questions);
    }

    function endRefused(seen: Seen, words: RegExp, questions: number) {
      expectRefusal(seen, words);
      const outcome = NOTHING.test(seen.text) ? 'refused' : 'failed';
      endUnsent(seen, [...Array(questions).fill('asked'), outcome], questions);
    }

    function endAsked({ typed }: Go) {
      if (Date.now() < (declined.get(key) ?? 0)) {
        expect(first.data).toMatchObject({ outcome: 'declined', note: expect.stringContaining('within a minute') });
        return endUnsent(first, ['declined']);
      }
      if (isNo(manner) || manner === 'other name') {
        const isRetyped = manner === 'other name' && typed !== undefined;
        const questions = isRetyped ? MOST_QUESTIONS : 1;
        if (!isRetyped) declined.set(key, Date.now() + NOT_AGAIN_MS);
        expect(first.data).toMatchObject({ outcome: 'declined' });
        return endUnsent(first, [...Array(questions).fill('asked'), 'declined'], questions);
      }
      const isAskedAgain = present.kind === 'go' && needsYes(present, settings) && isVoid();
      finish(first, present, isAskedAgain ? 2 : 1);
    }

    async function endWithToken({ typed }: Go): Promise<void> {
      expectToken(first, isForeign(manner) ? /is not valid for this call|has already been used/ : /^/);
      if (isNo(manner) || isForeign(manner) || (manner === 'other name' && typed === undefined)) return;
      if (isThoughtOver(manner)) await think();
      world.strike(fault, true);
      let agreed = agreement(first, typed);
      let seen = await world.call(tool, { ...args, ...agreed });
      if (manner === 'other name') {
        expect(seen.data).toMatchObject({ outcome: 'declined' });
        return endUnsent(seen, ['declined']);
      }
      if (present.kind === 'go' && needsYes(present, settings) && isVoid()) {
        expectToken(seen, manner === 'too late' ? /is older than/ : /has changed since/);
        world.strike(fault, true);
        agreed = agreement(seen, present.typed);
        seen = await world.call(tool, { ...args, ...agreed });
      }
      finish(seen, present);
      if (present.kind === 'go' && needsYes(present, settings)) await useAgain(agreed);
    }

    function expectToken(seen: Seen, note: RegExp) {
      expect(seen.data, seen.text).toMatchObject({
        outcome: 'needs_confirmation',
        plan: { summary: expect.any(String) },
        confirmationToken: expect.any(String),
        note: expect.stringMatching(note),
      });
      tokens.push({ key, token: seen.data?.confirmationToken });
      endUnsent(seen, ['needs_confirmation']);
    }

    function agreement({ data }: Seen, typed: string | undefined): Record<string, unknown> {
      const confirmationName = manner === 'other name' ? `not ${typed}` : typed;
      return { confirmationToken: data?.confirmationToken, ...(typed !== undefined && { confirmationName }) };
    }

    /** Whatever became of the write, its agreement is spent. */
    async function useAgain(agreed: Record<string, unknown>) {
      const third = await world.call(tool, { ...args, ...agreed });
      expect(third.writes).toEqual([]);
      if (third.data)
        expect(third.data).not.toMatchObject({
          outcome: 'done',
          note: expect.not.stringContaining('Nothing was sent'),
        });
    }

    /** The write was sent: what came of it, in the model too. */
    function settle(seen: Seen, { once, isInvalid, apply, resize, size, address }: Go): string {
      const [sent] = seen.writes;
      const isRepeated = fault === 429 && sent?.method !== 'POST';
      expect(seen.writes, seen.text).toHaveLength(isRepeated ? 2 : 1);
      const struck = isRepeated ? undefined : fault;
      const isUndone = struck === 429 || (struck === undefined && isInvalid);
      if (isMade(args) && !isUndone) for (const password of passwordsIn(sent?.body)) kept.add(password);
      const isDone = !isInvalid && (struck === undefined || struck === 'lost');
      const isSure = struck === undefined;
      if (isDone) apply(world.writtenAt(), world.ordered());
      if (!isUndone) {
        const cluster = args.clusterId ?? (isSure ? world.ordered() : undefined);
        memory.keep({ cluster, wanted: resize?.wanted, size, once }, isSure ? world.writtenAt() : Date.now());
        if (address) memory.keepAddress(address, world.sentAt());
      }
      if (isSure && isDone) {
        const outcome = String(seen.data?.outcome);
        expect(outcomesOf(tool, args)).toContain(outcome);
        expectPresent(seen);
        if (tool === 'delete_cluster') memory.forget(String(args.clusterId));
        // The log has what was sent, before any wait.
        return isOverAtOnce(tool) ? 'done' : 'started';
      }
      expectRefusal(seen, wordsAfter(struck));
      return 'failed';
    }
  }

  function expectPresent({ data }: Seen, isFromList = false): void {
    const { cluster } = data ?? {};
    if (cluster === undefined) return;
    const { id, metadata, properties } = Object(cluster);
    const listed = account.listed().find((each) => each.cluster.id === id);
    const expected = isFromList ? listed && { ...listed.cluster, properties: listed.properties } : account.find(id);
    expect(withoutMakers({ id, ...metadata, ...properties })).toEqual(expected && clusterRow(expected));
  }

  return write;
}

type Seen = Awaited<ReturnType<World['call']>>;

const FORGED = 'A'.repeat(27);

const isNo = (manner: Manner) => ['decline', 'close', 'forged', 'foreign'].includes(manner);
const isForeign = (manner: Manner) => manner === 'forged' || manner === 'foreign';
const isThoughtOver = (manner: Manner) => manner === 'too late' || manner === 'meanwhile';

/** Whether a person has to agree to it. */
function needsYes({ destructive, rise }: Go, settings: Settings): boolean {
  const { confirm } = settings;
  if (confirm === 'never' || confirm === 'writes') return confirm === 'writes';
  return destructive || (confirm === 'costly' && rise !== undefined && !isSmall(rise, settings));
}

/** With what a yes is void once it is another. */
const basisOf = (verdict: Verdict) => (verdict.kind === 'go' ? [verdict.basis, verdict.rise] : verdict.kind);

function expectRefusal(seen: Seen, words: RegExp): void {
  expect(seen.result.isError, seen.text).toBe(true);
  expect(seen.text).toMatch(words);
}

function controls(manner: Manner, foreign: unknown): object {
  if (manner === 'preview') return { dryRun: true };
  if (manner === 'forged') return { confirmationToken: FORGED };
  return manner === 'foreign' ? { confirmationToken: foreign } : {};
}

type Answers = (() => ElicitResult | Promise<ElicitResult>)[];

/** One after the other. A client may send what stands in the form along with a no. */
function answersTo(manner: Manner, present: () => Verdict, think: () => Promise<void>): Answers {
  const isOther = manner === 'other name';
  const typed = () => {
    const verdict = present();
    return verdict.kind === 'go' ? verdict.typed : undefined;
  };
  const answer = (name = typed()): ElicitResult => ({
    action: manner === 'close' ? 'cancel' : isNo(manner) ? 'decline' : 'accept',
    content: name === undefined ? { confirm: !isOther } : { name: isOther ? `not ${name}` : ` ${name} ` },
  });
  if (isOther && typed() !== undefined) return Array(MOST_QUESTIONS).fill(() => answer());
  if (!isThoughtOver(manner)) return [() => answer()];
  const late = async () => {
    const name = typed();
    await think();
    return answer(name);
  };
  return [late, () => answer()];
}

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
