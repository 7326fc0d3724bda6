import type { Context, MiddlewareHandler } from 'hono';
import type { Logger } from 'pino';
import { loggedNarrowing, type Narrowing } from '../calls/http-caller.ts';
import { createThinner } from '../log/thinning.ts';
import { cut, visible } from '../text/visible.ts';
import { addressOf, type Env } from './guards.ts';

const MAX_VALUE = 128;
const PER_MINUTE = 10;
const TOO_MANY = 429;

export interface HttpRefusal {
  reason: string;
  status?: number;
  value?: string;
  expected?: string;
  flag?: string;
  caller?: string;
  narrowed?: Narrowing;
  address?: string;
}

export type RefusalLog = ReturnType<typeof createRefusalLog>;

/** Limited, so that callers cannot flood the log. */
export function createRefusalLog(logger: Logger) {
  const perKind = createThinner(PER_MINUTE);
  const perCaller = createThinner(1);
  return ({ value, ...refusal }: HttpRefusal): void => {
    const { reason, status, caller, address } = refusal;
    const own = status === TOO_MANY ? perCaller(`${reason} ${caller ?? address}`) : {};
    const all = own && perKind(reason);
    if (!all) return;
    const omitted = (own.omitted ?? 0) + (all.omitted ?? 0) || undefined;
    logger.warn({ ...refusal, value: value && visible(cut(value, MAX_VALUE)), omitted }, 'refused');
  };
}

export function logRefusals(log: RefusalLog, trustProxy: number): MiddlewareHandler<Env> {
  return async (c, next) => {
    await next();
    const refusal = c.get('refusal');
    if (!refusal || refusal.status >= 500 || hasLeft(c)) return;
    const { status } = refusal;
    const sent = VALUES[status]?.(c);
    const narrowed = loggedNarrowing(c.get('narrowing'));
    log({ value: sent, ...refusal, caller: c.get('caller'), narrowed, address: addressOf(c, trustProxy) });
  };
}

/** Node also destroys a request that was read to its end. */
export const hasLeft = ({ env: { incoming } }: Context<Env>) => incoming.destroyed && !incoming.complete;

const VALUES: Record<number, (c: Context<Env>) => string | undefined> = {
  404: (c) => c.req.path,
  405: (c) => `${c.req.method} ${c.req.path}`,
  413: (c) => c.req.header('content-length'),
  415: (c) => c.req.header('content-encoding') ?? c.req.header('content-type'),
};
