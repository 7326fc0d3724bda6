import ky from 'ky';
import { createCaller, type Era } from './load.ts';
import { end, httpServer, listening, PROGRAM, type Program, startApi, stdioServer } from './programs.ts';
import { type Figure, median, quantile, round } from './stats.ts';
import { tokensOf } from './tokens.ts';

const authorization = 'Bearer any';

/** Milliseconds that the work takes, so many times, each time next to the other work. */
async function inTurns(times: number, one: () => Promise<unknown>, other: () => Promise<unknown>) {
  const durations: [number[], number[]] = [[], []];
  for (let n = 0; n < times; n += 1) {
    for (const [work, into] of [[one, durations[0]] as const, [other, durations[1]] as const]) {
      const started = performance.now();
      await work();
      into.push(performance.now() - started);
    }
  }
  return durations;
}

interface Overhead {
  calls: number[];
  requests: number[];
}

/** Two figures: what a call takes beyond the bare request, as the difference of the medians and of the 99th percentiles. */
function figuresOf(name: string, { calls, requests }: Overhead, goal: Pick<Figure, 'bar' | 'aim'> = {}): Figure[] {
  const beyond = (share: number) => round(quantile(calls, share) - quantile(requests, share), 3);
  const bare = round(median(requests), 3);
  return [
    { name: `${name}, p50`, unit: 'ms', value: beyond(0.5), reference: { name: 'ky', value: bare }, ...goal },
    { name: `${name}, p99`, unit: 'ms', value: beyond(0.99) },
  ];
}

/** What a tool call takes beyond the same request to the same sandbox by bare ky, over stdio and HTTP. */
export async function measureOverhead(times: number): Promise<Figure[]> {
  const sandbox = await listening([PROGRAM, 'sandbox', '--port', '0']);
  const apiUrl = `${sandbox.url}/databases/postgresql`;
  const { items } = await ky
    .get(`${apiUrl}/clusters`, { headers: { authorization } })
    .json<{ items: { id: string }[] }>();
  const [{ id: clusterId } = { id: '' }] = items;
  const bare = () => ky.get(`${apiUrl}/clusters/${clusterId}`, { headers: { authorization } }).json();
  const programs: Program[] = [sandbox.program];
  const figures: Figure[] = [];
  try {
    const { program, call } = await stdioServer(sandbox.url);
    programs.push(program);
    await inTurns(times / 4, () => call('get_cluster', { clusterId }), bare);
    const [calls, requests] = await inTurns(times, () => call('get_cluster', { clusterId }), bare);
    figures.push(...figuresOf('over stdio', { calls, requests }, { bar: '≤ 1.0', aim: '≤ 0.5' }));

    const hosted = await httpServer(sandbox.url);
    programs.push(hosted.program);
    for (const era of ['2025', '2026'] as Era[]) {
      const caller = createCaller(hosted.url, { era, connections: 1, clusterId });
      await inTurns(times / 4, caller.call, bare);
      const [calls, requests] = await inTurns(times, caller.call, bare);
      figures.push(...figuresOf(`over HTTP, ${era}`, { calls, requests }));
      await caller.close();
    }
  } finally {
    await Promise.all(programs.map(end));
  }
  return figures;
}

/** How list_clusters grows with the number of clusters: its time beyond bare ky's for the same page, and its tokens. */
export async function measureGrowth(sizes: readonly number[], times: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const clusters of sizes) {
    const api = await startApi({ clusters });
    const { program, call } = await stdioServer(api.url);
    const list = () => call('list_clusters', {});
    const page = () => ky.get(`${api.url}/clusters?limit=100&offset=0`, { headers: { authorization } }).json();
    await inTurns(times / 4, list, page);
    const [calls, requests] = await inTurns(times, list, page);
    const { result } = await list();
    const name = `list_clusters of ${clusters}`;
    figures.push(...figuresOf(name, { calls, requests }));
    figures.push({ name: `${name}, answer`, unit: 'tokens', value: tokensOf(result.structuredContent) });
    await Promise.all([end(program), end(api.program)]);
  }
  return figures;
}
