import { type Access, includes, notGranted } from '../access.ts';
import { InputError, LimitError } from '../errors.ts';
import type { Tool } from '../tools/tool.ts';
import { callerName, granted, type HttpCaller } from './http-caller.ts';
import type { Limit } from './rate-limit.ts';

export interface AdmissionRules {
  access: Access;
  writeLimit?: Limit;
}

export function createCallAdmission({ access, writeLimit }: AdmissionRules) {
  const served = new WeakSet<HttpCaller>();

  /** Limits count HTTP requests, so each may hold one call only. Throws InputError. */
  function refuseBatch(httpCaller: HttpCaller | undefined): void {
    if (!httpCaller) return;
    if (served.has(httpCaller)) throw new InputError(['a batch of calls is not supported: send each by itself']);
    served.add(httpCaller);
  }

  return {
    refuseBatch,
    /** Throws InputError, AccessError or LimitError. */
    async admit(tool: Tool, httpCaller: HttpCaller | undefined): Promise<void> {
      refuseBatch(httpCaller);
      if (!includes(granted(access, httpCaller), tool.access)) throw notGranted(tool.name, tool.access);
      const wait = tool.access === 'read' ? undefined : await writeLimit?.exceeded(callerName(httpCaller));
      if (wait !== undefined) throw new LimitError('writes', wait);
    },
  };
}
