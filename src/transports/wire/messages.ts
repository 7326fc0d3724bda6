import {
  CLIENT_CAPABILITIES_META_KEY,
  type JSONRPCMessage,
  PROTOCOL_VERSION_META_KEY,
  type RequestId,
  specTypeSchemas,
} from '@modelcontextprotocol/server';
import { type Fields, isFields } from '../../text/json.ts';
import { faultIn, idsIn } from './broken-json.ts';
import { type Checked, check, type Problem, type WireSchema } from './issues.ts';
import { isLeftOut, isTooWide, readParams, readResult, TOO_WIDE, TooDeepError, withoutNulls } from './lenience.ts';

/** Messages in one batch, as the SDK counts them. */
const MAX_BATCH = 100;

const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;
const INVALID_PARAMS = -32602;

export interface WireRefusal {
  jsonrpc: '2.0';
  id: RequestId | null;
  error: { code: number; message: string };
}

export interface Reading {
  messages: JSONRPCMessage[];
  refusals: WireRefusal[];
  problems: string[];
  isBatch: boolean;
}

export interface ReadingOptions {
  takesBatches: boolean;
  /** Only where requests share a connection. */
  inFlight?: ReadonlySet<RequestId>;
}

/**
 * The only reader of client messages, in front of the SDK: accepts the spellings that clients use, and explains what is
 * invalid.
 */
export function readMessages(text: string, { takesBatches, inFlight }: ReadingOptions): Reading {
  // A byte order mark counts as white space.
  const json = text.trim();
  if (json === '') return joined([], false);
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return notJson(json);
  }
  if (!Array.isArray(value)) return joined([readMessage(value, inFlight)], false);
  if (value.length === 0) return joined([refused(null, INVALID_REQUEST, 'The batch is empty')], false);
  if (!takesBatches) return refuseAll(value, 'Batches are not supported here: send each message separately');
  if (value.length > MAX_BATCH) {
    return joined([refused(null, INVALID_REQUEST, `A batch holds at most ${MAX_BATCH} messages`)], false);
  }
  if (value.some(claimsModern)) {
    return refuseAll(value, 'Protocol 2026-07-28 has no batches: send each message separately');
  }
  const readings = value.map((each) => readMessage(each, inFlight));
  if (readings.every(({ refusals }) => refusals.length === 0)) return joined(readings, true);
  const others = 'Another message in this batch is invalid, so none was processed: send each message separately';
  return joined(
    readings.flatMap(({ messages, ...rest }) => [
      { ...rest, messages: [] },
      ...messages.flatMap((message) =>
        'method' in message && 'id' in message ? [refused(message.id, INVALID_REQUEST, others)] : [],
      ),
    ]),
    true,
  );
}

export function refuseLong(head: string, max: number): Reading {
  const ids = idsIn(head.trim(), false);
  const words = `The message is longer than ${max} bytes`;
  return joined(
    idsOrNull(ids).map((id) => refused(id, INVALID_REQUEST, words)),
    false,
  );
}

interface Part {
  messages: JSONRPCMessage[];
  refusals: WireRefusal[];
  problems: string[];
}

function joined(parts: readonly Part[], isBatch: boolean): Reading {
  return {
    messages: parts.flatMap(({ messages }) => messages),
    refusals: parts.flatMap(({ refusals }) => refusals),
    problems: [...new Set(parts.flatMap(({ problems }) => problems))],
    isBatch,
  };
}

const taken = (message: JSONRPCMessage): Part => ({ messages: [message], refusals: [], problems: [] });

/** The protocol has no answer to it, as for a notification. */
const ignored = (words: string): Part => ({ messages: [], refusals: [], problems: [words] });

function refused(id: RequestId | null, code: number, message: string): Part {
  return { messages: [], refusals: [{ jsonrpc: '2.0', id, error: { code, message } }], problems: [message] };
}

const idsOrNull = (ids: readonly RequestId[]) => (ids.length > 0 ? ids : [null]);

function notJson(json: string): Reading {
  const at = faultIn(json);
  const where = at < json.length ? `it breaks off at character ${at + 1}` : 'it ends too early';
  const words = `This is not valid JSON, ${where}: send each message as JSON`;
  return joined(
    idsOrNull(idsIn(json)).map((id) => refused(id, PARSE_ERROR, words)),
    false,
  );
}

function refuseAll(batch: readonly unknown[], words: string): Reading {
  const ids = batch.filter((each) => isFields(each) && 'method' in each).map(idOf);
  const readable = ids.filter((id) => id !== null).slice(0, MAX_BATCH);
  return joined(
    idsOrNull(readable).map((id) => refused(id, INVALID_REQUEST, words)),
    true,
  );
}

