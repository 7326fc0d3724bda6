import type { JSONWebKeySet } from 'jose';
import * as z from 'zod';
import { isLoopback, isSecure, withoutSlashes } from '../secure-url.ts';

export type KeyFetch = (url: string, init: RequestInit) => Promise<Response>;

interface KeyDiscoveryOptions {
  issuer: URL;
  /** As configured: the comparison is exact, and URL would normalize it. */
  issuerName: string;
  jwksUrl?: string;
  fetch: KeyFetch;
}

const LOOKUP_MS = 5000;
const MAX_BYTES = 256 * 1024;

const metadataDocument = z.object({ issuer: z.string(), jwks_uri: z.string() });
const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });

type GetJson = <T extends z.ZodType>(url: string, shape: T) => Promise<z.output<T>>;

export function createKeyLoader({
  issuer,
  issuerName,
  jwksUrl,
  fetch,
}: KeyDiscoveryOptions): () => Promise<JSONWebKeySet> {
  let discovered: string | undefined;

  async function discover(getJson: GetJson): Promise<string> {
    const failures: string[] = [];
    for (const url of metadataUrls(issuer)) {
      try {
        return readKeysUrl(await getJson(url, metadataDocument), issuer, issuerName);
      } catch (error) {
        failures.push(`${url} ${reasonOf(error)}`);
      }
    }
    throw new Error(failures.join('; '));
  }

  async function load(getJson: GetJson): Promise<JSONWebKeySet> {
    discovered ??= jwksUrl ?? (await discover(getJson));
    const url = discovered;
    try {
      return await getJson(url, keySet);
    } catch (error) {
      // The keys may have moved.
      discovered = undefined;
      throw new Error(`${url} ${reasonOf(error)}`);
    }
  }

  return () => withinTime((signal) => load((url, shape) => readJson(url, shape, signal, fetch)));
}

/** RFC 8414 and OpenID Connect Discovery place the path of an issuer differently. */
function metadataUrls({ origin, pathname }: URL): string[] {
  const path = withoutSlashes(pathname);
  return [
    ...new Set([
      `${origin}/.well-known/oauth-authorization-server${path}`,
      `${origin}/.well-known/openid-configuration${path}`,
      `${origin}${path}/.well-known/openid-configuration`,
    ]),
  ];
}

function readKeysUrl(document: z.output<typeof metadataDocument>, issuer: URL, issuerName: string): string {
  if (document.issuer !== issuerName) {
    throw new Error(`is the document of another issuer, ${JSON.stringify(document.issuer.slice(0, 200))}`);
  }
  const url = URL.canParse(document.jwks_uri) ? new URL(document.jwks_uri) : undefined;
  // Prevents a remote server from directing requests to this machine.
  if (!url || !isSecure(url) || (isLoopback(url.hostname) && !isLoopback(issuer.hostname)))
    throw new Error('has an unsafe jwks_uri');
  return url.href;
}

// Not AbortSignal.timeout: Node 20 can garbage-collect it.
async function withinTime<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const late = new Error(`gave no answer within ${LOOKUP_MS / 1000} s`);
  const timer = setTimeout(() => controller.abort(late), LOOKUP_MS);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}

async function readJson<T extends z.ZodType>(url: string, shape: T, signal: AbortSignal, fetch: KeyFetch) {
  const response = await fetch(url, { headers: { accept: 'application/json' }, redirect: 'manual', signal });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`answered ${response.status}`);
  }
  const text = await readText(response);
  const { data, success } = shape.safeParse(parseJson(text));
  if (!success) throw new Error('is not the document that belongs there');
  return data;
}

async function readText({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) throw new Error(`is longer than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'failed';
  // undici only says "fetch failed"; its cause has the code.
  const { cause } = error;
  return cause instanceof Error && 'code' in cause ? `cannot be reached (${String(cause.code)})` : error.message;
}
