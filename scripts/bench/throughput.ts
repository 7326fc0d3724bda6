import { ERAS, type Era, load } from './load.ts';
import { end, fileAt, httpServer, listening, startApi } from './programs.ts';
import { type Figure, median, round, spread } from './stats.ts';

const reference = (apiUrl: string) => listening([fileAt('./reference.mjs'), apiUrl]);

interface Rounds {
  connections: readonly number[];
  rounds: number;
  /** Milliseconds of each round. */
  ms: number;
}

/** Calls per second, in turns with the reference and with a bare echo, which costs no more than the connection does. */
export async function measureThroughput({ connections, rounds, ms }: Rounds): Promise<Figure[]> {
  const api = await startApi();
  const servers = {
    ours: await httpServer(api.url),
    reference: await reference(api.url),
    echo: await listening([fileAt('./echo.mjs')]),
  };
  const figures: Figure[] = [];
  for (const count of connections) {
    for (const era of ERAS) figures.push(...(await compare(servers, { connections: count, era, rounds, ms })));
  }
  await Promise.all([api, ...Object.values(servers)].map(({ program }) => end(program)));
  return figures;
}

type Servers = Record<'ours' | 'reference' | 'echo', { url: string }>;
type Round = Omit<Rounds, 'connections'> & { connections: number; era: Era };

async function compare(servers: Servers, { connections, era, rounds, ms }: Round): Promise<Figure[]> {
  const rates: Record<keyof Servers, number[]> = { ours: [], reference: [], echo: [] };
  const errors: unknown[] = [];
  // The first of them warms up.
  for (let n = 0; n <= rounds; n += 1) {
    for (const name of ['ours', 'reference', 'echo'] as const) {
      const loaded = await load(servers[name].url, { connections, era, until: { ms } });
      if (n > 0) rates[name].push(loaded.perSecond);
      if (name === 'ours') errors.push(...loaded.errors);
    }
  }
  const name = `HTTP, ${connections} at once, ${era}`;
  const ratio = median(rates.ours.map((rate, n) => rate / (rates.reference[n] ?? Number.NaN)));
  const goal = connections === 16 ? { bar: '≥ 0.9 ×', aim: '≥ 1.1 ×' } : {};
  return [
    {
      ...{ name, unit: 'calls/s', ...spread(rates.ours) },
      ...{ reference: { name: 'reference', value: median(rates.reference) }, ratio: round(ratio), ...goal },
    },
    { name: `${name}, bare echo`, unit: 'calls/s', ...spread(rates.echo) },
    { name: `${name}, failed`, unit: 'errors', value: errors.length },
  ];
}

/** Many callers at once while the API takes its time: how long the slowest of a hundred calls waits. */
export async function measureCrowd(callers: number, delayMs: number, rounds: number): Promise<Figure[]> {
  const api = await startApi({ delayMs });
  const servers = { ours: await httpServer(api.url), reference: await reference(api.url) };
  const figures: Figure[] = [];
  for (const era of ERAS) {
    const slowest: Record<keyof typeof servers, number[]> = { ours: [], reference: [] };
    let failed = 0;
    for (let n = 0; n <= rounds; n += 1) {
      for (const name of ['ours', 'reference'] as const) {
        const loaded = await load(servers[name].url, { connections: callers, era, until: { calls: 5 } });
        if (n > 0) slowest[name].push(loaded.p99);
        if (name === 'ours') failed += loaded.errors.length;
      }
    }
    const name = `${callers} callers, API after ${delayMs} ms, ${era}`;
    const base = median(slowest.reference);
    figures.push({
      ...{ name: `${name}, p99`, unit: 'ms', ...spread(slowest.ours) },
      ...{ reference: { name: 'reference', value: round(base) }, ratio: round(median(slowest.ours) / base) },
      ...{ bar: '≤ 1.3 ×', aim: '≤ 1.0 ×' },
    });
    figures.push({ name: `${name}, failed`, unit: 'errors', value: failed, bar: '0', aim: '0' });
  }
  await Promise.all([api, ...Object.values(servers)].map(({ program }) => end(program)));
  return figures;
}
