import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { type CallScope, createApiClient, type Fetch, path } from '../../src/api/client.ts';
import { UnreachedError } from '../../src/api/connection-errors.ts';
import { createFetch } from '../../src/api/fetch.ts';
import { explain } from '../../src/calls/failures.ts';
import { ApiError, type Method, NoAnswerError } from '../../src/errors.ts';
import { redactor } from '../../src/text/secrets.ts';
import { hurried } from '../helpers/fake-clock.ts';
import { listen } from '../helpers/process.ts';

const anything = z.unknown();

/** A client on a played API: each request gets the next answer, the last one for good. */
function played(...answers: (Response | Error | ((request: Request, signal: AbortSignal) => Promise<Response>))[]) {
  const requests: Request[] = [];
  const fetch: Fetch = async (request, { signal }) => {
    const answer = answers[Math.min(requests.length, answers.length - 1)];
    requests.push(request);
    if (answer instanceof Error) throw answer;
    if (typeof answer === 'function') return answer(request, signal);
    if (!answer) throw new Error('no answer was given');
    return answer.clone();
  };
  const options = {
    apiUrl: 'https://api.example/databases/postgresql',
    authorization: 'Bearer planted',
    contractNumber: '31812345',
    userAgent: 'ionos-postgres-mcp/9.9.9',
    fetch,
  };
  return { api: createApiClient(options), options, requests };
}

const dropped = () =>
  new TypeError('fetch failed', { cause: Object.assign(new Error('read'), { code: 'ECONNRESET' }) });
const refused = () => new UnreachedError(Object.assign(new Error('no'), { code: 'ECONNREFUSED' }));
const failure = (status: number, headers?: Record<string, string>) =>
  Response.json({ httpStatus: status, messages: [{ errorCode: 'e-1', message: 'words' }] }, { status, headers });

function call(over: Partial<CallScope> = {}): CallScope {
  return { signal: new AbortController().signal, deadline: Date.now() + 45_000, ...over };
}

const never = (_: Request, signal: AbortSignal) =>
  new Promise<Response>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

const caught = async (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable(),
    (error: unknown) => error,
  );

test('a request carries who asks, for which contract, and as what', async () => {
  const { api, requests } = played(Response.json({}));

  await api.post('clusters', { body: { a: 1 }, query: { limit: 2, name: undefined }, response: anything });

  const [request] = requests;
  expect(request?.url).toBe('https://api.example/databases/postgresql/clusters?limit=2');
  expect(Object.fromEntries(request?.headers ?? [])).toMatchObject({
    authorization: 'Bearer planted',
    accept: 'application/json',
    'content-type': 'application/json',
    'user-agent': 'ionos-postgres-mcp/9.9.9',
    'x-contract-number': '31812345',
  });
  expect(request?.redirect).toBe('manual');
});

test.each([
  ['compute', 'https://api.example/cloudapi/v6/contracts'],
  ['billing', 'https://api.example/billing/contracts'],
] as const)('%s is beside the databases, with the same credentials', async (name, url) => {
  const { api, requests } = played(Response.json({}));

  await api[name].get('contracts', { response: anything });

  expect(requests[0]?.url).toBe(url);
  expect(requests[0]?.headers.get('authorization')).toBe('Bearer planted');
});

test.each([
  [{ computeUrl: 'https://compute.example/gate/cloudapi/v6' }, 'https://compute.example/gate/billing/profile'],
  [
    { computeUrl: 'https://compute.example/cloudapi/v6', billingUrl: 'https://prices.example' },
    'https://prices.example/profile',
  ],
])('with %j, prices come from %s', async (addresses, url) => {
  const { requests, options } = played(Response.json({}));

  await createApiClient({ ...options, ...addresses }).billing.get('profile', { response: anything });

  expect(requests.map((request) => request.url)).toEqual([url]);
});

