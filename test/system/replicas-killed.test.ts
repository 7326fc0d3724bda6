import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { SCHEMA } from '../../src/state/postgres/schema.ts';
import { type Agreement, addressesOf, type Cluster, createCaller, LAG_MS, writeOf } from '../helpers/callers.ts';
import { balance } from '../helpers/child-process-host.ts';
import { stoppable, type TestDatabase } from '../helpers/databases.ts';
import { callTool, policyFile, type Replica, recordingApi, type SentWrite, startReplica } from '../helpers/replicas.ts';

// Processes start slowly on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

const names = Array.from({ length: 50 }, (_, n) => `caller-${n}`);
const READER = 'reader';
const token = (name: string) => `sign-in-of-${name}-`.padEnd(48, 'x');
const MOST = { clusters: 40, cores: 90 };
/** The longest lease, of a write that is being sent. */
const LEASE_S = 25;
const WRITABLE_MS = 30_000;
const AWAY_MS = 10_000;

/** What a write may be refused with, and nothing else. */
const KNOWN = [
  /This confirmation has already been used/,
  /is BUSY with another change/,
  /Blocked by a policy/,
  /Another write to this cluster is in progress at another replica/,
  /It took too long from the plan to the request/,
  /The cluster changed each time before the request could be sent/,
  /The API answered 404/,
  // Who was offered an address just before the database was back has not kept it from others.
  /goes to an order that is under way/,
  // On a machine that is very busy.
  /The API answers so slowly that no time is left/,
  /it took longer than 45 seconds/,
];
const AWAY = /The database that the replicas of this server share/;
/** Why an agreement does not count. */
const VOID = /This confirmation has already been used|The target or its price has changed/;

