import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { order } from '../orders.ts';
import { clusterOf, pick, sizes } from './arguments.ts';
import { stateOf } from './model.ts';
import { judgeOrder } from './verdicts.ts';
import type { World } from './world.ts';

/** What somebody else does past the server: with the cluster or the name that a call is about, or with any. */
export const meddling = fc.record({
  does: fc.oneof(
    { weight: 6, arbitrary: fc.constant('resize' as const) },
    { weight: 3, arbitrary: fc.constant('order' as const) },
    { weight: 1, arbitrary: fc.constant('delete' as const) },
  ),
  isOwn: fc.constantFrom(true, true, false),
  cluster: pick,
  sizes,
  /** Until the call goes on. */
  ms: fc.constantFrom(0, 6_000, 6_000),
});

export type Meddling = typeof meddling extends fc.Arbitrary<infer T> ? T : never;

export interface About {
  clusterId?: string;
  displayName?: string;
  location?: string;
}

/** Does it at IONOS, and in the model. */
export async function meddle(world: World, { does, isOwn, ms, ...how }: Meddling, about: About = {}): Promise<void> {
  const own = isOwn ? about : {};
  if (does === 'order') await orderOne(world, how, own);
  else await changeOne(world, { does, ...how }, own);
  world.pass(ms);
}

type How = Pick<Meddling, 'cluster' | 'sizes'>;

async function orderOne(world: World, { sizes }: How, { displayName, location }: About): Promise<void> {
  const connections = order.connections.map((each) => ({ ...each, cidr: world.nextCidr() }));
  const named = { displayName: displayName || 'theirs', location: location ?? order.location };
  const properties = { ...order, ...named, ...sizes, connections };
  const verdict = judgeOrder(world.account, properties);
  const { id } = Object(await world.outside('POST', '/clusters', { properties }));
  if (verdict.kind === 'go') verdict.apply(Date.now(), String(id));
}

async function changeOne(world: World, { does, cluster: any, sizes }: How & Pick<Meddling, 'does'>, own: About) {
  const { account } = world;
  const cluster = account.find(own.clusterId ?? clusterOf(world, any));
  if (!cluster || stateOf(cluster) !== 'AVAILABLE') return;
  const path = `/clusters/${cluster.id}`;
  if (does === 'delete') {
    await world.outside('DELETE', path);
    account.remove(cluster, Date.now());
    return;
  }
  const next = { ...cluster.properties, ...sizes };
  if (next.storageSize < cluster.properties.storageSize || isDeepStrictEqual(next, cluster.properties)) return;
  await world.outside('PATCH', path, { properties: sizes });
  account.change(cluster, next, Date.now());
}
