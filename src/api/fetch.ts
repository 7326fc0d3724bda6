import http from 'node:http';
import https from 'node:https';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { onAbort } from '../signals.ts';
import type { Share } from './budget.ts';
import type { Fetch } from './client.ts';
import { UnreachedError } from './connection-errors.ts';
import { MAX_BYTES, readBytes, TooLargeError, textOf, WholeResponse } from './reply.ts';

const CONNECT_MS = 10_000;
/** Upper limit; the server can announce less. */
const IDLE_MS = 30_000;

type MakeAgent = (options: https.AgentOptions) => http.Agent;

/** A write opens its own connection: if a reused one closes, nobody knows whether the write arrived. */
const agentsFor = (make: MakeAgent) => ({ reads: make({ keepAlive: true, timeout: IDLE_MS }), writes: make({}) });

/** Costs a fifth of the CPU of the global fetch. Follows no redirects. Throws UnreachedError if nothing was sent. */
export function createFetch(makeSecure: MakeAgent = (options) => new https.Agent(options)): Fetch {
  const plain = { open: http.request, agents: agentsFor((options) => new http.Agent(options)), ready: 'connect' };
  // Set explicitly, or NODE_TLS_REJECT_UNAUTHORIZED=0 would send the token to anyone who answers.
  const makeChecking: MakeAgent = (options) => makeSecure({ ...options, rejectUnauthorized: true });
  const secure = { open: https.request, agents: agentsFor(makeChecking), ready: 'secureConnect' };

  return async (request, { signal, share }) => {
    const { method, url } = request;
    const body = request.body ? await request.text() : undefined;
    const { open, agents, ready } = url.startsWith('https:') ? secure : plain;
    return new Promise<Response>((resolve, reject) => {
      const sent = open(url, { method, agent: method === 'GET' ? agents.reads : agents.writes });
      // Set here because a pooled connection keeps its request options, which would include the caller's token.
      for (const [name, value] of request.headers) sent.setHeader(name, value);
      sent.setHeader('accept-encoding', 'gzip');
      let isConnected = false;
      let isAnswered = false;
      const fail = (error: Error) => reject(isConnected ? error : new UnreachedError(error));
      const connecting = setTimeout(() => {
        fail(timedOut());
        sent.destroy();
      }, CONNECT_MS);
      const connected = () => {
        isConnected = true;
        clearTimeout(connecting);
      };
      sent.on('socket', (socket) => (sent.reusedSocket ? connected() : socket.once(ready, connected)));
      sent.on('error', fail);
      sent.on('response', (incoming) => {
        isAnswered = true;
        wholeOf(incoming, share).then(resolve, reject);
      });
      sent.on('close', () => {
        clearTimeout(connecting);
        forget();
        // For example after a 101, which Node does not emit as a response.
        if (!isAnswered) fail(new Error('the connection was closed without an answer'));
      });
      sent.end(body);
      const forget = onAbort(signal, () => {
        reject(signal.reason);
        sent.destroy();
      });
    });
  };
}

const timedOut = () => Object.assign(new Error(`no connection within ${CONNECT_MS / 1000} s`), { code: 'ETIMEDOUT' });

async function wholeOf(incoming: http.IncomingMessage, share: Share | undefined): Promise<Response> {
  const { statusCode: status = 0 } = incoming;
  if (status < 200 || status > 599) throw new Error(`the answer has an invalid HTTP status (${status})`);
  const body = textOf(await decoded(incoming, await readBytes(incoming, share), share));
  const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]);
  return new WholeResponse(body, { status, headers });
}

const unzip = promisify(gunzip);
const USUAL_RATIO = 10;

async function decoded(
  { headers, statusCode = 0 }: http.IncomingMessage,
  bytes: Buffer,
  share: Share | undefined,
): Promise<Buffer> {
  const { 'content-encoding': encoding = 'identity' } = headers;
  if (bytes.length === 0 || /^(identity)?$/i.test(encoding)) return bytes;
  if (!/^(x-)?gzip$/i.test(encoding)) {
    // An error counts even if its text is unreadable.
    if (statusCode >= 300) return Buffer.alloc(0);
    throw new Error(`the answer has an encoding that was not requested (${encoding.slice(0, 40)})`);
  }
  // JSON usually shrinks to a tenth, other data to as little as a thousandth.
  await share?.hold(bytes.length * USUAL_RATIO);
  try {
    const whole = await unzip(bytes, { maxOutputLength: MAX_BYTES });
    await share?.hold(whole.length);
    return whole;
  } catch (error) {
    const isTooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    throw isTooLarge ? new TooLargeError() : error;
  }
}
