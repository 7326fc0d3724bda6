import type * as z from 'zod';
import { isFields } from '../../text/json.ts';
import { plain } from '../../text/nearest.ts';
import { type Moment, timeIn } from './moments.ts';

/** Arguments that clients are known to add to any tool, as are names that begin with _. */
const INJECTED = new Set(
  [
    // n8n
    ...['toolCallId', 'sessionId', 'action', 'chatInput', 'tool'],
    // Cline and Roo Code
    ...['task_progress', 'requires_approval'],
    // Cursor, Windsurf, Antigravity, VS Code
    ...['random_string', 'explanation', 'toolSummary', 'toolAction', 'waitForPreviousTools', 'goal'],
    // OpenHands
    ...['security_risk', 'thought', 'thoughts', 'reasoning', 'reason'],
    // Letta
    ...['request_heartbeat', 'is_background'],
    // LangChain and others
    ...['callbacks', 'run_manager', 'kwargs', 'tool_call_id', 'session_id', 'conversation_id'],
  ].map(plain),
);

const DEEPEST = 8;
const LONGEST_NUMBER = 40;

export interface Normalised {
  args: unknown;
  /** Unknown keys of a read; a write silently drops only keys that clients are known to add. */
  ignored: string[];
  moments: Moment[];
}

interface Rules {
  /** A read drops unknown keys; a write lets the schema report them. */
  ignoresUnknown: boolean;
  /** The time from which ages count, in milliseconds since the epoch. */
  now?: number;
}

/**
 * Converts the spellings that clients and models use into the schema's: blank ("", null, or nothing but these) means
 * omitted where that is allowed; JSON text, digits and other letter case mean the value; an age means its time.
 * Anything else stays, for the schema to report.
 */
export function normalise(schema: z.ZodObject, raw: unknown, { ignoresUnknown, now = Date.now() }: Rules): Normalised {
  const ignored: string[] = [];
  const moments: Moment[] = [];

  function normalised(given: unknown, wanted: Wanted, at: string): unknown {
    if (wanted.kind === 'object') return ofObject(jsonIn(given, isFields), wanted, at);
    if (wanted.kind === 'array') {
      const items = jsonIn(given, Array.isArray);
      const item = wantedBy(wanted.element);
      return Array.isArray(items) ? items.map((each, n) => normalised(each, item, `${at}[${n}]`)) : items;
    }
    const value = scalar(given, wanted);
    const time = wanted.kind === 'text' ? timeIn(value, wanted.schema, now) : undefined;
    if (time === undefined) return value;
    moments.push({ at, given: String(value).trim(), time });
    return time;
  }

  function ofObject(given: unknown, wanted: WantedObject, at: string): unknown {
    if (!isFields(given)) return given;
    const entries = Object.entries(given).flatMap(([key, value]): [string, unknown][] => {
      const part = Object.hasOwn(wanted.shape, key) ? wanted.shape[key] : undefined;
      if (!part) {
        if (ignoresUnknown) ignored.push(key);
        else if (!INJECTED.has(plain(key)) && !key.startsWith('_')) return [[key, value]];
        return [];
      }
      const inner = wantedBy(part);
      if (value === null || (inner.isOptional && isOmission(value, inner))) return [];
      return [[key, normalised(value, inner, at ? `${at}.${key}` : key)]];
    });
    return Object.fromEntries(entries);
  }

  return { args: normalised(raw, wantedBy(schema), ''), ignored, moments };
}

interface WantedObject {
  kind: 'object';
  shape: Readonly<Record<string, z.core.$ZodType>>;
  isOptional: boolean;
}

type Wanted =
  | WantedObject
  | { kind: 'array'; element: z.core.$ZodType; isOptional: boolean }
  | { kind: 'word'; words: readonly string[]; isOptional: boolean }
  | { kind: 'text'; schema: z.core.$ZodType; isOptional: boolean }
  | { kind: 'number' | 'boolean' | 'other'; isOptional: boolean };

function wantedBy(schema: z.core.$ZodType, isOptional = false): Wanted {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'optional':
    case 'default':
      return wantedBy(def.innerType, true);
    case 'nullable':
    case 'catch':
    case 'readonly':
      return wantedBy(def.innerType, isOptional);
    case 'pipe':
      // z.preprocess has what comes before the schema, .transform what comes after it.
      return wantedBy((def.in as z.core.$ZodTypes)._zod.def.type === 'transform' ? def.out : def.in, isOptional);
    case 'object':
      return { kind: 'object', shape: def.shape, isOptional };
    case 'array':
      return { kind: 'array', element: def.element, isOptional };
    case 'enum':
      return { kind: 'word', words: Object.values(def.entries).map(String), isOptional };
    case 'string':
      return { kind: 'text', schema, isOptional };
    case 'number':
    case 'boolean':
      return { kind: def.type, isOptional };
    default:
      return { kind: 'other', isOptional };
  }
}

function scalar(given: unknown, wanted: Exclude<Wanted, { kind: 'object' | 'array' }>): unknown {
  const text = typeof given === 'string' ? given.trim() : undefined;
  switch (wanted.kind) {
    case 'number':
      return text !== undefined && isNumber(text) ? Number(text) : given;
    case 'boolean':
      return /^(true|false)$/i.test(text ?? '') ? text?.toLowerCase() === 'true' : given;
    case 'word':
      return wordIn(text, wanted.words) ?? given;
    case 'text':
      return typeof given === 'number' ? numberAsText(given) : unquoted(given, wanted.schema);
    default:
      return given;
  }
}

function isNumber(text: string): boolean {
  return text.length <= LONGEST_NUMBER && /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text));
}

/** JSON may have lost digits of a larger number, so it stays one and the schema rejects it. */
function numberAsText(given: number): unknown {
  return Number.isFinite(given) && Math.abs(given) < 1e15 ? String(given) : given;
}

function wordIn(text: string | undefined, words: readonly string[]): string | undefined {
  if (text === undefined) return undefined;
  const bare = jsonIn(text, (value) => typeof value === 'string');
  return words.find((word) => word.toLowerCase() === String(bare).trim().toLowerCase());
}

/** Removes a client's extra quotation marks, where only that makes the value valid. */
function unquoted(given: unknown, schema: z.core.$ZodType): unknown {
  if (typeof given !== 'string' || !given.startsWith('"')) return given;
  const bare = jsonIn(given, (value) => typeof value === 'string');
  const { safeParse } = schema as z.ZodType;
  return bare !== given && !safeParse(given).success && safeParse(bare).success ? bare : given;
}

function jsonIn(given: unknown, isWanted: (value: unknown) => boolean): unknown {
  if (typeof given !== 'string') return given;
  try {
    const value: unknown = JSON.parse(given);
    return isWanted(value) ? value : given;
  } catch {
    return given;
  }
}

/** A blank in any spelling. Where a text is wanted, "null" is one. */
function isOmission(value: unknown, wanted: Wanted): boolean {
  if (isBlank(value)) return true;
  // An unclear dryRun would send the write.
  if (typeof value !== 'string' || wanted.kind === 'boolean') return false;
  if (wanted.kind === 'text') return value.trim() === '""' && !(wanted.schema as z.ZodType).safeParse(value).success;
  return jsonIn(value, (parsed) => isBlank(parsed)) !== value;
}

/** null, "", and whatever contains at least one of these and nothing else: an empty list detaches a cluster. */
function isBlank(value: unknown, levels = DEEPEST): boolean {
  if (value === null || value === '') return true;
  if (typeof value !== 'object' || levels === 0) return false;
  const parts = Object.values(value);
  return parts.length > 0 && parts.every((part) => isBlank(part, levels - 1));
}
