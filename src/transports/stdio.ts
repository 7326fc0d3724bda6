import type { Readable, Writable } from 'node:stream';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import type { Logger } from 'pino';
import type { Servers } from '../mcp/server.ts';
import { aborted } from '../signals.ts';

/** Milliseconds that calls in flight get to finish when the process is told to stop. */
const GRACE_MS = 3_000;

interface StdioOptions {
  servers: Servers;
  logger(): Promise<Logger>;
  input: Readable;
  output: Writable;
  /** Aborts when the process shall stop. */
  stop: AbortSignal;
}

/** Serves one client over stdin and stdout until it hangs up or `stop` aborts; nothing is in flight afterwards. */
export async function runStdio({ servers, logger, input, output, stop }: StdioOptions): Promise<void> {
  const handle = serveStdio(servers.create, {
    async onerror({ name, message }) {
      const reason = name === 'ZodError' ? 'a line that is not a JSON-RPC message' : message;
      (await logger()).warn({ reason }, 'stdio');
    },
  });
  const asked = aborted(stop).then(() => 'stop' as const);
  const hungUp = new Promise<'end'>((resolve) => {
    for (const event of ['end', 'close', 'error']) input.once(event, () => resolve('end'));
    for (const event of ['close', 'error']) output.once(event, () => resolve('end'));
  });
  const why = await Promise.race([asked, hungUp]);
  // A client that hung up waits for nothing; the SDK has cancelled its calls.
  await servers.drain(why === 'stop' ? GRACE_MS : 0);
  await handle.close();
}
