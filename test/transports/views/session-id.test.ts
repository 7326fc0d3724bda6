import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createGate } from '../../../src/auth/gate.ts';
import { createTokenVerifier } from '../../../src/auth/static-tokens.ts';
import { declaresViews } from '../../../src/mcp/views/apps.ts';
import { createSessionIds } from '../../../src/transports/views/session-id.ts';
import { VIEWS } from '../../helpers/connect.ts';
import { host } from '../../helpers/in-process-host.ts';

const ORDERS = 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041';
const KEY = 'a key of the tests, of some length';

/** A client of 2025 over stateless HTTP, as hosts of apps are. */
async function open(
  url: string,
  extensions: Record<string, Record<string, string | string[]>> = VIEWS,
  headers: Record<string, string> = {},
) {
  const client = new Client({ name: 'test', version: '0.0.0' }, { capabilities: { extensions } as object });
  const transport = new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit: { headers } });
  await client.connect(transport);
  onTestFinished(() => client.close());
  return { client, transport };
}

describe('a client of 2025 over HTTP that renders views', () => {
  test('says so once, and gets views and buttons from then on', async () => {
    const { url, sent } = await host({ confirm: 'costly' });
    const { client, transport } = await open(url);
    expect(transport.sessionId).toMatch(/^[\x21-\x7e]{20,200}$/);

    expect((await client.listTools()).tools.at(-1)?.name).toBe('confirm_write');
    const first = await client.callTool({ name: 'update_cluster', arguments: { clusterId: ORDERS, ram: 8192 } });
    const { isTyped: _, ...confirm } = Object(first._meta)['ionos-postgresql/confirm'];
    expect(sent()).toEqual([]);

    const done = await client.callTool({ name: 'confirm_write', arguments: confirm });
    expect(Object(done.structuredContent).outcome).toBe('started');
    expect(sent()).toMatchObject([{ method: 'PATCH' }]);
  });

  test('is understood by another replica with the same key, and by none without', async () => {
    const [one, twin, stranger] = [
      await host(),
      await host(),
      await host({ signingKey: 'another key, of some length' }),
    ];
    const { transport } = await open(one.url);
    const toolsOf = async (url: string) => {
      const headers = { ...JSON_HEADERS, 'mcp-session-id': transport.sessionId ?? '' };
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} });
      return (await fetch(`${url}/mcp`, { method: 'POST', headers, body })).text();
    };

    expect(await toolsOf(twin.url)).toContain('confirm_write');
    const other = await toolsOf(stranger.url);
    expect(other).toContain('list_clusters');
    expect(other).not.toContain('confirm_write');
  });

  test('cannot press the button of another caller', async () => {
    const tokens = ['alice', 'bob'].map((name) => [name, `${name}-${'x'.repeat(43)}`] as const);
    const verify = createTokenVerifier({
      name: 'MCP_AUTH_TOKENS',
      text: tokens.map(([name, token]) => `${name}:full:${token}`).join('\n'),
    });
    const { url, sent } = await host({ confirm: 'costly', gate: createGate({ mode: 'token', verify }) });
    const [alice, bob] = await Promise.all(
      tokens.map(([, token]) => open(url, VIEWS, { authorization: `Bearer ${token}` })),
    );

    const first = await alice?.client.callTool({ name: 'update_cluster', arguments: { clusterId: ORDERS, ram: 8192 } });
    const { isTyped: _, ...confirm } = Object(first?._meta)['ionos-postgresql/confirm'];
    const stolen = await bob?.client.callTool({ name: 'confirm_write', arguments: confirm });

    expect(Object(stolen?.structuredContent)).toMatchObject({
      outcome: 'needs_confirmation',
      note: expect.stringContaining('This button is not for this write'),
    });
    expect(sent()).toEqual([]);
    const done = await alice?.client.callTool({ name: 'confirm_write', arguments: confirm });
    expect(Object(done?.structuredContent).outcome).toBe('started');
  });

  test('can end it', async () => {
    const { url } = await host();
    const { transport } = await open(url);
    const end = (id: string) => fetch(`${url}/mcp`, { method: 'DELETE', headers: { 'mcp-session-id': id } });

    expect((await end(transport.sessionId ?? '')).status).toBe(204);
    expect((await end('unknown')).status).toBe(405);
  });
});

test('a client that renders none gets no ID', async () => {
  const { url } = await host();
  const { client, transport } = await open(url, {});

  expect(transport.sessionId).toBeUndefined();
  expect((await client.listTools()).tools.map(({ name }) => name)).not.toContain('confirm_write');
});

const JSON_HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const CAPABLE = { capabilities: { extensions: VIEWS } };

describe('an ID', () => {
  const { issue, seesViews } = createSessionIds(KEY, declaresViews);

  test('is for its caller alone, and different each time', () => {
    const id = issue('alice', CAPABLE);

    expect(seesViews('alice', id)).toBe(true);
    expect(seesViews('bob', id)).toBe(false);
    expect(issue('alice', CAPABLE)).not.toBe(id);
    expect(createSessionIds('another key, of some length', declaresViews).seesViews('alice', id)).toBe(false);
  });

  test('that is changed, cut or made up says nothing', () => {
    const id = issue('alice', CAPABLE) ?? '';
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.nat(id.length).map((at) => `${id.slice(0, at)}x${id.slice(at + 1)}x`),
        ),
        (other) => {
          expect(seesViews('alice', other)).toBe(false);
        },
      ),
    );
    for (const other of [undefined, '', id.slice(1), id.slice(0, -1), `${id}.`]) {
      expect(seesViews('alice', other)).toBe(false);
    }
  });

  test('is issued for nothing else, whatever a client declares', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (params) => {
        expect(issue('alice', params)).toBeUndefined();
      }),
    );
    expect(issue('alice', { capabilities: { extensions: null } })).toBeUndefined();
  });
});