function claimsModern(message: unknown): boolean {
  if (!isFields(message) || !isFields(message.params)) return false;
  const { _meta: meta } = message.params;
  return isFields(meta) && !isLeftOut(meta[PROTOCOL_VERSION_META_KEY]);
}

function idOf(message: unknown): RequestId | null {
  const { id }: Fields = isFields(message) ? message : {};
  return typeof id === 'string' || (typeof id === 'number' && Number.isFinite(id)) ? id : null;
}

function readMessage(given: unknown, inFlight?: ReadonlySet<RequestId>): Part {
  try {
    return read(given, inFlight);
  } catch (error) {
    if (!(error instanceof TooDeepError)) throw error;
    return refused(idOf(given), INVALID_REQUEST, `This is not a message: ${error.message}`);
  }
}

function read(given: unknown, inFlight?: ReadonlySet<RequestId>): Part {
  if (!isFields(given)) return refused(null, INVALID_REQUEST, 'This is not a message: a message is a JSON object');
  if (isTooWide(given)) return refused(idOf(given), INVALID_REQUEST, `This is not a message: ${TOO_WIDE}`);
  const { method, id } = given;
  if (isLeftOut(method)) return readResponse(given);
  if (typeof method !== 'string')
    return refused(idOf(given), INVALID_REQUEST, 'This is not a message: method must be a string');
  const isNotification = method.startsWith('notifications/');
  if (isNotification || !('id' in given)) {
    const notification = readNotification(method, given, inFlight);
    if (isLeftOut(id) || notification.refusals.length > 0) return notification;
    const words = `${method} is a notification, which has no id: it was processed as one`;
    return joined([notification, refused(idOf(given), INVALID_REQUEST, words)], false);
  }
  return readRequest(method, given);
}

/** The SDK fails on a very long one. */
const LONGEST_URI = 10_000;

const isProblem = (checked: Checked<unknown> | Problem): checked is Problem => 'words' in checked;

/** The SDK rejects other methods. */
const REQUESTS = {
  'tools/list': 'ListToolsRequest',
  'tools/call': 'CallToolRequest',
  'resources/list': 'ListResourcesRequest',
  'resources/templates/list': 'ListResourceTemplatesRequest',
  'resources/read': 'ReadResourceRequest',
  'prompts/list': 'ListPromptsRequest',
  'prompts/get': 'GetPromptRequest',
  'completion/complete': 'CompleteRequest',
} as const;

const REQUESTS_BEFORE = { ...REQUESTS, initialize: 'InitializeRequest', ping: 'PingRequest' } as const;

const MODERN_REQUESTS = {
  ...REQUESTS,
  'server/discover': 'DiscoverRequest',
  'subscriptions/listen': 'SubscriptionsListenRequest',
} as const;

const NOTIFICATIONS = {
  'notifications/initialized': 'InitializedNotification',
  'notifications/progress': 'ProgressNotification',
  'notifications/cancelled': 'CancelledNotification',
  'notifications/roots/list_changed': 'RootsListChangedNotification',
} as const;

function nameIn<Names extends object>(names: Names, method: string): Names[keyof Names] | undefined {
  return Object.hasOwn(names, method) ? names[method as keyof Names] : undefined;
}

function readRequest(method: string, given: Fields): Part {
  const id = idOf(given);
  // Drops response fields and unknown ones.
  const request = { jsonrpc: given.jsonrpc, id: given.id, method, params: readParams(method, given.params) };
  const { uri } = isFields(request.params) ? request.params : { uri: undefined };
  if (typeof uri === 'string' && uri.length > LONGEST_URI)
    return refused(id, INVALID_PARAMS, `${method}: params.uri is longer than ${LONGEST_URI} characters`);
  // What was text can have become more.
  if (isTooWide(request)) return refused(id, INVALID_REQUEST, `This is not a message: ${TOO_WIDE}`);
  const whole = check(specTypeSchemas.JSONRPCRequest, defined(request));
  if (isProblem(whole)) {
    const code = whole.isInParams ? INVALID_PARAMS : INVALID_REQUEST;
    return refused(id, code, `${whole.isInParams ? method : 'This is not a message'}: ${whole.words}`);
  }
  const name = claimsModern(whole.input) ? nameIn(MODERN_REQUESTS, method) : nameIn(REQUESTS_BEFORE, method);
  if (name === undefined) return taken(whole.output);
  const exact = check<unknown>(specTypeSchemas[name], whole.input);
  if (isProblem(exact)) return refused(id, INVALID_PARAMS, `${method}: ${exact.words}`);
  return checkedAgain(specTypeSchemas.JSONRPCRequest, withReadEnvelope(exact.input));
}

