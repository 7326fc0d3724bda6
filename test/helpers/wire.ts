import * as fc from 'fast-check';

/** What the 2026-07-28 protocol has with each request. */
export const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

const clientInfo = { name: 'fuzz', version: '0' };
const METHODS: readonly [string, object][] = [
  ['ping', {}],
  ['initialize', { protocolVersion: '2025-11-25', capabilities: { roots: {} }, clientInfo }],
  ['tools/list', { cursor: 'x' }],
  ['tools/call', { name: 'list_clusters', arguments: { limit: 1 } }],
  ['tools/call', { name: 'get_cluster', arguments: { clusterId: 'x' } }],
  ['resources/list', {}],
  ['resources/read', { uri: 'ionos-postgresql://versions' }],
  ['prompts/get', { name: 'x', arguments: { a: 'b' } }],
  ['completion/complete', { ref: { type: 'ref/resource', uri: 'x' }, argument: { name: 'a', value: '' }, context: {} }],
  ['server/discover', {}],
  ['no/such/method', {}],
  ['notifications/cancelled', { requestId: 'none', reason: 'x' }],
  ['notifications/progress', { progressToken: 1, progress: 1 }],
  ['notifications/initialized', {}],
];

const oddValue = fc.oneof(
  fc.constantFrom(null, '', [], {}, '[]', '{}', 'null', 0, -1, 1.5, 1e300, true, false, [null], [[]], { a: null }),
  fc.jsonValue({ maxDepth: 3 }),
);

/** A message of the protocol in which some fields are others, missing or added. */
export const oddMessage = fc
  .record({
    request: fc.constantFrom(...METHODS),
    id: fc.oneof(fc.integer({ min: 0, max: 1e6 }), fc.string(), oddValue),
    changes: fc.array(
      fc.tuple(
        fc.constantFrom('', 'params', 'params._meta', 'params.arguments', 'params.capabilities', 'params.clientInfo'),
        fc.oneof(
          fc.constantFrom('jsonrpc', 'id', 'method', 'params', '_meta', 'arguments', 'name', 'cursor'),
          fc.string(),
        ),
        fc.option(oddValue, { nil: undefined }),
      ),
      { maxLength: 3 },
    ),
  })
  .map(({ request: [method, params], id, changes }) => {
    const notifies = method.startsWith('notifications/');
    const message: Record<string, unknown> = { jsonrpc: '2.0', ...(!notifies && { id }), method, params };
    return changes.reduce((changed, [place, field, value]) => changedAt(changed, place, field, value), message);
  });

function changedAt(message: Record<string, unknown>, place: string, field: string, value: unknown) {
  const copy = structuredClone(message);
  const at = place
    .split('.')
    .filter(Boolean)
    .reduce<unknown>((inside, key) => (isObject(inside) ? inside[key] : undefined), copy);
  if (!isObject(at)) return copy;
  Object.defineProperty(at, field, { value, enumerable: true, configurable: true, writable: true });
  return copy;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A line or a body: a message, a batch, something that was cut or changed, or anything at all. */
export const oddText = fc
  .oneof(
    { weight: 4, arbitrary: oddMessage.map((message) => JSON.stringify(message)) },
    { weight: 1, arbitrary: fc.array(oddMessage, { maxLength: 3 }).map((batch) => JSON.stringify(batch)) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(oddMessage, fc.nat(), fc.constantFrom('', '}', ',', "'", '"', '\u0000', '\ufeff', '\\'))
        .map(([message, at, put]) => {
          const text = JSON.stringify(message);
          return text.slice(0, at % text.length) + put + text.slice((at % text.length) + 1);
        }),
    },
    { weight: 1, arbitrary: fc.oneof(fc.json(), fc.string({ unit: 'binary' }), fc.constantFrom('', ' ', '\ufeff')) },
  )
  .map((text) => text.replaceAll('\n', ' '));

/** Whether the protocol has no answer to such a text: it is blank, a notification or an answer itself. */
export function hasNoAnswer(text: string): boolean {
  if (text.trim() === '') return true;
  try {
    const message: unknown = JSON.parse(text.trim());
    if (!isObject(message)) return false;
    if (typeof message.method === 'string' && message.method !== '')
      return !('id' in message) || message.method.startsWith('notifications/');
    return 'result' in message || 'error' in message;
  } catch {
    return false;
  }
}
