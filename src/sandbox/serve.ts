import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { isBrokenConnection } from './faults.ts';
import { BASE_PATH, createSandbox, type SandboxOptions } from './index.ts';

export interface ServeOptions extends SandboxOptions {
  port: number;
  host?: string;
}

export interface ServedSandbox {
  url: string;
  close(): Promise<void>;
}

export async function serveSandbox({ port, host = '127.0.0.1', ...options }: ServeOptions): Promise<ServedSandbox> {
  const sandbox = createSandbox(options);
  const server = createServer(
    getRequestListener(
      async (request, env) => {
        const { incoming } = env as HttpBindings;
        const answer = isHere(incoming.socket.remoteAddress) ? sandbox.fetch : sandbox.fetchRemotely;
        return answer(request).catch((error) => breakOff(error, request, env as HttpBindings));
      },
      { overrideGlobalObjects: false },
    ),
  );
  await listen(server, port, host);
  return { url: `http://${authority(server)}${BASE_PATH}`, close: () => close(server) };
}

const isHere = (address = '') => /^(::ffff:)?127\.|^::1$/.test(address);

function breakOff(error: unknown, request: Request, { incoming }: HttpBindings): Response {
  if (!isBrokenConnection(error) && !request.signal.aborted) throw error;
  incoming.socket.destroy();
  return RESPONSE_ALREADY_SENT;
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const reason = REASONS[cause.code ?? ''] ?? cause.message;
      reject(new Error(`The sandbox cannot listen on ${host}, port ${port}: ${reason}`, { cause }));
    });
    server.listen(port, host, resolve);
  });
}

const REASONS: Record<string, string> = {
  EADDRINUSE: 'the port is already in use.',
  EACCES: 'that needs more privileges; ports from 1024 on do not.',
  EADDRNOTAVAIL: 'this machine has no such address.',
  ENOTFOUND: 'there is no such host.',
};

function authority(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    server.closeAllConnections();
  });
}