function readNotification(method: string, given: Fields, inFlight: ReadonlySet<RequestId> | undefined): Part {
  const params = readParams(method, given.params);
  const asMeant = method === 'notifications/cancelled' ? readCancellation(params, inFlight) : params;
  const notification = defined({ jsonrpc: given.jsonrpc, method, params: asMeant });
  const whole = check(specTypeSchemas.JSONRPCNotification, notification);
  if (isProblem(whole)) {
    if (!whole.isInParams) return refused(idOf(given), INVALID_REQUEST, `This is not a message: ${whole.words}`);
    return ignored(`${method}: ${whole.words}`);
  }
  const name = nameIn(NOTIFICATIONS, method);
  if (name === undefined) return taken(whole.output);
  const exact = check<unknown>(specTypeSchemas[name], whole.input);
  if (isProblem(exact)) return ignored(`${method}: ${exact.words}`);
  return checkedAgain(specTypeSchemas.JSONRPCNotification, exact.input);
}

/** Applies whatever its reason is, and in whichever form it has the ID. */
function readCancellation(params: unknown, inFlight: ReadonlySet<RequestId> | undefined): unknown {
  if (!isFields(params)) return params;
  const { reason, requestId, ...rest } = params;
  const meant =
    typeof requestId === 'string' || typeof requestId === 'number' ? meantId(requestId, inFlight) : requestId;
  return defined({ ...rest, requestId: meant, reason: typeof reason === 'string' ? reason : undefined });
}

function meantId(id: RequestId, inFlight: ReadonlySet<RequestId> = new Set()): RequestId {
  if (inFlight.has(id)) return id;
  const other = typeof id === 'number' ? String(id) : id.trim() === '' ? id : Number(id);
  return inFlight.has(other) ? other : id;
}

function readResponse(given: Fields): Part {
  const { jsonrpc, id } = given;
  if (!isLeftOut(given.error)) {
    const response = defined({ jsonrpc, id: id ?? undefined, error: readError(given.error) });
    return asResponse(check(specTypeSchemas.JSONRPCErrorResponse, response));
  }
  if (!('result' in given)) {
    return refused(idOf(given), INVALID_REQUEST, 'This is not a message: it has no method, result or error');
  }
  const response = { jsonrpc, id, result: readResult(given.result) };
  return asResponse(check(specTypeSchemas.JSONRPCResultResponse, response));
}

/** Not answered: its ID is one of ours and would look like one of the client's. */
function asResponse(checked: Checked<JSONRPCMessage> | Problem): Part {
  return isProblem(checked)
    ? refused(null, INVALID_REQUEST, `This is not a response: ${checked.words}`)
    : taken(checked.output);
}

function codeIn(code: unknown): number | undefined {
  const number = typeof code === 'number' || typeof code === 'string' ? Number(code) : undefined;
  return Number.isSafeInteger(number) ? number : undefined;
}

function readError(given: unknown): unknown {
  // Not String(): an object in it can have no way to be text.
  if (!isFields(given)) return { code: INVALID_REQUEST, message: typeof given === 'string' ? given : '' };
  const { code, message } = given;
  return {
    ...withoutNulls(given),
    code: codeIn(code) ?? INVALID_REQUEST,
    message: typeof message === 'string' ? message : '',
  };
}

/** After repairs, only the whole message can be validated for the SDK. */
function checkedAgain(schema: WireSchema<JSONRPCMessage>, message: unknown): Part {
  const whole = check(schema, message);
  return isProblem(whole) ? refused(idOf(message), INVALID_REQUEST, whole.words) : taken(whole.output);
}

/** The SDK validates what each 2026-07-28 request says about its client, and accepts no other spelling. */
function withReadEnvelope(request: unknown): unknown {
  if (!claimsModern(request) || !isFields(request) || !isFields(request.params)) return request;
  const { _meta: meta, ...params } = request.params;
  if (!isFields(meta) || meta[CLIENT_CAPABILITIES_META_KEY] === undefined) return request;
  const capabilities = check<unknown>(specTypeSchemas.ClientCapabilities, meta[CLIENT_CAPABILITIES_META_KEY]);
  if (isProblem(capabilities)) return request;
  return {
    ...request,
    params: { ...params, _meta: { ...meta, [CLIENT_CAPABILITIES_META_KEY]: capabilities.input } },
  };
}

function defined(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
