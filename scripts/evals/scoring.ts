import * as z from 'zod';
import { normalise } from '../../src/calls/arguments/normalise.ts';
import { isFields } from '../../src/text/json.ts';
import { tools } from '../../src/tools/index.ts';
import type { Call, ExpectedCall, ExpectedQuestion, Prompt } from './cases.ts';
import type { Names } from './state.ts';

/** Arguments that do not change what is meant, anywhere in a call; without a cidr, the server chooses one. */
const HARMLESS = ['wait', 'dryRun', 'cidr'];
/** So many rows are all that there are. */
const ENOUGH_ROWS = 20;
const MOMENTS = ['start', 'end', 'recoveryTargetTime'];
/** Arguments whose letter case the tools ignore. */
const CASELESS = ['contains', 'filter', 'name'];
const TOLERANCE_MS = 60_000;

export interface ScoringWorld {
  /** From when on ages such as -2h count. */
  now: number;
  /** Of clusters and data centers, which may be given by either. */
  names: Names;
}

/** The arguments as the server reads them; undefined if it refuses them. */
export function readArguments(
  { tool: name, arguments: given }: Call,
  now: number,
): Record<string, unknown> | undefined {
  const tool = tools.find((each) => each.name === name);
  if (!tool) return undefined;
  const { args } = normalise(tool.input, given, { ignoresUnknown: tool.access === 'read', now });
  const read = z.record(z.string(), z.unknown()).safeParse(tool.input.safeParse(args).data);
  return read.data;
}

export function isExpectedCall(call: Call, expected: ExpectedCall, world: ScoringWorld): boolean {
  if (call.tool !== expected.tool) return false;
  const given = readArguments(call, world.now);
  return (
    given !== undefined &&
    [expected.arguments, ...(expected.or ?? [])].some((wanted) => meets(given, wanted, { ...expected, ...world }))
  );
}

function meets(given: Record<string, unknown>, wanted: Record<string, unknown>, how: ExpectedCall & ScoringWorld) {
  const needed = readArguments({ tool: how.tool, arguments: wanted }, how.now);
  return needed !== undefined && isLike([given, needed], { ...how, key: '' });
}

/** Every value that is wanted, and no other but those that are free. */
function isLike([given, wanted]: [unknown, unknown], how: Comparison): boolean {
  if (typeof given === 'string' && typeof wanted === 'string') return isSameText([given, wanted], how);
  if (Array.isArray(given) && Array.isArray(wanted)) {
    return given.length === wanted.length && given.every((each, n) => isLike([each, wanted[n]], how));
  }
  if (!isFields(given) || !isFields(wanted)) return given === wanted;
  const isFree = (key: string) =>
    key in wanted ||
    HARMLESS.includes(key) ||
    (key === 'limit' && Number(given.limit) >= ENOUGH_ROWS) ||
    how.also?.[key]?.(given[key]) === true;
  return (
    Object.keys(given).every(isFree) &&
    Object.entries(wanted).every(([key, value]) => isLike([given[key], value], { ...how, key }))
  );
}

interface Comparison extends ScoringWorld, Pick<ExpectedCall, 'also'> {
  key: string;
}

function isSameText([given, wanted]: [string, string], { key, names }: Comparison): boolean {
  if (MOMENTS.includes(key)) return Math.abs(Date.parse(given) - Date.parse(wanted)) <= TOLERANCE_MS;
  if (CASELESS.includes(key)) return given.toLowerCase() === wanted.toLowerCase();
  return (names.get(given) ?? given) === (names.get(wanted) ?? wanted);
}

export const isQuestion = (expect: Prompt['expect']): expect is ExpectedQuestion => 'asksFor' in expect;

const ASKING = /^(which|what|how|where|who|whose|when|welch\p{L}*|was|wie|wo|wohin|wer|wem|wann)$/u;
const REQUESTING = /^(please|tell|say|name|bitte|sag|nenne?)$/u;
const MORE = /^(else|sonst|noch)$/u;

/** Whether a sentence of the text asks the person, or begs them to say, what is missing. */
export function asks(text: string, { asksFor }: ExpectedQuestion): boolean {
  return sentencesIn(text.toLowerCase()).some((sentence) => {
    const words = sentence.match(/[\p{L}\p{N}]+/gu) ?? [];
    const has = (kind: RegExp) => words.some((word) => kind.test(word));
    if (!sentence.endsWith('?') && !has(REQUESTING)) return false;
    return !has(MORE) && (has(ASKING) || asksFor.some((word) => sentence.includes(word)));
  });
}

const sentencesIn = (text: string) => (text.match(/[^.?!\n]+[.?!]?/g) ?? []).map((sentence) => sentence.trim());

const READING = new Set(tools.filter(({ access }) => access === 'read').map(({ name }) => name));
export const isRead = (tool: string) => READING.has(tool);
/** A preview changes nothing. */
export const isChange = ({ tool, arguments: { dryRun } }: Call) => !isRead(tool) && String(dryRun) !== 'true';

/** What came of a prompt: the calls in their order, then what was said. */
export interface Attempt {
  calls: readonly Call[];
  text: string;
}

/**
 * The right call, after nothing but look-ups: before one that reads, list_clusters; before one that writes, any that
 * reads. For a question: no write, and a text that asks for one of what is missing.
 */
export function promptProblems({ calls, text }: Attempt, expect: Prompt['expect'], world: ScoringWorld): string[] {
  const written = calls.filter(isChange);
  if (isQuestion(expect)) {
    if (written.length > 0) return [`called ${written.map(({ tool }) => tool).join(', ')} instead of asking`];
    return asks(text, expect) ? [] : ['asked for nothing that is missing'];
  }
  const right = calls.findIndex((call) => isExpectedCall(call, expect, world));
  if (right === -1) return [`${expect.tool} was not called as expected, but ${shown(calls)}`];
  const isLookUp = ({ tool }: Call) => tool === 'list_clusters' || (!isRead(expect.tool) && isRead(tool));
  const strays = calls.slice(0, right).filter((call) => !isLookUp(call));
  return strays.length === 0 ? [] : [`before ${expect.tool} came ${shown(strays)}`];
}

const shown = (calls: readonly Call[]) =>
  calls.map(({ tool, arguments: args }) => `${tool} ${JSON.stringify(args)}`).join('; ') || 'nothing';
