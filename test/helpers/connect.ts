import { Client } from '@modelcontextprotocol/client';
import { InMemoryTransport } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { pino } from 'pino';
import { expect, onTestFinished } from 'vitest';
import { createApiClient, type Fetch } from '../../src/api/client.ts';
import type { Access, LogLevel } from '../../src/config.ts';
import { createSandbox } from '../../src/sandbox/index.ts';
import { createServers } from '../../src/server.ts';
import { openapi } from './openapi.ts';

export const TOKEN = 'eyJhbGciOiJub25lIn0.planted-token.x';

export interface World {
  /** The API instead of the sandbox. */
  fetch?: Fetch;
  access?: Access;
  /** Whether the server knows that its API is a sandbox. */
  isSandbox?: boolean;
  /** '2026' negotiates the modern protocol, '2025' the handshake of before. */
  era?: '2025' | '2026';
  logLevel?: LogLevel;
}

/**
 * A client, the server, the API client and a fresh sandbox whose clock the test moves, joined in one process. Every
 * request to the API is held against the OpenAPI document.
 */
export async function connect({
  fetch,
  access = 'full',
  isSandbox = false,
  era = '2026',
  logLevel = 'info',
}: World = {}) {
  const clock = { now: Date.parse('2026-03-04T05:06:07Z') };
  const sandbox = createSandbox({ clock: () => clock.now });
  const requests: { method: string; path: string; headers: Headers; body: unknown; signal: AbortSignal }[] = [];
  const violations: unknown[] = [];
  const api = createApiClient({
    apiUrl: 'https://api.ionos.com/databases/postgresql',
    authorization: `Bearer ${TOKEN}`,
    userAgent: 'ionos-postgres-mcp/test',
    async fetch(request, init) {
      const body = await request.clone().text();
      await openapi.checkRequest(request, body).catch((violation) => violations.push(violation));
      const { pathname, search } = new URL(request.url);
      const path = pathname.replace('/databases/postgresql/', '') + search;
      const { method, headers } = request;
      requests.push({ method, path, headers, body: body ? JSON.parse(body) : undefined, signal: init.signal });
      return fetch ? fetch(request, init) : sandbox.fetch(new Request(request, init));
    },
  });

  const log: Record<string, unknown>[] = [];
  const logger = pino({ level: logLevel }, { write: (line: string) => log.push(JSON.parse(line)) });
  const servers = createServers({ api, logger, version: '0.0.0', access, sandbox: isSandbox, secrets: [TOKEN] });

  const [clientSide, serverSide] = InMemoryTransport.createLinkedPair();
  const handle = serveStdio(servers.create, { transport: serverSide });
  const client = new Client(
    { name: 'test', version: '0.0.0' },
    { versionNegotiation: { mode: era === '2026' ? { pin: '2026-07-28' } : 'legacy' } },
  );
  await client.connect(clientSide);
  onTestFinished(async () => {
    await client.close();
    await handle.close();
    expect(violations, 'requests that the OpenAPI document does not know').toEqual([]);
  });

  return {
    client,
    servers,
    sandbox,
    requests,
    log,
    /** Lets the clock of the sandbox run. */
    pass: (ms: number) => {
      clock.now += ms;
    },
    call: (name: string, args: Record<string, unknown> = {}, options?: { signal?: AbortSignal }) =>
      client.callTool({ name, arguments: args }, options),
  };
}

/** The text of a result that is an error; fails the test where the call succeeded. */
export function errorOf(result: Awaited<ReturnType<Client['callTool']>>): string {
  const [first] = result.content;
  if (!result.isError || first?.type !== 'text') throw new Error(`No error: ${JSON.stringify(result)}`);
  return first.text;
}
