import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { faultIn } from '../../../src/transports/wire/broken-json.ts';
import { readMessages, refuseLong } from '../../../src/transports/wire/messages.ts';
import { ENVELOPE, oddText } from '../../helpers/wire.ts';

const BOM = '\ufeff';

function read(given: unknown, inFlight: readonly (string | number)[] = []) {
  const text = typeof given === 'string' ? given : JSON.stringify(given);
  return readMessages(text, { takesBatches: false, inFlight: new Set(inFlight) });
}

/** The parameters as the SDK gets them. */
function params(method: string, given: unknown): unknown {
  const { messages, problems } = read({ jsonrpc: '2.0', id: 1, method, params: given });
  expect(problems).toEqual([]);
  const [message] = messages;
  return message && 'params' in message ? message.params : undefined;
}

/** What is answered instead. */
function refusal(given: unknown) {
  const { messages, refusals } = read(given);
  expect(messages).toEqual([]);
  expect(refusals).toHaveLength(1);
  return { id: refusals[0]?.id, ...refusals[0]?.error };
}

const init = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } };

describe('a message that holds very many values', () => {
  const many = Object.fromEntries(Array.from({ length: 3_000 }, (_, n) => [`key${n}`, []]));
  const meta = { 'io.modelcontextprotocol/clientCapabilities': { experimental: many } };

  test.each<[method: string, params: object]>([
    ['initialize', { ...init, capabilities: { experimental: many } }],
    ['tools/call', { name: 'x', _meta: meta }],
    ['prompts/get', { name: 'x', arguments: many }],
    ['prompts/get', { name: 'x', arguments: JSON.stringify(many) }],
  ])('is refused before it is checked in detail: %s', (method, given) => {
    expect(refusal({ jsonrpc: '2.0', id: 1, method, params: given }).message).toContain('more than 2000 values');
  });

  test('is refused as an answer or a notification as well', () => {
    expect(refusal({ jsonrpc: '2.0', id: 1, result: many }).message).toContain('more than 2000 values');
    expect(refusal({ jsonrpc: '2.0', method: 'notifications/progress', params: many }).message).toContain('2000');
  });

  test('is taken where they are the arguments of a tool, whose schema tells what is wrong', () => {
    expect(params('tools/call', { name: 'x', arguments: many })).toMatchObject({ arguments: many });
  });
});

test('a URI that no resource has is refused before the SDK reads it', () => {
  const reading = { jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri: `a:${'x'.repeat(10_000)}` } };

  expect(refusal(reading)).toMatchObject({ code: -32_602, message: expect.stringContaining('longer than 10000') });
});

test('empty lists for empty objects are mended, all at once and up to sixteen', () => {
  const lists = (length: number) => Object.fromEntries(Array.from({ length }, (_, n) => [`k${n}`, []]));
  const initialize = (length: number) => ({ ...init, capabilities: { experimental: lists(length) } });

  expect(params('initialize', initialize(16))).toMatchObject({ capabilities: { experimental: { k0: {}, k15: {} } } });
  expect(refusal({ jsonrpc: '2.0', id: 1, method: 'initialize', params: initialize(17) }).message).toContain('k16');
});

