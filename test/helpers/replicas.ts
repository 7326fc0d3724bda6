import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { z } from 'zod';
import { BASE_PATH, createSandbox, type SandboxOptions } from '../../src/sandbox/index.ts';
import { startHost } from './child-process-host.ts';
import { listen } from './process.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A write as it reached the API. */
export interface SentWrite {
  at: number;
  /** When it was answered. */
  until: number;
  method: string;
  path: string;
  body: string;
  status: number;
  /** Of all clusters, once it was done. */
  totals: Totals;
}

export interface Totals {
  clusters: number;
  cores: number;
}

const clusters = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      metadata: z.object({ state: z.string() }),
      properties: z.object({ displayName: z.string(), instances: z.number(), cores: z.number() }),
    }),
  ),
});
const backups = z.object({ items: z.array(z.object({ id: z.string() })) });

interface ApiOptions extends SandboxOptions {
  /** From the arrival of a write until it is done, and again until it is answered. */
  writeMs?: number;
  /** By so much what it shows may be behind. */
  lagMs?: number;
}

/**
 * The sandbox as the API of several replicas, which keeps every write that reaches it. What has reached it is done, even
 * if whoever sent it is dead by then.
 */
export async function recordingApi({ writeMs = 0, lagMs = 0, ...options }: ApiOptions = {}) {
  const sandbox = createSandbox(options);
  const writes: SentWrite[] = [];
  let last: Promise<unknown> = Promise.resolve();

  /** As nobody else sees it: without the replicas. */
  async function get<T>(path: string, response: z.ZodType<T>): Promise<T> {
    const url = `http://sandbox${BASE_PATH}/${path}?limit=1000`;
    const answer = await sandbox.fetch(new Request(url, { headers: { authorization: 'Bearer any' } }));
    return response.parse(await answer.json());
  }

  const list = async () => (await get('clusters', clusters)).items;

  async function totals(): Promise<Totals> {
    const all = await list();
    const cores = all.reduce((sum, { properties }) => sum + properties.instances * properties.cores, 0);
    return { clusters: all.length, cores };
  }

  async function write(request: Request): Promise<Response> {
    const { method, url, headers } = request;
    const body = await request.text();
    const sent = {
      at: Date.now(),
      until: Number.POSITIVE_INFINITY,
      method,
      path: new URL(url).pathname.slice(BASE_PATH.length + 1),
      body,
    };
    await passed(writeMs);
    const done = async () => {
      const answer = await sandbox.fetch(new Request(url, { method, headers, body: body || undefined }));
      const write = { ...sent, status: answer.status, totals: await totals() };
      writes.push(write);
      return { answer, write };
    };
    // One after the other, so that no total is missed.
    const mine = last.then(done);
    last = mine.catch(() => {});
    const { answer, write } = await mine;
    await passed(writeMs);
    write.until = Date.now();
    return answer;
  }

  const shown = new Map<string, { at: number; answer: Response }>();

  async function read({ url, headers }: Request): Promise<Response> {
    const { pathname, search } = new URL(url);
    const what = pathname + search;
    const before = shown.get(what);
    if (before && Date.now() - before.at < lagMs) return before.answer.clone();
    const answer = await sandbox.fetch(new Request(url, { headers }));
    // What is not there yet, nobody has seen before.
    if (answer.ok) shown.set(what, { at: Date.now(), answer: answer.clone() });
    return answer;
  }

  return {
    sandbox,
    writes,
    totals,
    clusters: list,
    /** Undefined if there is none. */
    cluster(id: string) {
      try {
        return sandbox.cluster(id);
      } catch {
        return undefined;
      }
    },
    backups: async (clusterId: string) => (await get(`clusters/${clusterId}/backups`, backups)).items,
    /** Another address of it, and how many writes are under way there. */
    async door() {
      let underWay = 0;
      const { url } = await listen(
        getRequestListener(
          async (request) => {
            if (request.method === 'GET') return read(request);
            underWay += 1;
            return write(request).finally(() => {
              underWay -= 1;
            });
          },
          { overrideGlobalObjects: false },
        ),
      );
      return { url: `${url}${BASE_PATH}`, underWay: () => underWay };
    },
  };
}

const passed = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export type RecordingApi = Awaited<ReturnType<typeof recordingApi>>;

/** It does not outlive the test. */
export function policyFile(rules: object): string {
  const folder = temporaryFolder('replicas');
  const file = path.join(folder, 'policy.json');
  writeFileSync(file, JSON.stringify(rules));
  return file;
}

const SIGNING_KEY = 'the-same-for-all-replicas-of-this-test';

/** One more host in front of that API, with a door of its own. */
export async function startReplica(api: RecordingApi, args: readonly string[], env: Record<string, string>) {
  const { url, underWay } = await api.door();
  const all = { IONOS_API_URL: url, IONOS_TOKEN: 'any', MCP_SIGNING_KEY: SIGNING_KEY, ...env };
  return { ...(await startHost(['--access', 'full', ...args], all)), underWay };
}

export type Replica = Awaited<ReturnType<typeof startReplica>>;

const answered = z.object({
  result: z.object({
    isError: z.boolean().optional(),
    structuredContent: z.looseObject({}).optional(),
    content: z.array(z.object({ text: z.string() })),
  }),
});

const written = z.looseObject({
  outcome: z.string(),
  cluster: z.looseObject({ id: z.string() }).optional(),
  plan: z.looseObject({ arguments: z.record(z.string(), z.unknown()).optional() }).optional(),
  confirmationToken: z.string().optional(),
  note: z.string().optional(),
});
export type Written = z.output<typeof written>;

export type CallResult =
  | { kind: 'written'; answer: Written }
  | { kind: 'read'; answer: Record<string, unknown> }
  /** In the words of the server. */
  | { kind: 'failed'; text: string }
  | { kind: 'http'; status: number; text: string }
  /** No answer. */
  | { kind: 'lost'; text: string };

/** A tool call of a client of the 2025 era that says nothing of itself. */
export async function callTool(
  url: string,
  name: string,
  args: Record<string, unknown>,
  headers: Record<string, string> = {},
): Promise<CallResult> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } });
  const form = { 'content-type': 'application/json', accept: 'application/json' };
  try {
    const response = await fetch(`${url}/mcp`, { method: 'POST', headers: { ...form, ...headers }, body });
    const text = await response.text();
    if (response.status !== 200) return { kind: 'http', status: response.status, text };
    const { result } = answered.parse(JSON.parse(text));
    if (result.isError) return { kind: 'failed', text: result.content.map((each) => each.text).join('\n') };
    const { success, data } = written.safeParse(result.structuredContent);
    return success ? { kind: 'written', answer: data } : { kind: 'read', answer: result.structuredContent ?? {} };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { kind: 'lost', text: error.message };
  }
}
