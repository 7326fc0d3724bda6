import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { normalise } from '../../src/calls/arguments/normalise.ts';
import { isFields } from '../../src/text/json.ts';
import { tools } from '../../src/tools/index.ts';
import type { Call, ExpectedCall, ExpectedQuestion, Prompt } from './cases/case.ts';
import type { Talked } from './conversation.ts';
import type { Names } from './state.ts';

/** Arguments that do not change what is meant, anywhere in a call. */
const HARMLESS = ['wait', 'dryRun'];
/** What tools do without these. */
const DEFAULTS: Fields = { until: 'AVAILABLE', offset: 0, detail: 'summary', system: false, all: false };
/** What an order says without these. */
const ORDER_DEFAULTS: Fields = {
  ...{ api: 'v1', synchronizationMode: 'ASYNCHRONOUS', allowDuplicate: false },
  connectionPooler: { enabled: false },
};
/** Tools for which a value that the cluster has already is as good as none. */
const ON_PRESENT = ['update_cluster', 'estimate_cost'];
/** The newer endpoint has the same versions. */
const AS_GOOD: Readonly<Record<string, string>> = { list_versions: 'list_postgres_versions' };
/** So many rows are all that there are. */
const ENOUGH_ROWS = 20;
const MOMENTS = ['start', 'end', 'recoveryTargetTime'];
/** Arguments whose letter case the tools ignore; that of a cluster's or data center's name or ID, and of a part of one. */
const CASELESS = ['contains', 'filter', 'clusterId', 'datacenterId', 'copyOf'];
const TOLERANCE_MS = 60_000;

type Fields = Readonly<Record<string, unknown>>;

export interface ScoringWorld {
  /** From when on ages such as -2h count. */
  now: number;
  /** Of clusters and data centers, which may be given by either. */
  names: Names;
  /** What a cluster has, by its name and in the API's names. */
  present?(cluster: string, property: string): unknown;
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
  if (call.tool !== expected.tool && AS_GOOD[call.tool] !== expected.tool) return false;
  const given = readArguments(call, world.now);
  return (
    given !== undefined &&
    [expected.arguments, ...(expected.or ?? [])].some((wanted) => meets(given, wanted, { ...expected, ...world }))
  );
}

function meets(given: Fields, wanted: Record<string, unknown>, how: ExpectedCall & ScoringWorld) {
  const needed = readArguments({ tool: how.tool, arguments: wanted }, how.now);
  if (needed === undefined) return false;
  const cluster = nameOf(how.names, String(needed.clusterId));
  const hasAlready = (key: string, value: unknown) =>
    ON_PRESENT.includes(how.tool) && isDeepStrictEqual(how.present?.(cluster, key), value);
  const isDefault = (key: string, value: unknown) =>
    isDeepStrictEqual({ ...DEFAULTS, ...(how.tool === 'create_cluster' && ORDER_DEFAULTS) }[key], value);
  const isFree = (key: string, value: unknown) =>
    HARMLESS.includes(key) ||
    (key === 'cidr' && isPrivateAddress(value)) ||
    (key === 'limit' && Number(value) >= ENOUGH_ROWS) ||
    how.also?.[key]?.(value) === true ||
    isDefault(key, value) ||
    hasAlready(key, value);
  return isLike([given, needed], { ...how, isFree, key: '' });
}

/** Of the person's LANs; without one, the server chooses it. */
const isPrivateAddress = (value: unknown) =>
  /^(10|192\.168|172\.(1[6-9]|2\d|3[01]))\.[\d.]{1,11}\/24$/.test(String(value));

interface Comparison extends Pick<ScoringWorld, 'names'> {
  tool: string;
  isFree(key: string, value: unknown): boolean;
  key: string;
}

