import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, type ElicitResult } from '@modelcontextprotocol/client';
import { InMemoryTransport } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { pino } from 'pino';
import { connectApis } from '../../src/api/connect.ts';
import { DEFAULT_V2_URL, REGIONS, v2Config } from '../../src/api/generations/addresses.ts';
import { createServers } from '../../src/mcp/server.ts';
import { createMemoryState } from '../../src/state/memory.ts';
import { TOOLSETS } from '../../src/tools/toolsets.ts';
import { createClock, setDateTo } from './clock.ts';
import { readState } from './state.ts';
import { createWorld, NOW, PASSWORDS } from './world.ts';
import { recordingWrites } from './writes.ts';

/** The person behind the client: agrees, and types this name where one has to be typed. */
export interface Person {
  types?: string;
}

export interface ToolResult {
  text: string;
  isError: boolean;
  content: unknown;
}

export type Session = Awaited<ReturnType<typeof openSession>>;

interface SessionOptions {
  person?: Person;
  /** Seconds of the world in a second of a call. Between calls it stands still, however long a model takes. */
  speed?: number;
}

const LONG_ENOUGH_MS = 120_000;
/** What a model seems to need between two calls. */
const TURN_MS = 1_000;
/** Of real time: the longest wait at the speed of the evaluations, and some more. */
const CALL_MS = 120_000;
const API_URL = 'https://api.ionos.com/databases/postgresql';

/** A client and the server with its defaults on a world of its own, in this process, whose `Date` follows the world. */
export async function openSession({ person = {}, speed = 0 }: SessionOptions = {}) {
  const clock = createClock(NOW, speed);
  const restoreDate = setDateTo(clock);
  const credentialsDir = mkdtempSync(path.join(tmpdir(), 'ionos-postgres-mcp-evals-'));
  const { sandbox, writes } = recordingWrites((await createWorld(clock)).sandbox, (password) =>
    isKeptIn(credentialsDir, password),
  );
  const apis = connectApis(
    {
      api: { apiUrl: API_URL, authorization: 'Bearer of-the-evaluations' },
      v2: v2Config({ generation: 'auto', urls: { url: DEFAULT_V2_URL }, regions: REGIONS, newClusters: 'v1' }),
    },
    { userAgent: 'ionos-postgres-mcp/evals', fetch: (request, init) => sandbox.fetch(new Request(request, init)) },
  );
  const state = createMemoryState();
  const servers = createServers({
    state: async () => state,
    ...{ apis: async () => apis, logger: async () => pino({ level: 'silent' }, { write: () => {} }), version: '0.0.0' },
    ...{ access: 'full', toolsets: TOOLSETS, sandbox: false, secrets: Object.values(PASSWORDS) },
    ...{ viewHtml: async () => '', skillText: async () => '' },
    accounts: [{ credentials: { kind: 'token' }, apiUrl: API_URL, v2Urls: [] }],
    passwords: { credentialsDir, passwordEnv: PASSWORDS },
    writes: { confirm: 'costly', requireHuman: false, signingKey: 'a key of the evaluations, of some length' },
  });
  const [clientSide, serverSide] = InMemoryTransport.createLinkedPair();
  const handle = serveStdio(servers.create, { transport: serverSide });
  const client = new Client(
    { name: 'evals', version: '0.0.0' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } }, capabilities: { elicitation: {} } },
  );
  client.setRequestHandler('elicitation/create', ({ params }) => {
    const { requestedSchema } = params as { requestedSchema?: { properties: object } };
    const [field = ''] = Object.keys(requestedSchema?.properties ?? {});
    return answerOf(person, field);
  });
  await client.connect(clientSide);
  const { state: before, names } = await readState(sandbox, { since: NOW });

  return {
    ...{ client, sandbox, clock, before, names },

    async call(tool: string, args: Record<string, unknown>): Promise<ToolResult> {
      clock.pass(TURN_MS);
      // A client that follows progress may wait longer.
      const options = { onprogress: () => {}, timeout: CALL_MS };
      const result = await clock.during(() => client.callTool({ name: tool, arguments: args }, options));
      const [first] = result.content;
      const text = first?.type === 'text' ? first.text : '';
      return { text, isError: result.isError === true, content: result.structuredContent };
    },

    /** Once all that is under way is over. */
    async after() {
      clock.pass(LONG_ENOUGH_MS);
      return (await readState(sandbox, { since: NOW, names, writes })).state;
    },

    async close() {
      await client.close();
      await handle.close();
      rmSync(credentialsDir, { recursive: true });
      restoreDate();
    },
  };
}

function answerOf({ types }: Person, field: string): ElicitResult {
  if (field === 'confirm') return { action: 'accept', content: { confirm: true } };
  return types === undefined ? { action: 'decline' } : { action: 'accept', content: { [field]: types } };
}

/** Where the server writes what it has generated. */
const isKeptIn = (folder: string, password: string) =>
  readdirSync(folder).some((file) => readFileSync(path.join(folder, file), 'utf8').includes(password));
