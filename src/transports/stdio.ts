import type { Readable, Writable } from 'node:stream';
import type { Transport } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import type { Logger } from 'pino';
import type { Servers } from '../mcp/server.ts';
import { aborted } from '../signals.ts';
import { createRequestIds } from './wire/in-flight.ts';
import { createLines } from './wire/lines.ts';
import { type Reading, readMessages, refuseLong } from './wire/messages.ts';
import { createProblemLog } from './wire/problem-log.ts';

const GRACE_MS = 3_000;
/** For answers to the last requests before the client closed its end. */
const LAST_MS = 500;
const MAX_LINE = 10 * 1024 * 1024;
/** Above this, nothing more is read from the client. */
const MAX_UNREAD = 4 * 1024 * 1024;

interface StdioOptions {
  servers: Servers;
  logger(): Promise<Logger>;
  input: Readable;
  output: Writable;
  stop: AbortSignal;
}

/** Returns after the client disconnects or `stop` aborts, with no call in flight. */
export async function runStdio({ servers, logger, input, output, stop }: StdioOptions): Promise<void> {
  const log = createProblemLog(logger, 'stdio');
  let hangUp = () => {};
  const hungUp = new Promise<'end'>((resolve) => {
    hangUp = () => resolve('end');
  });
  const transport = createStdioTransport({ input, output, log, onClosed: hangUp });
  const handle = serveStdio(servers.create, { transport, onerror: ({ message }) => log(message) });
  const asked = aborted(stop).then(() => 'stop' as const);
  const why = await Promise.race([asked, hungUp]);
  // After a disconnect the SDK has cancelled the calls.
  await servers.drain(why === 'stop' ? GRACE_MS : 0);
  await handle.close();
}

interface StdioStreams {
  input: Readable;
  output: Writable;
  log(problem: string): void;
  onClosed?(): void;
}

/** Replaces the SDK's, which stops at a long line and does not answer an invalid one. */
export function createStdioTransport({ input, output, log, onClosed }: StdioStreams): Transport {
  const requests = createRequestIds();
  const lines = createLines(MAX_LINE, {
    onLine: (text) => receive(readMessages(text, { takesBatches: false, inFlight: requests.ids })),
    onLongLine: (head) => receive(refuseLong(head, MAX_LINE)),
  });
  let isClosed = false;
  let isOver = false;

  function receive({ messages, refusals, problems }: Reading) {
    for (const message of messages) {
      requests.received(message);
      transport.onmessage?.(message);
    }
    for (const problem of problems) log(problem);
    for (const refusal of refusals) void write(refusal).catch(fail);
  }

  function write(message: object): Promise<void> {
    if (isClosed) return Promise.reject(new Error('The client has disconnected'));
    return new Promise((resolve, reject) => {
      output.write(`${JSON.stringify(message)}\n`, (error) => (error ? reject(error) : resolve()));
      if (output.writableLength <= MAX_UNREAD || input.isPaused()) return;
      input.pause();
      output.once('drain', () => input.resume());
    });
  }

  const read = (chunk: Uint8Array) => lines.push(chunk);
  const fail = (error: unknown) => transport.onerror?.(error instanceof Error ? error : new Error(String(error)));
  /** The last requests may still be read, as from a pipe of commands. */
  function hangUp() {
    if (isClosed || isOver) return;
    isOver = true;
    lines.end();
    if (requests.ids.size === 0) close();
    else setTimeout(close, LAST_MS).unref();
  }
  function breakOff(error: Error) {
    if (!isClosed) fail(error);
    close();
  }
  function close() {
    if (isClosed) return;
    isClosed = true;
    input.off('data', read).pause();
    transport.onclose?.();
    onClosed?.();
  }

  const transport: Transport = {
    async start() {
      input.on('data', read).on('end', hangUp).on('close', hangUp).on('error', breakOff);
      // Stays attached: a write that fails after the end is harmless.
      output.on('error', breakOff).on('close', close);
      if (input.readableEnded || input.destroyed) setImmediate(close);
    },
    async send(message) {
      requests.sent(message);
      await write(message);
      if (isOver && requests.ids.size === 0) close();
    },
    async close() {
      close();
    },
  };
  return transport;
}
