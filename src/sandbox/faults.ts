import { type ErrorMessage, errorResponse } from './errors.ts';

export interface Fault {
  /** 'drop' breaks the connection before the API acts, 'lost' after; 'html' is a 502 page; 'hang' never responds */
  kind: number | 'drop' | 'lost' | 'html' | 'hang';
  /** 0..1, default 1 */
  chance?: number;
  /** Seconds */
  retryAfter?: number;
  messages?: ErrorMessage[];
}

type Answer = () => Promise<Response>;

export async function strike(fault: Fault, request: Request, answer: Answer): Promise<Response> {
  const headers = retryAfter(fault);
  switch (fault.kind) {
    case 'drop':
      throw brokenConnection();
    case 'lost':
      await answer();
      throw brokenConnection();
    case 'hang':
      await pause(FOREVER, request);
      throw brokenConnection();
    case 'html':
      return new Response(GATEWAY_PAGE, { status: 502, headers: { ...headers, 'content-type': 'text/html' } });
    default:
      return errorResponse(fault.kind, fault.messages, headers);
  }
}

function retryAfter({ retryAfter }: Fault): Record<string, string> {
  return retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
}

const GATEWAY_PAGE = '<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n';

function brokenConnection(): TypeError {
  const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
  return new TypeError('fetch failed', { cause });
}

export function isBrokenConnection(error: unknown): boolean {
  return (
    error instanceof TypeError &&
    error.cause instanceof Error &&
    'code' in error.cause &&
    error.cause.code === 'ECONNRESET'
  );
}

const FOREVER = 2 ** 31 - 1;

/** The timer references the request, or Node may collect its signal. */
export function pause(ms: number, request: Request): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      clearTimeout(timer);
      reject(request.signal.reason);
    };
    const timer = setTimeout(() => {
      request.signal.removeEventListener('abort', giveUp);
      resolve();
    }, ms);
    request.signal.addEventListener('abort', giveUp, { once: true });
  });
}
