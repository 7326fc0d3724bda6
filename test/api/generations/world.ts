import * as z from 'zod';
import { createApiClient, type Fetch } from '../../../src/api/client.ts';
import { UnreachedError } from '../../../src/api/connection-errors.ts';
import { createApis } from '../../../src/api/generations/index.ts';
import type { ClusterReads } from '../../../src/api/generations/port.ts';

export const ID = '5d7f1c28-9e4a-4b63-a1d0-8c2e6f4b7a15';
export const item = z.object({ id: z.string() });

export type Answer = (url: URL, signal: AbortSignal) => Response | Promise<Response>;

export const status = (code: number) => () => Response.json({}, { status: code });
export const missing = status(404);
export const nothing = () => Response.json({ type: 'collection', items: [] });
export const listing = (...ids: string[]) => Response.json({ items: ids.map((id) => ({ id })) });
export const never: Answer = (_, signal) =>
  new Promise<Response>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });

export const slowly =
  (ms: number, answer: Answer): Answer =>
  (url, signal) =>
    new Promise((resolve) => setTimeout(resolve, ms)).then(() => answer(url, signal));

export const unreachable = () => {
  throw new UnreachedError(Object.assign(new Error('no route'), { code: 'EHOSTUNREACH' }));
};

interface Caller {
  account?: string;
  token?: string;
  /** Milliseconds that the call has. */
  left?: number;
}

/** v1 and the named regions of v2, as they answer; without v1, v2 alone. */
export function world(answers: Record<string, Answer>) {
  const asked: string[] = [];
  const fetch: Fetch = async ({ url }, { signal }) => {
    const place = new URL(url);
    const name = place.hostname.split('.')[1] ?? '';
    asked.push(name);
    return (answers[name] ?? missing)(place, signal);
  };
  const clientAt = (apiUrl: string) => createApiClient({ apiUrl, authorization: 'Bearer x', userAgent: 'test', fetch });
  const regions = Object.keys(answers)
    .filter((name) => name !== 'v1')
    .map((name) => ({ name, client: clientAt(`https://a.${name}.example`) }));
  const isAlone = answers.v1 === undefined;
  const apis = createApis({ v1: clientAt('https://a.v1.example'), v2: { isAlone, newClusters: 'v1', regions } });
  return {
    answers,
    asked,
    /** How often a source was asked. */
    times: (name: string) => asked.filter((each) => each === name).length,
    reads({ account, token, left = 45_000 }: Caller = {}): ClusterReads {
      const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` };
      const scope = { signal: new AbortController().signal, deadline: Date.now() + left, headers };
      return apis.forCall(scope, account).clusters;
    },
  };
}

export const all = (reads: ClusterReads, asked = {}) =>
  reads.rows({ of: 'clusters' }, item, { limit: 10, offset: 0, ...asked });

export const idsOf = ({ items }: { items: { id: string }[] }) => items.map(({ id }) => id);