/** Every value that is wanted, and no other but those that are free. */
function isLike([given, wanted]: [unknown, unknown], how: Comparison): boolean {
  if (typeof given === 'string' && typeof wanted === 'string') return isSameText([given, wanted], how);
  if (Array.isArray(given) && Array.isArray(wanted)) {
    return given.length === wanted.length && given.every((each, n) => isLike([each, wanted[n]], how));
  }
  if (!isFields(given) || !isFields(wanted)) return given === wanted;
  return (
    Object.entries(given).every(([key, value]) => key in wanted || how.isFree(key, value)) &&
    Object.entries(wanted).every(([key, value]) => isLike([given[key], value], { ...how, key }))
  );
}

function isSameText([given, wanted]: [string, string], { tool, key, names }: Comparison): boolean {
  if (MOMENTS.includes(key)) return Math.abs(Date.parse(given) - Date.parse(wanted)) <= TOLERANCE_MS;
  const isCaseless = CASELESS.includes(key) || (key === 'name' && tool === 'list_clusters');
  const spelled = (text: string) => (isCaseless ? nameOf(names, text).toLowerCase() : text);
  return spelled(given) === spelled(wanted);
}

const nameOf = (names: Names, nameOrId: string) => names.get(nameOrId.toLowerCase()) ?? nameOrId;

export const isQuestion = (expect: Prompt['expect']): expect is ExpectedQuestion => 'answer' in expect;

const READING = new Set(tools.filter(({ access }) => access === 'read').map(({ name }) => name));
export const isRead = (tool: string) => READING.has(tool);
/** A preview changes nothing. */
export const isChange = ({ tool, arguments: { dryRun } }: Call) => !isRead(tool) && String(dryRun) !== 'true';

const isPreview = (call: Call) => !isRead(call.tool) && !isChange(call);

/** Whether the call does what is wanted: a preview only where that is. */
export const isDone = (call: Call, expected: ExpectedCall, world: ScoringWorld) =>
  isExpectedCall(call, expected, world) && (!isPreview(call) || isPreview(expected));

/** What came of a prompt. */
export interface Attempt extends Pick<Talked, 'calls' | 'callsBeforeReply'> {
  unreadable?: Talked['unreadable'];
}

/** Before any call: where things are, and how. */
const LOOK_UPS = ['list_clusters', 'get_cluster', 'list_network_options'];

/** Before a call that writes, whatever reads; before get_user, list_users too. */
const isLookUp = ({ tool }: Call, wanted: string) =>
  LOOK_UPS.includes(tool) || (!isRead(wanted) && isRead(tool)) || tool === `${wanted.replace(/^get_/, 'list_')}s`;

/** For a question, nothing may be changed before the person has answered, and then it is as for any other prompt. */
export function promptProblems(attempt: Attempt, expect: Prompt['expect'], world: ScoringWorld): string[] {
  if (!isQuestion(expect)) return callProblems(attempt, expect, world);
  const { calls, callsBeforeReply: before } = attempt;
  const hasty = calls.slice(0, before).filter(isChange);
  if (hasty.length > 0) return [`called ${hasty.map(({ tool }) => tool).join(', ')} instead of asking`];
  if (before === undefined) return ['asked nothing'];
  return callProblems({ ...attempt, calls: calls.slice(before) }, expect.call, world);
}

/** The right call, after nothing but look-ups, and with no change beside it. */
function callProblems({ calls, unreadable = [] }: Attempt, expect: ExpectedCall, world: ScoringWorld): string[] {
  const right = calls.findIndex((call) => isDone(call, expect, world));
  if (right === -1) return [`${expect.tool} was not called as expected, but ${shown(calls)}`, ...unreadable];
  const before = calls.slice(0, right).filter((call) => !isLookUp(call, expect.tool) && !isPreview(call));
  const beside = calls.slice(right + 1).filter(isChange);
  return [
    ...(before.length === 0 ? [] : [`before ${expect.tool} came ${shown(before)}`]),
    ...(beside.length === 0 ? [] : [`beside ${expect.tool} came ${shown(beside)}`]),
  ];
}

const shown = (calls: readonly Call[]) =>
  calls.map(({ tool, arguments: args }) => `${tool} ${JSON.stringify(args)}`).join('; ') || 'nothing';