async function world() {
  const database = await stoppable();
  onTestFinished(() => database.close());
  const api = await recordingApi({ settleMs: 100, writeMs: 100, lagMs: LAG_MS });
  const balancer = await balance();
  const limits = ['--rate-limit', '0', '--write-rate-limit', '0', '--policy', policyFile({ inTotal: MOST })];
  const tokens = [...names, READER].map((name) => `${name}:full:${token(name)}`);
  const env = { STATE_URL: database.url, MCP_AUTH_TOKENS: tokens.join('\n') };
  const failures: unknown[] = [];
  /** How often, by its words. */
  const refused = new Map<RegExp, number>();

  /** Undefined if it was refused or lost. */
  async function call(name: string, tool: string, given: Record<string, unknown>) {
    const headers = { authorization: `Bearer ${token(name)}`, 'x-client': name };
    const result = await callTool(balancer.url, tool, given, headers);
    if (result.kind === 'read') return result.answer;
    if (result.kind === 'written') {
      const { outcome, note = '' } = result.answer;
      const isVoid = outcome === 'needs_confirmation' && given.confirmationToken !== undefined;
      if (isVoid && !VOID.test(note)) failures.push({ name, tool, ...result });
      return result.answer;
    }
    if (result.kind === 'lost' || (result.kind === 'http' && result.status === 502)) return undefined;
    const words = name !== READER && [...KNOWN, AWAY].find((each) => each.test(result.text));
    if (words && result.kind === 'failed') refused.set(words, (refused.get(words) ?? 0) + 1);
    else failures.push({ name, tool, ...result });
    return undefined;
  }

  async function start(): Promise<Replica> {
    const replica = await startReplica(api, ['--auth', 'token', '--confirm', 'writes', ...limits], env);
    await balancer.add(replica.url);
    return replica;
  }

  return {
    ...{ database, api, failures, refused, call, start },
    replicas: await Promise.all([start(), start(), start()]),
    async kill({ child, ended }: Replica) {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

type World = Awaited<ReturnType<typeof world>>;

/** In seconds, of all leases that are watched until it is over. */
async function longestLease(database: TestDatabase, isOver: () => boolean): Promise<number> {
  let longest = 0;
  while (!isOver()) {
    const text = `SELECT extract(epoch FROM max(until) - clock_timestamp())::float8 AS seconds FROM ${SCHEMA}.leases`;
    const found = await database.query(text).catch(() => undefined);
    longest = Math.max(longest, found?.rows[0]?.seconds ?? 0);
    await sleep(100);
  }
  return longest;
}

/** Whether one began on the same cluster while the other was under way. */
function isDuring(one: SentWrite, other: SentWrite): boolean {
  const [, cluster] = one.path.split('/');
  const isSame = cluster !== undefined && other.path.split('/')[1] === cluster;
  return isSame && one !== other && other.at <= one.at && one.at < other.until;
}

function fiftyCallers({ api, database, failures, call }: World) {
  const agreements: Agreement[] = [];
  let isOver = false;
  onTestFinished(() => {
    isOver = true;
  });
  const callers = names.map((name, n) =>
    createCaller(n, { api, agreements, call: (tool, given) => call(name, tool, given), isOver: () => isOver }),
  );
  const working = Promise.all(callers.map(({ work }) => work()));
  const watching = longestLease(database, () => isOver);

  /** How long it took until each cluster that is left could be written to, or undefined. */
  async function writeToAll() {
    const since = Date.now();
    const isGone = ({ id }: Cluster) => (api.cluster(id)?.metadata.state ?? 'DESTROYING') === 'DESTROYING';
    const writable = (await api.clusters()).map(async (cluster, n) => {
      for (let round = 0; !isGone(cluster) && Date.now() - since < WRITABLE_MS; round += 1) {
        if (await callers[n]?.change(cluster, { displayName: `${cluster.id}-${round}` })) return Date.now() - since;
        await sleep(100);
      }
      return isGone(cluster) ? 0 : undefined;
    });
    return Promise.all(writable);
  }

  return {
    /** Resolves when so many more writes have reached the API. */
    async more(writes: number) {
      const enough = api.writes.length + writes;
      const isEnough = () => api.writes.length >= enough || failures.length > 0;
      await vi.waitUntil(isEnough, { timeout: 60_000, interval: 20 });
    },

    async end() {
      isOver = true;
      const [longest, writable] = await Promise.all([watching, writeToAll(), working]);
      expect(failures).toEqual([]);
      expect(writable).not.toContain(undefined);
      expect(longest).toBeGreaterThan(0);
      expect(longest).toBeLessThanOrEqual(LEASE_S);
      const arrived = api.writes.map(writeOf);
      expect(arrived.filter((write, n) => arrived.indexOf(write) !== n)).toEqual([]);
      const agreedTo = new Set(agreements.map(({ write }) => write));
      expect(arrived.filter((write) => !agreedTo.has(write))).toEqual([]);
      expect(agreements.filter(({ write, sent }) => sent > (arrived.includes(write) ? 1 : 0))).toEqual([]);
      expect(api.writes.filter((write) => api.writes.some((other) => isDuring(write, other)))).toEqual([]);
      const addresses = api.writes.flatMap(addressesOf);
      expect(new Set(addresses).size).toBe(addresses.length);
      expect(Math.max(...api.writes.map(({ totals }) => totals.clusters))).toBeLessThanOrEqual(MOST.clusters);
      expect(Math.max(...api.writes.map(({ totals }) => totals.cores))).toBeLessThanOrEqual(MOST.cores);
    },
  };
}

test('three replicas, each killed in the middle of a write and replaced: nothing is sent twice, no total is passed', async () => {
  const given = await world();
  const callers = fiftyCallers(given);
  await callers.more(25);

  for (const replica of given.replicas) {
    await vi.waitUntil(() => replica.underWay() > 0, { timeout: 30_000, interval: 1 });
    await given.kill(replica);
    await given.start();
    await callers.more(10);
  }

  await callers.end();
});

test('the same with the database away for ten seconds: reads are answered', async () => {
  const given = await world();
  const { database, kill, start, replicas, refused, call } = given;
  const callers = fiftyCallers(given);
  await callers.more(25);
  const [one, other, third] = replicas;
  for (const replica of [one, other]) {
    await kill(replica);
    await start();
    await callers.more(5);
  }

  await database.stop();
  const until = Date.now() + AWAY_MS;
  let reads = 0;
  const reading = Array.from({ length: 5 }, async () => {
    while (Date.now() < until) if (await call(READER, 'list_clusters', {})) reads += 1;
  });
  await vi.waitUntil(() => (refused.get(AWAY) ?? 0) > 10, { timeout: 30_000 });
  await kill(third);
  // It does not wait for the database.
  await start();
  await Promise.all(reading);
  await database.start();

  await callers.more(5);
  await callers.end();
  expect(reads).toBeGreaterThan(5);
});
