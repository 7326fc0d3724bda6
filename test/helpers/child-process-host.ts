import { Agent, get, type IncomingMessage, type RequestListener, request } from 'node:http';
import {
  Client,
  type OAuthClientProvider,
  type StoredOAuthClientInformation,
  type StoredOAuthTokens,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { Client as Client2025 } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport as Http2025 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import { createKey, SCOPES } from '../auth/provider.ts';
import { listen, start } from './process.ts';

/** The official clients: of protocol 2026-07-28, of 2025-11-25, and of the latter over HTTP+SSE. */
export const KINDS = ['modern', 'legacy', 'sse'] as const;
export type Kind = (typeof KINDS)[number];

interface Connection {
  headers?: Record<string, string>;
  fetch?: typeof fetch;
}

/** An official client at the server with this URL; it does not outlive the test. */
export async function connectTo(kind: Kind, url: string, { headers = {}, fetch }: Connection = {}) {
  const client = kind === 'modern' ? modernClient() : new Client2025({ name: 'test', version: '0' });
  onTestFinished(() => client.close());
  const options = { requestInit: { headers }, fetch };
  if (client instanceof Client) await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`), options));
  else if (kind === 'legacy') await client.connect(new Http2025(new URL(`${url}/mcp`), options));
  else await client.connect(new SSEClientTransport(new URL(`${url}/sse`), options));
  return client;
}

export function modernClient() {
  return new Client({ name: 'test', version: '0' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
}

/** A fetch that keeps the answers it got. */
export function watchedFetch() {
  const answers: Response[] = [];
  return {
    answers,
    async fetch(...request: Parameters<typeof fetch>) {
      const answer = await globalThis.fetch(...request);
      answers.push(answer);
      return answer;
    },
  };
}

/** The built program as a host on a port of its own, once it has said where it listens; it does not outlive the test. */
export async function startHost(args: string[] = [], env: Record<string, string> = {}) {
  const program = start(['--transport', 'http', '--port', '0', ...args], env);
  const { child, output } = program;
  const announced = () => output.stdout.includes('"url"') || child.exitCode !== null;
  await vi.waitUntil(announced, { timeout: 20_000, interval: 20 });
  if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}\n${output.stderr}`);
  const log = () => {
    const lines = output.stderr.split('\n').slice(0, -1);
    return z.array(logLine).parse(lines.map((line) => JSON.parse(line)));
  };
  const { address = '', metricsAddress = '' } = log().find(({ msg }) => msg === 'listening') ?? {};
  // Every address of this machine is one of them.
  const url = address.replace('//0.0.0.0:', '//127.0.0.1:');
  return {
    ...program,
    url,
    metricsAddress,
    log,
    /** What /readyz answers, or undefined where nothing listens any more. */
    ready: () => status(`${url}/readyz`),
    stop: () => child.kill('SIGTERM'),
  };
}

function status(url: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    get(url, { agent: false }, (answer) => resolve(answer.resume().statusCode)).on('error', () => resolve(undefined));
  });
}

const logLine = z.looseObject({
  msg: z.string(),
  address: z.string().optional(),
  metricsAddress: z.string().optional(),
});

const PROBE_MS = 50;

/**
 * A load balancer without affinity, as they come: it asks each replica every 50 ms whether it is ready, hands each
 * request to the next one that is, and repeats none.
 */
export async function balance() {
  const replicas = new Set<{ url: string; agent: Agent; ready: boolean }>();
  /** By the header X-Client, which replicas have answered whom. */
  const answeredBy = new Map<string, Set<string>>();
  let turn = 0;

  const { url } = await listen((incoming, outgoing) => {
    const ready = [...replicas].filter((replica) => replica.ready);
    turn += 1;
    const replica = ready[turn % ready.length];
    if (!replica) return void outgoing.writeHead(502).end('No replica is ready');
    const { method, url: path, headers } = incoming;
    const client = String(headers['x-client']);
    answeredBy.set(client, (answeredBy.get(client) ?? new Set()).add(replica.url));
    const sent = request(replica.url + path, { method, headers: endToEnd(headers), agent: replica.agent }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
      answer.pipe(outgoing);
    });
    sent.on('error', ({ message }) => {
      if (outgoing.headersSent) outgoing.destroy();
      else outgoing.writeHead(502).end(`The replica failed: ${message}`);
    });
    outgoing.on('close', () => void (outgoing.writableEnded || sent.destroy()));
    incoming.pipe(sent);
  });

  const probing = setInterval(() => {
    for (const replica of replicas) {
      void status(`${replica.url}/readyz`).then((answer) => {
        replica.ready = answer === 200;
      });
    }
  }, PROBE_MS);
  onTestFinished(() => clearInterval(probing));

  return {
    url,
    answeredBy,
    /** Resolves once it gets requests. */
    async add(url: string) {
      const replica = { url, agent: new Agent({ keepAlive: true }), ready: false };
      onTestFinished(() => replica.agent.destroy());
      replicas.add(replica);
      await vi.waitUntil(() => replica.ready, { timeout: 10_000, interval: PROBE_MS });
    },
  };
}

