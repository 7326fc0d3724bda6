import http from 'node:http';
import https from 'node:https';
import type { Fetch } from './client.ts';
import { readText, WholeResponse } from './reply.ts';

/** Milliseconds for which an idle connection is kept; whoever is at the other end gives it up later. */
const IDLE_MS = 4_000;

/**
 * A fetch for ky over Node's own HTTP client, which costs a fifth of the work that the global fetch does. Connections
 * are kept. It follows no redirect, asks for no compression and knows no proxy.
 */
export function createFetch(): Fetch {
  const options = { keepAlive: true, timeout: IDLE_MS };
  const plain = { open: http.request, agent: new http.Agent(options) };
  const secure = { open: https.request, agent: new https.Agent(options) };

  return async (request, { signal }) => {
    const { method, url } = request;
    const body = request.body ? await request.text() : undefined;
    const { open, agent } = url.startsWith('https:') ? secure : plain;
    return new Promise<Response>((resolve, reject) => {
      const sent = open(url, { method, agent });
      // Not among the options, which a connection keeps: they hold the caller's token.
      for (const [name, value] of request.headers) sent.setHeader(name, value);
      const stop = () => {
        reject(signal.reason);
        sent.destroy();
      };
      signal.addEventListener('abort', stop, { once: true });
      sent.on('close', () => signal.removeEventListener('abort', stop));
      sent.on('error', reject);
      sent.on('response', (incoming) => wholeOf(incoming).then(resolve, reject));
      sent.end(body);
      if (signal.aborted) stop();
    });
  };
}

async function wholeOf(incoming: http.IncomingMessage): Promise<Response> {
  const body = await readText(incoming);
  const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]);
  return new WholeResponse(body, { status: incoming.statusCode, headers });
}
