import { type Fields, isFields } from '../../text/json.ts';

/** Levels of a message, a tool's arguments apart, which have a limit of their own. */
const MAX_LEVELS = 64;

export class TooDeepError extends Error {
  override name = 'TooDeepError';
  constructor() {
    super(`it is nested deeper than ${MAX_LEVELS} levels`);
  }
}

/** How clients spell what they leave out, where an object belongs. */
export function isLeftOut(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

/** Without the fields that are null, at every level. Throws TooDeepError. */
export function withoutNulls(value: Fields): Fields;
export function withoutNulls(value: unknown, levels?: number): unknown;
export function withoutNulls(value: unknown, levels = MAX_LEVELS): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (levels === 0) throw new TooDeepError();
  if (Array.isArray(value)) return value.map((item) => withoutNulls(item, levels - 1));
  const fields = Object.entries(value).filter(([, item]) => item !== null && item !== undefined);
  return Object.fromEntries(fields.map(([key, item]) => [key, withoutNulls(item, levels - 1)]));
}

/** An object that may have come as its JSON; undefined where it is left out, and what it is where it is neither. */
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

/** The same object with another value in one field, or without the field. */
function withField(fields: Fields, name: string, value: unknown): Fields {
  const { [name]: _, ...rest } = fields;
  return value === undefined ? rest : { ...rest, [name]: value };
}

/** The parameters of a request as the protocol has them. Throws TooDeepError. */
export function readParams(method: string, given: unknown): unknown {
  if (isLeftOut(given)) return undefined;
  if (!isFields(given)) return given;
  // What a tool takes and what a person answered are not the protocol's to change.
  const { arguments: args, inputResponses, ...rest } = given;
  let params = withoutNulls(rest);
  if ('_meta' in params) params = withField(params, '_meta', isLeftOut(params._meta) ? undefined : params._meta);
  if ('arguments' in given) params = withField(params, 'arguments', readArguments(method, args));
  if (isFields(inputResponses)) params = withField(params, 'inputResponses', readResponses(inputResponses));
  else if (!isLeftOut(inputResponses)) params = { ...params, inputResponses };
  return method === 'initialize' ? { ...UNDECLARED, ...params } : params;
}

/** What a client is that does not say. */
const UNDECLARED = { capabilities: {}, clientInfo: { name: 'unknown', version: 'unknown' } };

function readArguments(method: string, given: unknown): unknown {
  const args = asFields(given);
  return method === 'tools/call' ? args : withoutNulls(args);
}

/** Answers to questions, by the question's name. */
function readResponses(responses: Fields): Fields {
  const answered = Object.entries(responses).filter(([, response]) => response !== null);
  return Object.fromEntries(answered.map(([name, response]) => [name, readResult(response)]));
}

/** What a client answers; the content of a form is a person's. */
export function readResult(given: unknown): unknown {
  if (isLeftOut(given)) return {};
  if (!isFields(given)) return given;
  const { content, ...rest } = given;
  const result = withoutNulls(rest);
  return content === null || content === undefined ? result : { ...result, content };
}
