import ky from 'ky';
import { tokensOf } from '../lint-tools.ts';
import { createCaller, ERAS } from './load.ts';
import { end, httpServer, listening, PROGRAM, startApi, stdioServer } from './programs.ts';
import { type Figure, quantile, round, spread } from './stats.ts';

const authorization = 'Bearer any';

/** Milliseconds that the work takes, so many times, each time next to the other work. */
async function inTurns(times: number, one: Work, other: Work): Promise<[number[], number[]]> {
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

/** Into how many parts the samples are taken, to see how far they spread. */
const PARTS = 10;

function partsOf<T>(values: readonly T[]): T[][] {
  const size = Math.ceil(values.length / PARTS);
  return Array.from({ length: Math.ceil(values.length / size) }, (_, n) => values.slice(n * size, (n + 1) * size));
}

type Goal = Pick<Figure, 'bar' | 'aim'>;

/** Two figures: what a call takes beyond the bare request, as the difference of the medians and of the 99th percentiles. */
function figuresOf(name: string, [calls, requests]: [number[], number[]], goal: Goal = {}): Figure[] {
  const [partsOfCalls, partsOfRequests] = [partsOf(calls), partsOf(requests)];
  const figure = (label: string, share: number): Figure => {
    const beyond = partsOfCalls.map((part, n) => quantile(part, share) - quantile(partsOfRequests[n] ?? [], share));
    const bare = quantile(requests, share);
    return {
      ...{ name: `${name}, ${label}`, unit: 'ms', ...spread(beyond, 3), samples: calls.length },
      ...{ reference: { name: 'ky', value: round(bare, 3) }, ratio: round(quantile(calls, share) / bare) },
    };
  };
  return [{ ...figure('p50', 0.5), ...goal }, figure('p99', 0.99)];
}

type Work = () => Promise<unknown>;

/** Warmed up by a quarter as many. */
async function compare(name: string, times: number, call: Work, bare: Work, goal?: Goal): Promise<Figure[]> {
  await inTurns(times / 4, call, bare);
  return figuresOf(name, await inTurns(times, call, bare), goal);
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
  const args = { clusterId };

  const { program, call } = await stdioServer(sandbox.url);
  const goal = { bar: '≤ 1.0', aim: '≤ 0.5' };
  const figures = await compare('over stdio', times, () => call('get_cluster', args), bare, goal);
  const hosted = await httpServer(sandbox.url);
  for (const era of ERAS) {
    const caller = createCaller(hosted.url, { era, connections: 1, args });
    figures.push(...(await compare(`over HTTP, ${era}`, times, caller.call, bare)));
    await caller.close();
  }
  await Promise.all([sandbox.program, program, hosted.program].map(end));
  return figures;
}

/** How list_clusters grows with the number of clusters: its time beyond bare ky's for the same page, and its tokens. */
export async function measureGrowth(sizes: readonly number[], times: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const clusters of sizes) {
    const name = `list_clusters of ${clusters}`;
    const api = await startApi({ clusters });
    const page = () => ky.get(`${api.url}/clusters?limit=100&offset=0`, { headers: { authorization } }).json();
    const { program, call } = await stdioServer(api.url);
    figures.push(...(await compare(`${name} over stdio`, times, () => call('list_clusters'), page)));
    const hosted = await httpServer(api.url);
    const caller = createCaller(hosted.url, { era: '2026', connections: 1, tool: 'list_clusters', args: {} });
    figures.push(...(await compare(`${name} over HTTP`, times, caller.call, page)));
    await caller.close();
    const { result } = await call('list_clusters');
    figures.push({ name: `${name}, answer`, unit: 'tokens', value: tokensOf(result.structuredContent) });
    await Promise.all([program, hosted.program, api.program].map(end));
  }
  return figures;
}