/** The headers without those that are for one connection only. */
function endToEnd({ connection: _, 'keep-alive': __, ...headers }: IncomingMessage['headers']) {
  return headers;
}

const CALLBACK = 'http://localhost:8090/callback';

interface LoginServer {
  /** Known from the start. */
  clients?: Record<string, unknown>[];
  /** What it grants at most. */
  scope?: string;
}

/** oidc-provider with pages to sign in and to consent, where any client may register; it does not outlive the test. */
export async function startLoginServer({ clients = [], scope = SCOPES }: LoginServer = {}) {
  // It warns of settings that a test has no use for.
  for (const method of ['info', 'warn'] as const) {
    const spy = vi.spyOn(console, method).mockImplementation(() => {});
    onTestFinished(() => spy.mockRestore());
  }
  const { default: Provider } = await import('oidc-provider');
  const key = await createKey('login');
  let answer: RequestListener = () => {};
  const { url, server } = await listen((request, response) => answer(request, response));
  const configuration = {
    clients,
    jwks: { keys: [key.privateJwk] },
    cookies: { keys: ['any'] },
    scopes: ['openid', 'offline_access', ...SCOPES.split(' ')],
    features: {
      registration: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({ scope, accessTokenFormat: 'jwt', accessTokenTTL: 600 }),
      },
    },
  };
  answer = new Provider(url, configuration).callback();
  return {
    issuer: url,
    /** From now on it cannot be reached. */
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Somebody with a browser, and what his client keeps for him while he signs in. */
export function person(login: string) {
  const kept: { client?: StoredOAuthClientInformation; tokens?: StoredOAuthTokens; verifier?: string; asked?: URL } =
    {};
  const state = crypto.randomUUID();
  const authProvider: OAuthClientProvider = {
    redirectUrl: CALLBACK,
    clientMetadata: { client_name: 'test', redirect_uris: [CALLBACK] },
    state: () => state,
    clientInformation: () => kept.client,
    saveClientInformation(client) {
      kept.client = client;
    },
    tokens: () => kept.tokens,
    saveTokens(tokens) {
      kept.tokens = tokens;
    },
    codeVerifier: () => kept.verifier ?? '',
    saveCodeVerifier(verifier) {
      kept.verifier = verifier;
    },
    redirectToAuthorization(url) {
      kept.asked = url;
    },
  };
  const cookies = new Map<string, string>();

  /** Goes where pages lead, and signs in and consents where they ask for it, until one leads back to the client. */
  async function browse(url: string, form?: Record<string, string>): Promise<URLSearchParams> {
    const cookie = [...cookies].map((pair) => pair.join('=')).join('; ');
    const sent = form && { method: 'POST', body: new URLSearchParams(form) };
    const page = await fetch(url, { redirect: 'manual', headers: { cookie }, ...sent });
    for (const line of page.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const next = page.headers.get('location');
    if (next?.startsWith(CALLBACK)) return new URL(next).searchParams;
    if (next) return browse(new URL(next, url).href);
    const html = await page.text();
    const [, action] = /<form[^>]* action="([^"]+)"/.exec(html) ?? [];
    const [, prompt] = /name="prompt" value="(\w+)"/.exec(html) ?? [];
    if (!action || !prompt) throw new Error(`The page leads nowhere: ${page.status} ${html}`);
    return browse(new URL(action, url).href, { prompt, login, password: 'any' });
  }

  return {
    authProvider,
    /** The scopes that the client asked for. */
    asked: () => kept.asked?.searchParams.get('scope'),
    /** Signs in where the client has sent him, perhaps granting less; gives what comes back to the client. */
    async approve({ scope }: { scope?: string } = {}) {
      if (!kept.asked) throw new Error('Nobody asked');
      const url = new URL(kept.asked);
      if (scope) url.searchParams.set('scope', scope);
      const back = await browse(url.href);
      if (back.get('state') !== state) throw new Error(`Came back with ${back}`);
      return back;
    },
  };
}