describe('what is left out in another spelling', () => {
  test.each([null, [], '', undefined])('params %j', (given) => {
    expect(params('tools/list', given)).toBeUndefined();
    expect(params('ping', given)).toBeUndefined();
    expect(params('no/such', given)).toBeUndefined();
  });

  test.each([null, [], ''])('_meta %j', (_meta) => {
    expect(params('tools/list', { _meta })).toEqual({});
    expect(params('no/such', { _meta, a: 1 })).toEqual({ a: 1 });
  });

  test.each([null, [], '', '{}', '[]', 'null', ' '])('arguments %j', (args) => {
    expect(params('tools/call', { name: 'x', arguments: args })).toEqual(
      args === '{}' ? { name: 'x', arguments: {} } : { name: 'x' },
    );
    expect(params('prompts/get', { name: 'x', arguments: args })).toMatchObject({ name: 'x' });
  });

  test.each([
    ['tools/list', { cursor: null }, {}],
    ['tools/list', { _meta: { progressToken: null, other: null } }, { _meta: {} }],
    ['tools/call', { name: 'x', task: null, _meta: null }, { name: 'x' }],
    ['prompts/get', { name: 'x', arguments: { a: null, b: 'c' } }, { name: 'x', arguments: { b: 'c' } }],
    ['resources/read', { uri: 'u', requestState: null, inputResponses: null }, { uri: 'u' }],
    [
      'completion/complete',
      { ref: { type: 'ref/prompt', name: 'x', title: null }, argument: { name: 'a', value: '' }, context: null },
      { ref: { type: 'ref/prompt', name: 'x' }, argument: { name: 'a', value: '' } },
    ],
    [
      'initialize',
      { ...init, capabilities: { roots: null, sampling: { tools: null } } },
      { ...init, capabilities: { sampling: {} } },
    ],
    ['initialize', { ...init, clientInfo: { ...init.clientInfo, icons: null, title: null } }, init],
    ['initialize', { ...init, capabilities: null }, init],
    [
      'initialize',
      { protocolVersion: 'x', clientInfo: null },
      { protocolVersion: 'x', clientInfo: { name: 'unknown', version: 'unknown' }, capabilities: {} },
    ],
    // Some languages cannot tell an empty object from an empty list.
    [
      'initialize',
      { ...init, capabilities: { elicitation: [], roots: [] } },
      { ...init, capabilities: { elicitation: {}, roots: {} } },
    ],
    ['tools/list', { _meta: { ...ENVELOPE, 'io.modelcontextprotocol/clientCapabilities': [] } }, { _meta: ENVELOPE }],
    [
      'tools/list',
      { _meta: { ...ENVELOPE, 'io.modelcontextprotocol/clientCapabilities': { elicitation: null, sampling: [] } } },
      { _meta: { ...ENVELOPE, 'io.modelcontextprotocol/clientCapabilities': { sampling: {} } } },
    ],
  ])('%s %j', (method, given, meant) => {
    expect(params(method, given)).toEqual(meant);
  });

  test('nulls stay in what a tool takes and in what a person answered', () => {
    const args = { a: null, b: { c: null }, d: [null] };
    expect(params('tools/call', { name: 'x', arguments: args })).toEqual({ name: 'x', arguments: args });
    const inputResponses = { consent: { action: 'accept', content: { name: null }, _meta: null }, other: null };
    expect(params('tools/call', { name: 'x', inputResponses })).toEqual({
      name: 'x',
      inputResponses: { consent: { action: 'accept', content: { name: null } } },
    });
  });

  test('arguments may come as the text of an object', () => {
    for (const args of [{ a: 1 }, { a: null }, { a: '{}' }]) {
      expect(params('tools/call', { name: 'x', arguments: JSON.stringify(args) })).toEqual({
        name: 'x',
        arguments: args,
      });
    }
  });

  test.each([
    [`${BOM}{"jsonrpc":"2.0","id":1,"method":"ping"}`],
    [`${BOM}${BOM} {"jsonrpc":"2.0","id":1,"method":"ping"}\r`],
    [' {"jsonrpc":"2.0","id":1,"method":"ping","error":null,"result":null,"extra":7}'],
    ['{"jsonrpc":"2.0","id":1,"method":"ping","params":null}\u0020'],
  ])('around a message: %j', (line) => {
    expect(read(line)).toMatchObject({ messages: [{ jsonrpc: '2.0', id: 1, method: 'ping' }], refusals: [] });
  });

  test.each(['', ' ', '\t\r', BOM])('a blank %j is nothing', (line) => {
    expect(read(line)).toEqual({ messages: [], refusals: [], problems: [], isBatch: false });
  });
});