describe('attempts', () => {
  const tried = async (method: Method, answer: Response | Error) => {
    const { api, requests } = played(answer);
    const send = { GET: api.get, POST: api.post, PUT: api.put, PATCH: api.patch, DELETE: api.delete }[method];
    await caught(hurried(() => send('clusters', { response: anything })));
    return requests.length;
  };

  test.each([408, 429, 500, 502, 503, 504])('GET is tried three times on %i', async (status) => {
    expect(await tried('GET', failure(status))).toBe(3);
  });
  test.each([400, 401, 403, 404, 405, 413, 415, 422, 501])('GET is tried once on %i', async (status) => {
    expect(await tried('GET', failure(status))).toBe(1);
  });
  test.each(['PATCH', 'DELETE'] as const)('%s is tried again on 429 alone', async (method) => {
    expect(await tried(method, failure(429))).toBe(3);
    for (const status of [408, 500, 502, 503, 504]) expect(await tried(method, failure(status))).toBe(1);
    expect(await tried(method, dropped())).toBe(1);
  });
  test('GET is tried three times when the connection breaks', async () => {
    expect(await tried('GET', dropped())).toBe(3);
  });
  test('POST is tried once, whatever happens', async () => {
    for (const status of [408, 429, 500, 502, 503, 504]) expect(await tried('POST', failure(status))).toBe(1);
    expect(await tried('POST', dropped())).toBe(1);
    expect(await tried('POST', refused())).toBe(1);
  });

  test('a body that breaks off half-way is a broken connection', async () => {
    const half = async () =>
      new Response(
        new ReadableStream({
          start: (stream) => stream.enqueue(new TextEncoder().encode('{"a":')),
          pull: (stream) => stream.error(dropped()),
        }),
      );
    const { api, requests } = played(half, Response.json({ a: 1 }));

    expect(await hurried(() => api.get('clusters', { response: anything }))).toEqual({ a: 1 });
    expect(requests).toHaveLength(2);
  });

  test('Retry-After is waited for, in seconds or as a date', async () => {
    for (const wait of ['7', new Date(Date.now() + 7_900).toUTCString()]) {
      const { api, requests } = played(failure(503, { 'retry-after': wait }), Response.json({ a: 1 }));
      const started = performance.now();
      let waited = 0;
      await hurried(async () => {
        const from = Date.now();
        await api.forCall(call({ deadline: Date.now() + 45_000 })).get('clusters', { response: anything });
        waited = Date.now() - from;
      });
      expect(requests).toHaveLength(2);
      expect(waited).toBeGreaterThanOrEqual(6_000);
      expect(waited).toBeLessThan(9_000);
      expect(performance.now() - started).toBeLessThan(5_000);
    }
  });

  test('a Retry-After beyond the deadline fails at once and says how long to wait', async () => {
    const { api, requests } = played(failure(429, { 'retry-after': '60' }));

    const error = await caught(api.forCall(call()).get('clusters', { response: anything }));

    expect(requests).toHaveLength(1);
    expect(error).toMatchObject({ status: 429, retryAfter: 60 });
    expect(explain(error)).toContain('Wait 60 seconds');
  });

  test.each(['3601', '86400', new Date(Date.now() + 86_400_000).toUTCString()])(
    'a Retry-After of more than an hour is no advice: %s',
    async (wait) => {
      const { api, requests } = played(failure(503, { 'retry-after': wait }), Response.json({ a: 1 }));
      const { api: refusing } = played(failure(429, { 'retry-after': wait }));
      const call = { signal: new AbortController().signal };

      const [read, error] = await hurried(async () => {
        const deadline = Date.now() + 45_000;
        const read = await api.forCall({ ...call, deadline }).get('clusters', { response: anything });
        return [read, await caught(refusing.forCall({ ...call, deadline }).post('clusters', { response: anything }))];
      });

      expect(read).toEqual({ a: 1 });
      expect(requests).toHaveLength(2);
      expect(error).toMatchObject({ status: 429, retryAfter: undefined });
    },
  );

  test('every attempt is counted', async () => {
    const { api } = played(failure(500), failure(500), Response.json({}));
    const onAttempt = vi.fn();

    await hurried(() => api.forCall(call({ onAttempt })).get('clusters', { response: anything }));

    expect(onAttempt).toHaveBeenCalledTimes(3);
  });
});

