import { expect } from 'vitest';
import type { Fetch } from '../../src/api/client.ts';
import { connect, type World } from './connect.ts';

export const DATACENTER = '6e1f4b0d-93a7-4c28-8d15-70b2f9ce3a46';
export const OTHER_DATACENTER = '0a8d6c1f-5b92-4e7a-8c43-f6e20d917b35';
export const CROSS_CONNECT = '9f2c1d4e-0b7a-4c63-8e52-71a4d0c6b839';

export const hang = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));

/** A body, a status, or what is done about a request. */
export type Reply = object | number | ((url: URL, signal: AbortSignal) => Promise<object | number>);

export interface Nic {
  id: string;
  properties?: object;
}

export const nicsOf = (...ips: string[]): Nic[] =>
  ips.map((ip, n) => ({ id: `n-${n}`, properties: { ips: [ip], lan: 2 } }));

export const lan = (id: string, properties: object, nics?: readonly Nic[]) => ({
  id,
  metadata: { state: 'AVAILABLE' },
  properties: { name: `lan ${id}`, public: false, ...properties },
  ...(nics && { entities: { nics: { items: nics } } }),
});

export const clusterAt = (lanId: string, cidr: string, datacenterId = DATACENTER) => ({
  id: `c-${cidr}`,
  properties: {
    displayName: 'x',
    connections: [{ datacenterId, lanId, cidr }],
    connection: { datacenterId, lanId, primaryInstanceAddress: cidr },
  },
});

/** A Compute API that answers what is given for the end of a path, or for `rest`; else an empty list. */
export function computeWith(
  { rest = { items: [] }, ...replies }: Record<string, Reply>,
  clusters: Reply = { items: [] },
): Fetch {
  const datacenters = [{ id: DATACENTER, properties: { name: 'shop', location: 'de/txl' } }];
  const known: Record<string, Reply> = { datacenters: { items: datacenters }, ...replies };
  return async ({ url: address }, { signal }) => {
    const url = new URL(address);
    const isCompute = url.pathname.startsWith('/cloudapi/v6/');
    const [, found] = Object.entries(known).find(([end]) => url.pathname.endsWith(`/${end}`)) ?? [];
    const reply = isCompute ? (found ?? rest) : clusters;
    const answer = typeof reply === 'function' ? await reply(url, signal) : reply;
    return typeof answer === 'number'
      ? Response.json({ httpStatus: answer }, { status: answer })
      : Response.json(answer);
  };
}

/** What list_network_options shows of the data center. */
export async function listLans(fetch: Fetch, { args = {}, ...world }: World & { args?: object } = {}) {
  const { call, requests } = await connect({
    api: 'auto',
    regions: ['de-txl'],
    leavesOutRegions: false,
    ...world,
    fetch,
  });
  const result = await call('list_network_options', { datacenterId: DATACENTER, ...args });
  expect(result.isError, JSON.stringify(result.content)).toBeFalsy();
  const { lans, note, nextOffset } = Object(result.structuredContent);
  return { lans, note, nextOffset, result, paths: requests.map(({ path }) => path) };
}

/** The same, of the LANs alone. */
export async function lansWith(replies: Record<string, Reply>, clusters?: Reply) {
  const { lans } = await listLans(computeWith(replies, clusters));
  return lans;
}
