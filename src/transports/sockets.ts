import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Answers go out in order anyway. */
const MAX_WORKED_ON = 4;
const MAX_WAITING = 100;
/** A client that reads nothing for this long has left. */
const STALLED_MS = 30_000;

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** Limits a client that pipelines requests and never reads. */
export function fewAtOnce(listener: Listener): Listener {
  const connections = new WeakMap<Socket, { worked: number; waiting: (() => void)[] }>();

  return (request, response) => {
    const { socket } = request;
    const connection = connections.get(socket) ?? { worked: 0, waiting: [] };
    connections.set(socket, connection);
    function work() {
      connection.worked += 1;
      response.once('close', () => {
        connection.worked -= 1;
        if (!socket.destroyed) connection.waiting.shift()?.();
      });
      listener(request, response);
    }
    if (connection.worked < MAX_WORKED_ON) work();
    else if (connection.waiting.push(work) > MAX_WAITING) socket.destroy();
  };
}

export function watchProgress(server: Server, stalledMs = STALLED_MS): void {
  const sockets = new Map<Socket, { unsent: number; since: number }>();
  server.on('connection', (socket: Socket) => {
    sockets.set(socket, { unsent: 0, since: Date.now() });
    socket.once('close', () => sockets.delete(socket));
  });
  const watch = setInterval(() => {
    const now = Date.now();
    for (const [socket, seen] of sockets) {
      const unsent = unsentOf(socket);
      if (unsent === 0 || unsent !== seen.unsent) sockets.set(socket, { unsent, since: now });
      else if (now - seen.since >= stalledMs) socket.destroy();
    }
  }, stalledMs / 6).unref();
  server.once('close', () => clearInterval(watch));
}

/**
 * Node's own timeouts use the same private field, but restart with each write, such as a comment that keeps a stream
 * alive.
 */
function unsentOf(socket: Socket): number {
  const handle: unknown = Reflect.get(socket, '_handle');
  if (typeof handle !== 'object' || handle === null) return 0;
  const size: unknown = Reflect.get(handle, 'writeQueueSize');
  return typeof size === 'number' ? size : socket.writableLength;
}
