import { type Access, includes, notGranted } from '../access.ts';
import { AccessError, BatchError, LimitError } from '../errors.ts';
import type { Tool } from '../tools/tool.ts';
import { callerName, granted, type HttpCaller } from './http-caller.ts';
import type { Limit } from './rate-limit.ts';
import type { CallSource } from './source.ts';

const NO_LONGER_KNOWN =
  "Nothing was sent: this caller's authentication was checked again right before the request and is no longer valid.";

export interface AdmissionRules {
  access: Access;
  writeLimit?: Limit;
}

export function createCallAdmission({ access, writeLimit }: AdmissionRules) {
  /** The message of each HTTP request that may call IONOS, by its signal. */
  const served = new WeakMap<HttpCaller, AbortSignal>();

  /** Limits count one call per request, so only one message of a batch may call IONOS. Throws BatchError. */
  function refuseBatch({ httpCaller, signal }: CallSource): void {
    if (!httpCaller) return;
    const first = served.get(httpCaller);
    if (first && first !== signal) throw new BatchError();
    served.set(httpCaller, signal);
  }

  return {
    refuseBatch,

    /** Runs right before a write, because the call may have waited for minutes. Throws AccessError. */
    async checkRight(tool: Tool, httpCaller: HttpCaller | undefined): Promise<void> {
      if (!httpCaller) return;
      const caller = await httpCaller.now();
      if (caller?.name !== httpCaller.caller.name) throw new AccessError(NO_LONGER_KNOWN);
      const present = { ...httpCaller, caller };
      if (!includes(granted(access, present), tool.access))
        throw notGranted(tool.name, tool.access, caller.scopePrefix);
    },

    async admit(tool: Tool, source: CallSource): Promise<void> {
      refuseBatch(source);
      const { httpCaller } = source;
      if (!includes(granted(access, httpCaller), tool.access))
        throw notGranted(tool.name, tool.access, httpCaller?.caller.scopePrefix);
      const wait = tool.access === 'read' ? undefined : await writeLimit?.exceeded(callerName(httpCaller));
      if (wait !== undefined) throw new LimitError('writes', wait);
    },
  };
}
