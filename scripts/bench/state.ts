import { hasServer, pglite, postgres } from '../../test/helpers/databases.ts';
import { ERAS, load } from './load.ts';
import { end, httpServer, startApi } from './programs.ts';
import { type Figure, median, round, spread } from './stats.ts';

/** A limit has to be counted, but never to be reached. */
const LIMITS = ['--rate-limit', '1000000', '--write-rate-limit', '1000000', '--access', 'full', '--confirm', 'never'];
const CLUSTER = '00000000-1c52-4f7e-9a61-2f8d7e5c9041';
const KINDS = [
  { name: 'a read', tool: 'get_cluster', args: { clusterId: CLUSTER }, bar: { ratio: '≤ 1.05 ×' } },
  {
    name: 'a write',
    tool: 'update_cluster',
    args: { clusterId: CLUSTER, displayName: 'renamed' },
    bar: { more: '≤ 10 ms' },
  },
];

async function startAll(count: number) {
  const api = await startApi();
  const database = await (hasServer ? postgres() : pglite());
  const env = { STATE_URL: database.url, MCP_SIGNING_KEY: 'a key of the benchmark, of some length' };
  const shared = await Promise.all(Array.from({ length: count }, () => httpServer(api.url, { flags: LIMITS, env })));
  const alone = await httpServer(api.url, { flags: LIMITS });
  return {
    alone: alone.url,
    shared: shared.map(({ url }) => url),
    async close() {
      await Promise.all([api, alone, ...shared].map(({ program }) => end(program)));
      await database.close();
    },
  };
}

/** The median time of a call with and without a state that replicas share, one after the other, in turns. */
export async function measureState({ rounds, calls }: { rounds: number; calls: number }): Promise<Figure[]> {
  const { alone, shared, close } = await startAll(1);
  const figures: Figure[] = [];
  for (const { name, tool, args, bar } of KINDS) {
    const times: Record<'alone' | 'shared', number[]> = { alone: [], shared: [] };
    const errors: unknown[] = [];
    // The first of them warms up.
    for (let n = 0; n <= rounds; n += 1) {
      for (const [kind, url = ''] of [['alone', alone] as const, ['shared', shared[0]] as const]) {
        const loaded = await load(url, { connections: 1, era: '2026', tool, args, until: { calls } });
        if (n > 0) times[kind].push(loaded.p50);
        errors.push(...loaded.errors);
      }
    }
    const ratio = round(median(times.shared.map((time, n) => time / (times.alone[n] ?? Number.NaN))));
    const more = median(times.shared.map((time, n) => time - (times.alone[n] ?? Number.NaN)));
    const reference = { name: 'without', value: round(median(times.alone)) };
    figures.push(
      { name: `${name} with --state-url, p50`, unit: 'ms', ...spread(times.shared), reference, ratio, bar: bar.ratio },
      { name: `${name} with --state-url, p50, more by`, unit: 'ms', value: round(more), bar: bar.more },
      { name: `${name}, failed`, unit: 'errors', value: errors.length, bar: '0' },
    );
  }
  await close();
  return figures;
}

/** Calls per second over 16 connections, of one replica and of three that get them in turn. */
export async function measureReplicas({ rounds, ms }: { rounds: number; ms: number }): Promise<Figure[]> {
  const { alone, shared, close } = await startAll(3);
  const rates: Record<'alone' | 'one' | 'three', number[]> = { alone: [], one: [], three: [] };
  const errors: unknown[] = [];
  const across = async (urls: readonly string[]) => {
    const connections = Math.floor(16 / urls.length);
    const loads = urls.map((url) => load(url, { connections, era: ERAS[1], until: { ms } }));
    const loaded = await Promise.all(loads);
    errors.push(...loaded.flatMap((each) => each.errors));
    return loaded.reduce((sum, { perSecond }) => sum + perSecond, 0);
  };
  for (let n = 0; n <= rounds; n += 1) {
    const found = { alone: await across([alone]), one: await across(shared.slice(0, 1)), three: await across(shared) };
    if (n > 0) for (const name of ['alone', 'one', 'three'] as const) rates[name].push(found[name]);
  }
  await close();
  const reference = { name: 'one without', value: median(rates.alone) };
  const ratioOf = (some: number[]) => round(median(some.map((rate, n) => rate / (rates.alone[n] ?? Number.NaN))));
  return [
    { name: '16 at once, one replica', unit: 'calls/s', ...spread(rates.one), reference, ratio: ratioOf(rates.one) },
    { name: '16 at once, three', unit: 'calls/s', ...spread(rates.three), reference, ratio: ratioOf(rates.three) },
    { name: '16 at once, failed', unit: 'errors', value: errors.length, bar: '0' },
  ];
}