describe('time and cancellation', () => {
  test('an attempt without an answer ends after 20 seconds', async () => {
    const { api, requests } = played(never, Response.json({ a: 1 }));

    expect(await hurried(() => api.get('clusters', { response: anything }))).toEqual({ a: 1 });
    expect(requests).toHaveLength(2);
  });

  test('a body that never ends counts as well', async () => {
    const endless = async (_: Request, signal: AbortSignal) =>
      new Response(
        new ReadableStream({
          start: (stream) => signal.addEventListener('abort', () => stream.error(signal.reason)),
        }),
      );
    const { api } = played(endless);

    const error = await caught(hurried(() => api.post('clusters', { response: anything })));

    expect(error).toMatchObject({ name: 'NoAnswerError', reason: 'no answer within 20 s', sent: true });
  });

  test.each(['in flight', 'in a pause'])('a call is given up at once while %s', async (when) => {
    const controller = new AbortController();
    const { api, requests } = played(when === 'in flight' ? never : failure(429, { 'retry-after': '20' }));

    const error = caught(api.forCall(call({ signal: controller.signal })).get('clusters', { response: anything }));
    await vi.waitFor(() => expect(requests).toHaveLength(1));
    controller.abort(new Error('the call was cancelled'));

    expect(await error).toMatchObject({ name: 'NoAnswerError', reason: 'the call was cancelled' });
    expect(requests).toHaveLength(1);
  });

  test('cancellation outlives a garbage collection, down to the real fetch', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const { createServer } = await import('node:http');
    const server = createServer(() => {}).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address() as { port: number };
    const arrived = new Promise<{ on(event: 'close', listener: () => void): void }>((resolve) =>
      server.once('request', (request) => resolve(request)),
    );
    const controller = new AbortController();
    const api = createApiClient({
      apiUrl: `http://127.0.0.1:${address.port}`,
      authorization: 'Bearer x',
      userAgent: 'test',
      fetch: createFetch(),
    });

    const error = caught(api.forCall(call({ signal: controller.signal })).get('clusters', { response: anything }));
    const request = await arrived;
    const closed = new Promise<void>((resolve) => request.on('close', resolve));
    for (let n = 0; n < 3; n += 1) {
      collect();
      await new Promise((resolve) => setImmediate(resolve));
    }
    controller.abort(new Error('the call was cancelled'));

    expect(await error).toMatchObject({ reason: 'the call was cancelled' });
    await closed;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('replies', () => {
  const read = (reply: Response, response: z.ZodType = anything) => played(reply).api.get('clusters', { response });

  test('nulls are dropped at every depth', async () => {
    expect(await read(Response.json({ a: null, b: { c: null, d: [null, 1] } }))).toEqual({ b: { d: [1] } });
  });

  test('an empty body is no body', async () => {
    expect(await read(new Response(null, { status: 200 }), z.undefined())).toBeUndefined();
    expect(await read(new Response(null, { status: 204 }), z.undefined())).toBeUndefined();
  });

  test.each([
    [
      'JSON that is called HTML',
      new Response('{}', { headers: { 'content-type': 'text/html' } }),
      'the answer is an HTML page instead of JSON',
    ],
    ['an HTML page', new Response('<html>hello</html>'), 'the answer is an HTML page instead of JSON'],
    ['no JSON', new Response('hello'), 'the answer is not valid JSON'],
    ['half a JSON', new Response('{"a":'), 'the answer is not valid JSON'],
    ['100,000 levels', new Response('['.repeat(100_000)), 'the answer is not valid JSON'],
    ['too much', async () => new Response(' '.repeat(5_000_001)), 'the answer is larger than 5 MB'],
  ])('%s is said to be that, after one attempt', async (_, reply, reason) => {
    const { api, requests } = played(reply);

    expect(await caught(api.get('clusters', { response: anything }))).toMatchObject({ name: 'NoAnswerError', reason });
    expect(requests).toHaveLength(1);
  });

  const MOST = 250_000;
  test.each<[string, () => string]>([
    ['empty objects', () => `[${'{},'.repeat(MOST / 2)}{}]`],
    ['empty lists', () => `[${'[],'.repeat(MOST / 2)}[]]`],
    ['numbers', () => `[${'1,'.repeat(MOST)}1]`],
    ['keys that nobody knows', () => `{"a":1,${'"":1,'.repeat(MOST)}"b":2}`],
    ['what stands behind an escaped backslash', () => `["\\\\",${'1,'.repeat(MOST)}1]`],
  ])('of more than 250,000 values it is refused before it is parsed: %s', async (_, bodyOf) => {
    const parse = vi.spyOn(JSON, 'parse');
    onTestFinished(() => parse.mockRestore());
    const { api, requests } = played(async () => new Response(bodyOf()));

    const error = await caught(api.get('clusters', { response: anything }));

    expect(error).toMatchObject({ name: 'NoAnswerError', reason: 'the answer holds more than 250,000 values' });
    expect(requests).toHaveLength(1);
    expect(parse.mock.calls.some(([text]) => text.length > MOST)).toBe(false);
  });

  test('nor is a refusal of that many parsed for its words', async () => {
    const parse = vi.spyOn(JSON, 'parse');
    onTestFinished(() => parse.mockRestore());
    const { api } = played(async () => new Response(`[${'{},'.repeat(MOST / 2)}{}]`, { status: 400 }));

    const error = await caught(api.get('clusters', { response: anything }));

    expect(error).toMatchObject({ name: 'ApiError', status: 400 });
    expect(parse.mock.calls.some(([text]) => text.length > MOST)).toBe(false);
  });

  test.each<[string, () => string]>([
    ['commas', () => ','.repeat(MOST)],
    ['braces and brackets', () => '{[]}'.repeat(MOST / 2)],
    ['quotes', () => '",'.repeat(2 * MOST + 2)],
    ['backslashes before quotes', () => '\\",'.repeat(2 * MOST + 2)],
  ])('of many signs in a text is read: %s', async (_, textOf) => {
    const text = textOf();
    expect(await read(Response.json({ a: text, b: [1, {}] }))).toEqual({ a: text, b: [1, {}] });
  });

  test('of logs it is read up to 5 MB, as many lines as there are', async () => {
    const lines = Array.from({ length: 4_000 }, (_, n) => ({
      time: '2026-11-26T19:00:00Z',
      message: `${n}: SELECT a, b, c FROM t WHERE x IN (${'1,'.repeat(550)}1) -- "q" {} []`,
    }));
    const body = { instances: [{ name: 'pg-1', messages: lines }] };
    expect(JSON.stringify(body).length).toBeGreaterThan(4_700_000);

    expect(await read(Response.json(body))).toEqual(body);
  });

  test('an answer of another form says where', async () => {
    const error = await caught(read(Response.json({ a: { b: 1 } }), z.object({ a: z.object({ b: z.string() }) })));

    expect(explain(error)).toContain('the form that the API documents, at a.b');
  });
});

describe('refusals keep the words of the API', () => {
  const refusal = async (body: string, status = 422) => {
    const error = await caught(played(new Response(body, { status })).api.post('clusters', { response: anything }));
    if (!(error instanceof ApiError)) throw error;
    return error.message;
  };

  test.each([
    ['{"httpStatus":422,"messages":[{"errorCode":"a","message":"b"},{"message":"c"}]}', '[a] b; c'],
    ['{"messages":[{"errorCode":7,"message":"b"}]}', '[7] b'],
    ['{"messages":[null,"x",{"errorCode":"a","message":"b"}]}', 'x; [a] b'],
    ['{"type":"about:blank","title":"Unprocessable","detail":"too small"}', 'Unprocessable: too small'],
    ['{"message":"just words"}', 'just words'],
    ['<html>502</html>', 'an HTML page, so from a gateway and not from the API itself'],
    [
      '<!doctype html><head><TITLE lang="en">502 Bad\nGateway</TITLE></head>',
      'an HTML page, so from a gateway and not from the API itself: 502 Bad\nGateway',
    ],
    ['<?xml version="1.0"?>\n<error><code>429</code>\n <message> slow down </message></error>', '429 slow down'],
    ['<Fault xmlns="urn:x"><faultstring lang="en">quota exceeded</faultstring></Fault>', 'quota exceeded'],
    ['<error code="7"/>', ''],
    ['{"errors":[{"message":"ram must be at least 4096"}]}', 'ram must be at least 4096'],
    ['{"errors":[{"code":17,"message":"a"},{"field":"ram","message":"b"},"c"]}', '[17] a; ram: b; c'],
    ['{"errors":{"message":"a"}}', 'a'],
    ['{"error":{"code":403,"message":"no right"}}', '[403] no right'],
    ['{"error":"invalid_token","error_description":"expired"}', 'invalid_token: expired'],
    ['{"fault":{"faultstring":"quota violated"}}', 'quota violated'],
    ['{"code":"e-9","message":"words"}', '[e-9] words'],
    ['{"title":"Invalid","errors":[{"detail":"must be > 0","pointer":"#/ram"}]}', 'Invalid; #/ram: must be > 0'],
    ['{"detail":["a","b"],"reason":"c"}', 'c'],
    ['{"reason":"c"}', 'c'],
    ['"a text"', 'a text'],
    ['["a","b"]', 'a; b'],
    ['{"status":"failed","why":{"ram":4}}', '{"status":"failed","why":{"ram":4}}'],
    ['{"messages":[]}', '{"messages":[]}'],
    ['{}', ''],
    ['', ''],
    ['null', ''],
    ['[1]', '[1]'],
    ['just words', 'just words'],
    ['{"error":"invalid"}', 'invalid'],
    ['{"messages":[{"errorCode":{},"message":"b"}]}', 'b'],
  ])('%s', async (body, words) => {
    expect(await refusal(body)).toBe(words);
  });

  test('but not a book of them', async () => {
    const messages = Array.from({ length: 99 }, () => ({ errorCode: 'a', message: 'b'.repeat(9_999) }));
    const { api } = played(Response.json({ messages }, { status: 422 }));

    expect(explain(await caught(api.get('clusters', { response: anything }))).length).toBeLessThan(3_000);
  });

  test('and no secret, not even the beginning of one at the place where they are cut', async () => {
    const secret = 'planted-'.repeat(50);
    const { api } = played(Response.json({ message: `${'m'.repeat(1_900)}${secret}` }, { status: 422 }));

    const error = await caught(api.get('clusters', { response: anything }));

    expect(explain(error, { hide: redactor([secret]) })).not.toContain('plan');
  });

  test('a redirect is refused and never followed', async () => {
    const { api, requests } = played(
      new Response(null, { status: 302, headers: { location: 'https://evil.example/' } }),
    );

    const error = await caught(api.get('clusters', { response: anything }));

    expect(explain(error)).toMatch(/302[\s\S]*Redirects are not followed/);
    expect(requests).toHaveLength(1);
  });
});

describe('what is known of a request without an answer', () => {
  const lost = async (method: Method, cause: Error) => {
    const { api } = played(cause);
    const send = { GET: api.get, POST: api.post, PUT: api.put, PATCH: api.patch, DELETE: api.delete }[method];
    return explain(await caught(hurried(() => send('clusters', { response: anything }))));
  };

  test('a POST may have been carried out, and the message says how to check', async () => {
    expect(await lost('POST', dropped())).toMatch(/ECONNRESET.*may exist anyway: check list_clusters/);
  });
  test('unless it never left', async () => {
    expect(await lost('POST', refused())).toMatch(/^Nothing was sent: the API could not be reached \(ECONNREFUSED\)/);
  });
  test('a PATCH or DELETE may have taken effect', async () => {
    expect(await lost('PATCH', dropped())).toMatch(/may have taken effect: check with get_cluster/);
    expect(await lost('DELETE', dropped())).toMatch(/may have taken effect/);
  });
  test('a GET changes nothing', async () => {
    expect(await lost('GET', dropped())).toMatch(/Nothing was changed; call again/);
  });
  test('a POST that fails inside the service may have been carried out too', () => {
    expect(explain(new ApiError({ method: 'POST', status: 502, messages: [] }))).toContain('may exist anyway');
    expect(explain(new NoAnswerError('POST', 'the answer is not valid JSON', true))).toContain('may exist');
  });
});

describe('a port without TLS', () => {
  const protocol = (message: string) =>
    new TypeError('fetch failed', { cause: Object.assign(new Error(message), { code: 'EPROTO' }) });

  test('is named, after one attempt', async () => {
    const { server, port } = await listen();
    let connections = 0;
    server.on('connection', () => {
      connections += 1;
    });
    const api = createApiClient({
      apiUrl: `https://127.0.0.1:${port}`,
      authorization: 'Bearer planted',
      userAgent: 'test',
      fetch: createFetch(),
    });

    const words = explain(await caught(api.get('clusters', { response: anything })));

    for (const part of ['TLS was expected', 'EPROTO', 'IONOS_API_URL', 'HTTPS_PROXY', 'http://']) {
      expect(words).toContain(part);
    }
    expect(connections).toBe(1);
  });

  test.each(['write EPROTO 1:error:ssl/tls alert handshake failure', 'read EPROTO'])(
    'is not what every EPROTO means: %s',
    async (message) => {
      const { api, requests } = played(protocol(message));

      const words = explain(await caught(hurried(() => api.get('clusters', { response: anything }))));

      expect(requests).toHaveLength(3);
      expect(words).toContain('EPROTO');
      expect(words).not.toContain('TLS was expected');
    },
  );
});

describe('paths', () => {
  test('values are encoded', () => {
    expect(path`clusters/${'a/b c'}/users/${'ä'}`).toBe('clusters/a%2Fb%20c/users/%C3%A4');
  });

  test.each(['../x', 'clusters/../x', '//evil.example/x', 'clusters//x', '/clusters', 'clusters?a', 'clusters#a'])(
    'a path that is put together as %j is not sent',
    async (wrong) => {
      const { api, requests } = played(Response.json({}));

      await caught(api.get(wrong, { response: anything }));

      expect(requests).toEqual([]);
    },
  );

  test('keep other signs', async () => {
    const { api, requests } = played(Response.json({}));

    await api.get(path`clusters/${'a;b?c#d ä…'}`, { response: anything });

    expect(requests.map(({ url }) => url)).toEqual([
      'https://api.example/databases/postgresql/clusters/a%3Bb%3Fc%23d%20%C3%A4%E2%80%A6',
    ]);
  });

  test.each(['..', '.', '', 'a/b', '../..', 'a\\b', '%2e', '%', 'a\u0000', '\n'])(
    '%j does not get past the client',
    async (value) => {
      const { api, requests } = played(Response.json({}));

      await caught(api.get(path`clusters/${value}/versions`, { response: anything }));

      expect(requests).toEqual([]);
    },
  );
});
