import { type Fields, isFields } from '../../text/json.ts';

/** Does not apply to tool arguments, which have their own limit. */
const MAX_LEVELS = 64;

export class TooDeepError extends Error {
  override name = 'TooDeepError';
  constructor() {
    super(`it is nested deeper than ${MAX_LEVELS} levels`);
  }
}

/** Clients spell an omitted object in these ways. */
export function isLeftOut(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

export function withoutNulls(value: Fields): Fields;
export function withoutNulls(value: unknown, levels?: number): unknown;
export function withoutNulls(value: unknown, levels = MAX_LEVELS): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (levels === 0) throw new TooDeepError();
  if (Array.isArray(value)) return value.map((item) => withoutNulls(item, levels - 1));
  const fields = Object.entries(value).filter(([, item]) => item !== null && item !== undefined);
  return Object.fromEntries(fields.map(([key, item]) => [key, withoutNulls(item, levels - 1)]));
}

/** Accepts an object as JSON text; undefined if omitted, unchanged if neither. */
function asFields(value: unknown): unknown {
  if (isLeftOut(value)) return undefined;
  if (typeof value !== 'string') return value;
  if (value.trim() === '') return undefined;
  try {
    const meant: unknown = JSON.parse(value);
    if (isLeftOut(meant)) return undefined;
    return isFields(meant) ? meant : value;
  } catch {
    return value;
  }
}

function withField(fields: Fields, name: string, value: unknown): Fields {
  const { [name]: _, ...rest } = fields;
  return value === undefined ? rest : { ...rest, [name]: value };
}

/** Throws TooDeepError. */
export function readParams(method: string, given: unknown): unknown {
  if (isLeftOut(given)) return undefined;
  if (!isFields(given)) return given;
  // Tool arguments and people's answers are not the protocol's to change.
  const { arguments: args, inputResponses, ...rest } = given;
  let params = withoutNulls(rest);
  if ('_meta' in params) params = withField(params, '_meta', isLeftOut(params._meta) ? undefined : params._meta);
  if ('arguments' in given) params = withField(params, 'arguments', readArguments(method, args));
  if (isFields(inputResponses)) params = withField(params, 'inputResponses', readResponses(inputResponses));
  else if (!isLeftOut(inputResponses)) params = { ...params, inputResponses };
  return method === 'initialize' ? { ...UNDECLARED, ...params } : params;
}

/** For clients that do not introduce themselves. */
const UNDECLARED = { capabilities: {}, clientInfo: { name: 'unknown', version: 'unknown' } };

function readArguments(method: string, given: unknown): unknown {
  const args = asFields(given);
  return method === 'tools/call' ? args : withoutNulls(args);
}

function readResponses(responses: Fields): Fields {
  const answered = Object.entries(responses).filter(([, response]) => response !== null);
  return Object.fromEntries(answered.map(([name, response]) => [name, readResult(response)]));
}

/** The content of a form comes from a person and stays unchanged. */
export function readResult(given: unknown): unknown {
  if (isLeftOut(given)) return {};
  if (!isFields(given)) return given;
  const { content, ...rest } = given;
  const result = withoutNulls(rest);
  return content === null || content === undefined ? result : { ...result, content };
}

/** Of a message without the arguments of a tool: the rest is names and settings, and each is checked several times. */
const MOST_VALUES = 2_000;

export function isTooWide({ method, params, ...rest }: Fields): boolean {
  const { arguments: args, ...others } = isFields(params) ? params : { params };
  const open: unknown[] = [rest, others, ...(method === 'tools/call' ? [] : [args])];
  for (let seen = 0; open.length > 0; ) {
    const value = open.pop();
    const inside = typeof value === 'object' && value !== null ? Object.values(value) : [];
    seen += inside.length;
    if (seen > MOST_VALUES) return true;
    open.push(...inside);
  }
  return false;
}

export const TOO_WIDE = `it holds more than ${MOST_VALUES} values beside the arguments of a tool`;
