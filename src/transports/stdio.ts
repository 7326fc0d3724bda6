import type { Readable, Writable } from 'node:stream';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import type { Logger } from 'pino';
import type { Servers } from '../mcp/server.ts';
import { aborted } from '../signals.ts';

const GRACE_MS = 3_000;

interface StdioOptions {
  servers: Servers;
  logger(): Promise<Logger>;
  input: Readable;
  output: Writable;
  stop: AbortSignal;
}

/** Returns after the client disconnects or `stop` aborts, with no call in flight. */
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
  // After a disconnect the SDK has cancelled the calls.
  await servers.drain(why === 'stop' ? GRACE_MS : 0);
  await handle.close();
}