describe('answers of the client', () => {
  test.each([
    [
      { id: 4, result: null },
      { id: 4, result: {} },
    ],
    [
      { id: 4, result: { _meta: null }, error: null },
      { id: 4, result: {} },
    ],
    [
      { id: 4, result: { action: 'accept', content: null } },
      { id: 4, result: { action: 'accept' } },
    ],
    [
      { id: 4, result: { action: 'accept', content: { a: null } } },
      { id: 4, result: { action: 'accept', content: { a: null } } },
    ],
    [
      { id: 4, error: { code: -32601, message: null } },
      { id: 4, error: { code: -32601, message: '' } },
    ],
    [
      { id: 4, error: { code: '-32601', message: 'x' } },
      { id: 4, error: { code: -32601, message: 'x' } },
    ],
    [
      { id: 4, error: 'no', result: null, method: null },
      { id: 4, error: { code: -32600, message: 'no' } },
    ],
  ])('%j', (given, meant) => {
    expect(read({ jsonrpc: '2.0', ...given }).messages).toEqual([{ jsonrpc: '2.0', ...meant }]);
  });

  test.each([
    { id: 4, result: 7 },
    { id: {}, result: {} },
    { id: 4, result: {}, jsonrpc: 2 },
  ])('the ID of %j is not answered: it is one of ours', (given) => {
    expect(refusal({ jsonrpc: '2.0', ...given })).toMatchObject({ id: null, code: -32600 });
    expect(refusal(`${JSON.stringify({ jsonrpc: '2.0', ...given })},`)).toMatchObject({ id: null, code: -32700 });
  });
});

describe('a cancellation', () => {
  const cancel = (given: object, inFlight: readonly (string | number)[], more: object = {}) => {
    const { messages } = read({ jsonrpc: '2.0', method: 'notifications/cancelled', params: given, ...more }, inFlight);
    return messages;
  };
  const cancelled = (requestId: string | number, reason?: string) => [
    { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId, ...(reason && { reason }) } },
  ];

  test.each([
    [{ requestId: 2 }, 2],
    [{ requestId: '2' }, 2],
    [{ requestId: 2, reason: null }, 2],
    [{ requestId: 2, reason: { code: 1 } }, 2],
    [{ requestId: 2, reason: 7, _meta: null }, 2],
    [{ requestId: 7 }, '7'],
    [{ requestId: ' 2 ' }, 2],
    [{ requestId: 'unknown' }, 'unknown'],
  ])('%j is for %j', (given, id) => {
    expect(cancel(given, [2, '7'])).toEqual(cancelled(id));
  });

  test('the exact ID goes first, and a reason in words stays', () => {
    expect(cancel({ requestId: '2', reason: 'bored' }, [2, '2'])).toEqual(cancelled('2', 'bored'));
  });

  test('with an ID of its own it still cancels, and the reply says that notifications have none', () => {
    const { messages, refusals } = read({
      jsonrpc: '2.0',
      id: 9,
      method: 'notifications/cancelled',
      params: { requestId: 2 },
    });
    expect(messages).toEqual(cancelled(2));
    expect(refusals).toMatchObject([{ id: 9, error: { code: -32600, message: expect.stringContaining('has no id') } }]);
  });
});

