import { describe, expect, test } from 'vitest';
import { formOf } from '../../../src/transports/wire/negotiation.ts';
import { host } from '../../helpers/in-process-host.ts';
import { raw } from '../../helpers/raw-http.ts';
import { ENVELOPE } from '../../helpers/wire.ts';

describe('the Accept header', () => {
  test.each([
    [undefined, 'either'],
    ['', 'either'],
    ['*/*', 'either'],
    ['*', 'either'],
    ['application/json, text/event-stream', 'either'],
    ['TEXT/Event-Stream , Application/JSON', 'either'],
    ['text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2', 'either'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'either'],
    ['application/json', 'json'],
    ['application/json; charset=utf-8', 'json'],
    ['application/*', 'json'],
    ['application/json, text/event-stream;q=0.5', 'json'],
    ['application/json, */*;q=0.1', 'json'],
    ['application/json;profile="a,b;q=0", text/event-stream;q=0', 'json'],
    ['*/*, text/event-stream;q=0', 'json'],
    ['application/json;q=0.2, text/event-stream', 'either'],
    ['text/event-stream', 'stream'],
    ['text/*', 'stream'],
    ['*/*, application/json;q=0.0', 'stream'],
    ['application/json;q=0, application/*, text/event-stream;q=0.1', 'stream'],
    ['text/html', undefined],
    ['*/*;q=0', undefined],
    ['application/json;q=0, text/event-stream;Q=0.000', undefined],
    ['application/json-seq, application/vnd.api+json', undefined],
  ])('%j', (accept, form) => {
    expect(formOf(accept)).toBe(form);
  });
});

const ERAS = [
  ['2025', {}, {}],
  [
    '2026',
    { _meta: { ...ENVELOPE, progressToken: 'p' } },
    { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'list_clusters' },
  ],
] as const;

describe.each(ERAS)('an answer in protocol %s', (_, meta, headers) => {
  const params = { name: 'list_clusters', arguments: {}, ...meta };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'tools/call', params });
  const ask = (url: string, accept?: string) =>
    raw(`${url}/mcp`, { headers: { 'content-type': 'application/json', ...headers, ...(accept && { accept }) }, body });

  test.each([undefined, '*/*', 'text/html, */*;q=0.1', 'application/json, text/event-stream'])(
    'is given to %j',
    async (accept) => {
      const { url } = await host();
      const answer = await ask(url, accept);
      expect(answer.status).toBe(200);
      expect(answer.body).toContain('"structuredContent"');
    },
  );

  test.each(['application/json', 'application/*', 'application/json, text/event-stream;q=0', 'text/*;q=0.1, */*'])(
    'is JSON for %j',
    async (accept) => {
      const { url } = await host();
      const { status, headers, body } = await ask(url, accept);
      expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'application/json' });
      expect(JSON.parse(body)).toMatchObject({
        jsonrpc: '2.0',
        id: 7,
        result: { structuredContent: { clusters: expect.any(Array) } },
      });
    },
  );

  test.each(['text/event-stream', 'text/*', '*/*, application/json;q=0'])('is a stream for %j', async (accept) => {
    const { url } = await host();
    const { status, headers, body } = await ask(url, accept);
    expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'text/event-stream' });
    expect(body).toMatch(/^(: .*\n\n)*event: message\ndata: \{.*\}\n\n$/);
  });

  test.each(['text/html', 'application/xml', '*/*;q=0', 'application/json;q=0'])('is refused to %j', async (accept) => {
    const { url, requests } = await host();
    const answer = await ask(url, accept);
    expect(answer.status).toBe(406);
    expect(JSON.parse(answer.body).error.message).toContain('application/json or text/event-stream');
    expect(requests).toEqual([]);
  });
});

test('JSON contains the last message of a call that reports progress, and stops with its client', async () => {
  let wake = () => {};
  const { url, requests } = await host({
    fetch: (_, { signal }) =>
      new Promise((resolve, reject) => {
        wake = () => resolve(new Response('{"items":[]}', { headers: { 'content-type': 'application/json' } }));
        signal.addEventListener('abort', () => reject(signal.reason));
      }),
  });
  const params = { name: 'list_clusters', arguments: {}, _meta: { progressToken: 1 } };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'tools/call', params });
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  const abort = new AbortController();

  const answered = raw(`${url}/mcp`, { headers, body });
  await expect.poll(() => requests.length).toBe(1);
  // The first sign of life is given after four seconds.
  await new Promise((resolve) => setTimeout(resolve, 4_500));
  wake();
  expect(JSON.parse((await answered).body)).toMatchObject({
    id: 7,
    result: { structuredContent: { clusters: expect.any(Array) } },
  });

  fetch(`${url}/mcp`, { method: 'POST', headers, body, signal: abort.signal }).catch(() => {});
  await expect.poll(() => requests.length).toBe(2);
  abort.abort();
  await expect.poll(() => requests[1]?.signal.aborted).toBe(true);
}, 15_000);

test('an error is JSON whatever is accepted, but that of wrong parameters is an answer like others', async () => {
  const { url } = await host();
  const ask = (body: string) =>
    raw(`${url}/mcp`, { headers: { 'content-type': 'application/json', accept: 'text/event-stream' }, body });

  const broken = await ask('{"jsonrpc":"2.0","id":3,');
  const wrong = await ask('{"jsonrpc":"2.0","id":3,"method":"tools/call"}');

  expect(broken).toMatchObject({ status: 400, headers: { 'content-type': 'application/json' } });
  expect(JSON.parse(broken.body)).toMatchObject({ id: 3, error: { code: -32700 } });
  expect(wrong).toMatchObject({ status: 200, headers: { 'content-type': 'text/event-stream' } });
  expect(wrong.body).toContain('"code":-32602');
});
