import type { Fetch } from '../../src/api/client.ts';
import type { connect } from './connect.ts';
import { SOME_CLUSTER } from './some-cluster.ts';

export interface LogLine {
  /** Milliseconds since the epoch */
  at: number;
  instance?: string;
  message: string;
}

export interface Shown {
  begin: string;
  lines: { time: string; instance: string; message: string }[];
  end: string;
  more?: string;
  note?: string;
}

export const CLUSTER = SOME_CLUSTER;

/**
 * An API whose cluster has logged these lines. Its documentation leaves open whether `limit` counts the lines of all
 * instances or of each.
 */
export function logApi(lines: readonly LogLine[], { limitIsPerInstance = false } = {}): Fetch {
  return async ({ url }) => {
    const query = new URL(url).searchParams;
    const [start = 0, end = Number.POSITIVE_INFINITY] = ['start', 'end'].map((name) => {
      const time = query.get(name);
      return time === null ? undefined : Date.parse(time);
    });
    const isForward = query.get('direction') === 'FORWARD';
    const limit = Number(query.get('limit'));
    const found = lines
      .filter(({ at }) => at >= start && at <= end)
      .sort((one, other) => (isForward ? one.at - other.at : other.at - one.at));
    const counted = limitIsPerInstance ? found : found.slice(0, limit);
    const names = [...new Set(counted.map(({ instance = '1' }) => instance))];
    const instances = names.map((name) => ({
      name: `ionos-${CLUSTER}-by6qu3m-${name}`,
      messages: counted
        .filter(({ instance = '1' }) => instance === name)
        .slice(0, limit)
        .map(({ at, message }) => ({ time: new Date(at).toISOString(), message })),
    }));
    return Response.json({ instances });
  };
}

export const shownIn = ({ structuredContent }: { structuredContent?: unknown }): Shown => Object(structuredContent);

/** Asks as each answer says to go on, until there is no more; every page as it came. */
export async function walk({ call }: Pick<Awaited<ReturnType<typeof connect>>, 'call'>, args: object, most = 200) {
  const pages: Shown[] = [];
  for (let next = {}; pages.length < most; ) {
    const result = await call('get_cluster_logs', { clusterId: CLUSTER, ...args, ...next });
    if (result.isError) throw new Error(JSON.stringify(result.content));
    const page = shownIn(result);
    pages.push(page);
    if (page.more === undefined) return pages;
    const [, bound = '', time = ''] = /call again with (start|end) (\S+Z)\./.exec(page.more) ?? [];
    next = { [bound]: time };
  }
  throw new Error(`No end after ${most} pages, the last of which says ${pages.at(-1)?.more}`);
}