describe('an invalid message is answered in one line', () => {
  test.each([
    ['garbage', null, -32700, 'breaks off at character 1'],
    ['{"jsonrpc":"2.0","id":', null, -32700, 'ends too early'],
    ['{"jsonrpc":"2.0","id":7,"method":"ping",}', 7, -32700, 'breaks off at character 41'],
    ['{"id":"a\\"b","method":"tools/call","params":{"name":"x"', 'a"b', -32700, 'ends too early'],
    ["{'jsonrpc': '2.0', 'id': 3, 'method': 'ping'}", 3, -32700, 'breaks off at character 2'],
    ['{jsonrpc:"2.0", method:"ping", id: 12}', 12, -32700, 'breaks off at character 2'],
    ['{"params":{"id":3},,"id":9}', 9, -32700, 'breaks off at character 20'],
    ['{"params":{"id":3},,"x":"id"}', null, -32700, 'breaks off'],
    ['Content-Length: 52', null, -32700, 'breaks off at character 1'],
    ['null', null, -32600, 'a message is a JSON object'],
    ['7', null, -32600, 'a message is a JSON object'],
    ['{}', null, -32600, 'it has no method, result or error'],
    ['{"jsonrpc":"2.0","id":1001}', 1001, -32600, 'it has no method, result or error'],
    ['{"jsonrpc":"1.0","id":1000,"method":"ping"}', 1000, -32600, 'jsonrpc must be "2.0"'],
    ['{"id":"x","method":"ping"}', 'x', -32600, 'jsonrpc is missing'],
    ['{"jsonrpc":"2.0","id":8,"method":7}', 8, -32600, 'method must be a string'],
    ['{"jsonrpc":"2.0","id":1.5,"method":"ping"}', 1.5, -32600, 'id must be a string or a whole number'],
    ['{"jsonrpc":"2.0","id":null,"method":"ping"}', null, -32600, 'id must be a string or a number'],
    ['{"jsonrpc":"2.0","id":[2],"method":"ping"}', null, -32600, 'id must be a string or a number'],
    ['{"jsonrpc":2,"id":9,"method":"notifications/initialized"}', 9, -32600, 'jsonrpc must be "2.0"'],
    ['[]', null, -32600, 'The batch is empty'],
    ['[{"jsonrpc":"2.0","id":2,"method":"ping"}]', 2, -32600, 'send each message separately'],
    ['[1,{"id":{},"method":"ping"}]', null, -32600, 'send each message separately'],
    ['{"jsonrpc":"2.0","id":5,"method":"tools/call","params":7}', 5, -32602, 'tools/call: params must be an object'],
    ['{"jsonrpc":"2.0","id":5,"method":"tools/call"}', 5, -32602, 'tools/call: params is missing'],
    ['{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":null}}', 5, -32602, 'params.name is missing'],
    [
      '{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"x","arguments":"y"}}',
      5,
      -32602,
      'params.arguments must be an object',
    ],
    [
      '{"jsonrpc":"2.0","id":5,"method":"tools/list","params":{"cursor":5}}',
      5,
      -32602,
      'params.cursor must be a string',
    ],
    ['{"jsonrpc":"2.0","id":5,"method":"no/such","params":{"_meta":5}}', 5, -32602, 'params._meta must be an object'],
    [
      '{"jsonrpc":"2.0","id":5,"method":"ping","params":{"_meta":{"progressToken":true}}}',
      5,
      -32602,
      'params._meta.progressToken must be a string or a number',
    ],
    [
      '{"jsonrpc":"2.0","id":5,"method":"initialize","params":{"protocolVersion":null}}',
      5,
      -32602,
      'params.protocolVersion is missing',
    ],
    [
      '{"jsonrpc":"2.0","id":5,"method":"initialize","params":{"protocolVersion":"x","clientInfo":{"name":"y"}}}',
      5,
      -32602,
      'params.clientInfo.version is missing',
    ],
    [
      '{"jsonrpc":"2.0","id":5,"method":"prompts/get","params":{"name":"x","arguments":{"a":1}}}',
      5,
      -32602,
      'params.arguments.a must be a string',
    ],
    [
      '{"jsonrpc":"2.0","id":5,"method":"completion/complete","params":{"ref":{"type":"ref/resource"},"argument":{"name":"x","value":"y"}}}',
      5,
      -32602,
      'params.ref.uri is missing',
    ],
    [
      '{"jsonrpc":"2.0","id":5,"method":"completion/complete","params":{"ref":5,"argument":{"name":"x","value":"y"}}}',
      5,
      -32602,
      'params.ref must be an object',
    ],
    [
      `{"jsonrpc":"2.0","id":5,"method":"ping","params":${'{"a":'.repeat(100)}1${'}'.repeat(100)}}`,
      5,
      -32600,
      'deeper than 64 levels',
    ],
  ])('%s', (line, id, code, words) => {
    expect(refusal(line)).toMatchObject({ id, code, message: expect.stringContaining(words) });
  });

  test.each([
    ['initialize', { _meta: ENVELOPE }],
    ['ping', { _meta: { ...ENVELOPE, x: 1 }, cursor: 5 }],
    ['subscriptions/listen', {}],
    ['tasks/get', { taskId: 7 }],
    ['__proto__', {}],
  ])('but not %s where the protocol does not have it, which the SDK says', (method, given) => {
    expect(params(method, given)).toMatchObject(given);
  });

  test('a notification is not answered, but its fault is known', () => {
    for (const params of [7, { requestId: {} }, { _meta: 3 }]) {
      const { messages, refusals, problems } = read({ jsonrpc: '2.0', method: 'notifications/cancelled', params });
      expect({ messages, refusals }).toEqual({ messages: [], refusals: [] });
      expect(problems).toEqual([expect.stringMatching(/^notifications\/cancelled: params.* must be /)]);
    }
  });

  test('of what is too long, with the ID that its beginning shows', () => {
    const head = `{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"${'x'.repeat(9_000)}`;
    expect(refuseLong(head, 10)).toMatchObject({ refusals: [{ id: 4, error: { code: -32600 } }], messages: [] });
    expect(refuseLong('{"jsonrpc":"2.0","id":4', 10)).toMatchObject({ refusals: [{ id: null }] });
    expect(refuseLong('xxx', 10)).toMatchObject({ refusals: [{ id: null }] });
  });

  test('whatever it is', () => {
    fc.assert(
      fc.property(oddText, fc.boolean(), (text, takesBatches) => {
        const { messages, refusals, problems } = readMessages(text, { takesBatches });
        for (const { error } of refusals) {
          expect(error.message).toMatch(/^.{1,300}$/);
          expect([-32700, -32600, -32602]).toContain(error.code);
        }
        if (messages.length === 0 && text.trim() !== '') expect(problems.length).toBeGreaterThan(0);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('batches where they are taken', () => {
  const batch = (...messages: object[]) => readMessages(JSON.stringify(messages), { takesBatches: true });
  const ping = (id: number) => ({ jsonrpc: '2.0', id, method: 'ping' });

  test('each message is read like one that comes alone', () => {
    expect(batch(ping(1), { ...ping(2), params: null })).toMatchObject({ isBatch: true, messages: [ping(1), ping(2)] });
  });

  test('one that cannot be taken spoils all, and each ID hears of it', () => {
    const { messages, refusals } = batch(ping(1), { id: 2 }, { jsonrpc: '2.0', method: 'notifications/initialized' });
    expect(messages).toEqual([]);
    expect(refusals.map(({ id }) => id)).toEqual([1, 2]);
  });

  test('more than 100, and any of 2026-07-28, are refused', () => {
    expect(batch(...Array.from({ length: 101 }, (_, id) => ping(id))).refusals).toMatchObject([{ id: null }]);
    const modern = { ...ping(1), params: { _meta: ENVELOPE } };
    expect(batch(modern, ping(2)).refusals.map(({ id }) => id)).toEqual([1, 2]);
  });
});

test('where JSON breaks off is where JSON.parse says, and long texts take no longer for each character', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.constantFrom('', ',', '}', '"', 'x', '\\', ' '), (json, at, put) => {
      const text = json.slice(0, at % (json.length + 1)) + put + json.slice(at % (json.length + 1));
      let isJson = true;
      try {
        JSON.parse(text);
      } catch {
        isJson = false;
      }
      if (isJson) expect(faultIn(text)).toBe(text.length);
    }),
  );
  const started = performance.now();
  for (const part of ['[', '{"a":', '"\\"', '[]', "'", '1', '{"id":1,', '\\"', '[1,']) {
    expect(read(part.repeat(200_000)).problems).toHaveLength(1);
  }
  expect(performance.now() - started).toBeLessThan(5_000);
}, 20_000);

test('no line fails, whatever JSON it has in whichever place', () => {
  const odd = fc.oneof(fc.jsonValue(), fc.constantFrom({ toString: null }, [{ toString: null, valueOf: null }]));
  const message = fc.record(
    { jsonrpc: fc.oneof(fc.constant('2.0'), odd), id: odd, method: odd, params: odd, result: odd, error: odd },
    { requiredKeys: [] },
  );
  const response = fc.record({ jsonrpc: fc.constant('2.0'), id: fc.nat(), error: odd });
  const coded = fc.record({
    jsonrpc: fc.constant('2.0'),
    id: fc.nat(),
    error: fc.record({ code: odd, message: odd, data: odd }),
  });
  fc.assert(
    fc.property(fc.oneof(message, response, coded, fc.array(message, { maxLength: 3 })), (sent) => {
      readMessages(JSON.stringify(sent), { takesBatches: true });
    }),
    { numRuns: 2_000 },
  );
});
