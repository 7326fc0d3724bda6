import type { ServerContext } from '@modelcontextprotocol/server';
import { httpCallerIn } from '../calls/http-caller.ts';
import type { CallSource } from '../calls/source.ts';

/** Also says which request it is, where that is recorded. */
export type SourceOf = (ctx: ServerContext) => CallSource;

export function sourceIn({ mcpReq, http }: ServerContext): Pick<CallSource, 'signal' | 'httpCaller'> {
  return { signal: mcpReq.signal, httpCaller: httpCallerIn(http?.authInfo) };
}

/** Report before a user gives up, then before a proxy closes an idle connection. */
const FIRST_SIGN_MS = 4_000;
const NEXT_SIGN_MS = 15_000;

export function followProgress({ mcpReq }: ServerContext) {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return undefined;
  const started = performance.now();
  let progress = 0;
  let sign = setTimeout(giveSign, FIRST_SIGN_MS);

  function tell(seconds: number, message: string) {
    clearTimeout(sign);
    sign = setTimeout(giveSign, NEXT_SIGN_MS);
    // The protocol requires an increase each time.
    progress = Math.max(seconds, progress + 0.001);
    const params = { progressToken, progress, message };
    void mcpReq.notify({ method: 'notifications/progress', params }).catch(() => {});
  }
  function giveSign() {
    const seconds = (performance.now() - started) / 1000;
    tell(seconds, `working for ${Math.round(seconds)} s`);
  }
  return { tell, end: () => clearTimeout(sign) };
}
