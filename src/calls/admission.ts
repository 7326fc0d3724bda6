import { type Access, includes, notGranted } from '../access.ts';
import { AccessError, BatchError, LimitError } from '../errors.ts';
import type { Tool } from '../tools/tool.ts';
import { callerName, granted, type HttpCaller } from './http-caller.ts';
import type { CallSource } from './index.ts';
import type { Limit } from './rate-limit.ts';

const NO_LONGER_KNOWN =
  "Nothing was sent: this caller's authentication was checked again right before the request and is no longer valid.";

export interface AdmissionRules {
  access: Access;
  writeLimit?: Limit;
}

export function createCallAdmission({ access, writeLimit }: AdmissionRules) {
  /** By what a HTTP request brings along, the message in it that may call IONOS, by its signal. */
  const served = new WeakMap<HttpCaller, AbortSignal>();

  /** Of a batch one message may call IONOS: the limits count on that. Throws BatchError. */
  function refuseBatch({ httpCaller, signal }: CallSource): void {
    if (!httpCaller) return;
    const first = served.get(httpCaller);
    if (first && first !== signal) throw new BatchError();
    served.set(httpCaller, signal);
  }

  return {
    refuseBatch,

    /** Right before a write is sent: the call may have waited for minutes. Throws AccessError. */
    async checkRight(tool: Tool, httpCaller: HttpCaller | undefined): Promise<void> {
      if (!httpCaller) return;
      const caller = await httpCaller.now();
      if (caller?.name !== httpCaller.caller.name) throw new AccessError(NO_LONGER_KNOWN);
      const present = { ...httpCaller, caller };
      if (!includes(granted(access, present), tool.access))
        throw notGranted(tool.name, tool.access, caller.scopePrefix);
    },

    /** Throws InputError, AccessError or LimitError. */
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
