import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  CROSS_CONNECT,
  clusterAt,
  computeWith,
  hang,
  lan,
  listLans,
  nicsOf,
  OTHER_DATACENTER,
  type Reply,
} from '../../helpers/compute.ts';
import { hurried } from '../../helpers/fake-clock.ts';

const BLOCK = { ipv4CidrBlock: '10.0.0.0/24' };
const many = (count: number, properties: object = {}, nics?: ReturnType<typeof nicsOf>) =>
  Array.from({ length: count }, (_, n) => lan(String(n + 1), { ...BLOCK, ...properties }, nics));
const silence: Reply = (_, signal) => hang(signal);
const singleReads = (paths: readonly string[]) => paths.filter((path) => /lans\/\d+\/nics/.test(path));

async function timed<T>(work: () => Promise<T>): Promise<{ seconds: number; value: T }> {
  return hurried(async () => {
    const started = Date.now();
    const value = await work();
    return { seconds: (Date.now() - started) / 1000, value };
  });
}

/** A list of the given rows in pages, with what else each page says. */
const paged =
  (rows: readonly object[], { most = 1_000, says = true }: { most?: number; says?: boolean } = {}): Reply =>
  async ({ searchParams, href }) => {
    const offset = Number(searchParams.get('offset') ?? 0);
    const items = rows.slice(offset, offset + Math.min(most, Number(searchParams.get('limit'))));
    const isLast = offset + items.length >= rows.length;
    return says ? { items, offset, limit: most, _links: isLast ? {} : { next: href } } : { items };
  };

describe('time', () => {
  test.each([
    ['natgateways', 'NAT gateways'],
    ['networkloadbalancers', 'load balancers'],
    ['applicationloadbalancers', 'load balancers'],
    ['lans/2/nics', 'NICs'],
  ])('%s that never answer are named after about 5 s', async (end, named) => {
    const lans = { items: [lan('2', BLOCK, end === 'lans/2/nics' ? undefined : [])] };
    const { seconds, value } = await timed(() => listLans(computeWith({ [end]: silence, lans })));

    expect(value.lans[0].note).toBe(`Could not be read, and may use addresses: ${named}.`);
    expect(seconds).toBeGreaterThan(4);
    expect(seconds).toBeLessThan(6);
  });

  test.each(['v1', 'v2', 'auto'] as const)('neither do clusters under --api %s take longer', async (api) => {
    const compute = computeWith({ lans: { items: [lan('2', BLOCK, [])] } }, silence);
    const { seconds, value } = await timed(() => listLans(compute, { api, regions: ['de-txl', 'us-las'] }));

    expect(value.lans[0].note).toMatch(/^Could not be read, and may use addresses: clusters\b/);
    expect(seconds).toBeLessThan(6);
  });

  test('a region that never answers hides no cluster of another', async () => {
    const compute = computeWith({ lans: { items: [lan('2', BLOCK, [])] } }, { items: [clusterAt('2', '10.0.0.3/24')] });
    const { seconds, value } = await timed(() =>
      listLans((request, init) => (request.url.includes('.us-las.') ? hang(init.signal) : compute(request, init)), {
        api: 'v2',
        regions: ['de-txl', 'us-las'],
      }),
    );

    expect(value.lans[0]).toMatchObject({ used: { clusters: 1 }, note: expect.stringContaining('(us-las)') });
    expect(seconds).toBeLessThan(6);
  });

  test('all that never answers at once takes no longer', async () => {
    const lans = { items: [...many(30), lan('31', { ...BLOCK, pcc: CROSS_CONNECT })] };
    const { seconds, value } = await timed(() => listLans(computeWith({ lans, rest: silence }, silence)));

    expect(value.lans).toHaveLength(31);
    expect(value.lans[30].note).toContain('NICs, NAT gateways, load balancers, clusters');
    expect(seconds).toBeLessThan(7);
  });
});

describe('an answer that is too large', () => {
  const tooLarge = (depth: string | null) => depth === '3';

  test.each<[string, object | number]>([
    ['for this server', { items: [{ id: '2', properties: { name: 'x'.repeat(5_000_001) } }] }],
    ['in its number of values', { items: Array.from({ length: 250_001 }, () => 0) }],
    ['for the API', 413],
    ['for a gateway', 504],
  ])('%s is asked for without NICs, which are then read by LAN', async (_, answer) => {
    const lans: Reply = async ({ searchParams }) =>
      tooLarge(searchParams.get('depth')) ? answer : { items: [lan('2', BLOCK), lan('3', { public: true })] };
    const compute = computeWith({ 'lans/2/nics': { items: nicsOf('10.0.0.3') }, lans });
    const { lans: rows, paths } = await listLans(compute);

    expect(rows[0]).toMatchObject({ used: { NICs: 1 }, freeAddresses: { 0: '10.0.0.4/24' } });
    expect(rows[0].note).toBeUndefined();
    expect(paths.filter((path) => /\/lans\?/.test(path)).map((path) => /depth=\d/.exec(path)?.[0])).toEqual([
      'depth=3',
      'depth=1',
    ]);
    expect(singleReads(paths)).toHaveLength(1);
  });

  test('so is one that does not come in time', async () => {
    const lans: Reply = async ({ searchParams }, signal) =>
      tooLarge(searchParams.get('depth')) ? hang(signal) : { items: [lan('2', BLOCK)] };
    const { seconds, value } = await timed(() => listLans(computeWith({ 'lans/2/nics': { items: [] }, lans })));

    expect(value.lans[0].note).toBeUndefined();
    expect(seconds).toBeLessThan(15);
  });
});

describe('requests', () => {
  test('are few for 500 LANs that hold their NICs', async () => {
    const { paths } = await listLans(computeWith({ lans: { items: many(500, {}, nicsOf('10.0.0.3')) } }));

    // Data centers, LANs, gateways, two kinds of balancers, and clusters of v1 and of one region of v2.
    expect(paths).toHaveLength(7);
  });

  test('about NICs are for the LANs of the page alone', async () => {
    const items = many(500);
    const { lans, nextOffset, paths } = await listLans(computeWith({ lans: { items } }), { args: { limit: 5 } });
    const filtered = await listLans(computeWith({ lans: { items } }), { args: { filter: 'lan 499' } });

    expect([lans.length, nextOffset, singleReads(paths).length]).toEqual([5, 5, 5]);
    expect(singleReads(filtered.paths)).toEqual([expect.stringContaining('/lans/499/nics')]);
  });

  test('about NICs are bounded, and the page ends with them', async () => {
    const items = many(500);
    const seen: string[] = [];
    let offset: number | undefined = 0;
    for (let n = 0; n < 20 && offset !== undefined; n += 1) {
      const page = await listLans(computeWith({ lans: { items } }), { args: { offset, limit: 1000 } });
      expect(singleReads(page.paths).length).toBeLessThanOrEqual(40);
      expect(page.lans.every(({ note }: { note?: string }) => note === undefined)).toBe(true);
      seen.push(...page.lans.map(({ id }: { id: string }) => id));
      offset = page.nextOffset;
    }

    expect(seen).toEqual(items.map(({ id }) => id));
  });

  test('about the NICs of joined LANs are bounded, and what is left out is named', async () => {
    const peers = Array.from({ length: 300 }, (_, n) => ({ id: String(n + 1), datacenterId: OTHER_DATACENTER }));
    const { lans, paths } = await listLans(
      computeWith({
        [`pccs/${CROSS_CONNECT}`]: { properties: { peers } },
        lans: { items: many(1, { pcc: CROSS_CONNECT }, []) },
      }),
    );

    expect(singleReads(paths)).toHaveLength(40);
    expect(lans[0].note).toContain('Not seen in LANs that its Cross Connect joins to it: NICs,');
  });

  test('about Cross Connects are bounded, and what is left out is named', async () => {
    const items = many(100, {}, []).map((each, n) => ({
      ...each,
      properties: { ...each.properties, pcc: `9f2c1d4e-0b7a-4c63-8e52-${String(n).padStart(12, '0')}` },
    }));
    const { lans, paths } = await listLans(computeWith({ rest: { properties: { peers: [] } }, lans: { items } }));

    expect(paths.filter((path) => path.startsWith('pccs/')).length).toBeLessThanOrEqual(20);
    expect(lans[99].note).toContain('Not seen in LANs');
  });

  test('are at most six at a time beside those for the whole data center', async () => {
    const warnings: string[] = [];
    const warn = ({ message }: Error) => warnings.push(message);
    process.on('warning', warn);
    onTestFinished(() => void process.off('warning', warn));
    let running = 0;
    let most = 0;
    const slowly = async (ms: number) => {
      await new Promise((done) => setTimeout(done, ms));
      return { items: [] };
    };
    const nics: Reply = async () => {
      running += 1;
      most = Math.max(most, running);
      const list = await slowly(20);
      running -= 1;
      return list;
    };
    const rest: Reply = () => slowly(100);
    await listLans(computeWith({ nics, rest, lans: { items: many(30) } }, rest));

    expect(most).toBe(6);
    // Node warns of many listeners for the end of the call.
    expect(warnings).toEqual([]);
  });
});

describe('pages', () => {
  const rows = Array.from({ length: 2_345 }, (_, n) => ({
    id: `n-${n}`,
    properties: { ips: [`10.0.${Math.floor(n / 250)}.${(n % 250) + 3}`], lan: 1 },
  }));
  const wide = { ipv4CidrBlock: '10.0.0.0/20' };

  test.each<[string, Reply]>([
    ['of the size asked for', paged(rows)],
    ['that are smaller, and say so', paged(rows, { most: 250 * 2 })],
    ['without links', paged(rows, { says: false })],
  ])('%s are read to the end', async (_, nics) => {
    const { lans } = await listLans(computeWith({ nics, lans: { items: [lan('1', wide)] } }));

    expect(lans[0].used).toEqual({ NICs: 2_345 });
    expect(lans[0].freeAddresses).toEqual(['10.0.0.253/20', '10.0.0.254/20', '10.0.0.255/20']);
    expect(lans[0].note).toBe('None of .3 to .10 is free; DHCP may hand out these later ones to another machine.');
  });

  test.each<[string, number, Reply]>([
    [
      'that have no end',
      5,
      async ({ searchParams }) => ({
        items: [{ id: searchParams.get('offset'), properties: { ips: [] } }],
        _links: { next: 'x' },
      }),
    ],
    ['that say there is more and show the same', 2, { items: nicsOf('10.0.0.3'), _links: { next: 'x' } }],
    [
      'of which the second fails',
      2,
      async ({ searchParams }) =>
        searchParams.has('offset') ? 403 : { items: nicsOf('10.0.0.3'), _links: { next: 'x' } },
    ],
  ])('%s are named, and count as far as they go', async (_, requests, nics) => {
    const { lans, paths } = await listLans(computeWith({ nics, lans: { items: [lan('1', BLOCK)] } }));

    expect(lans[0].note).toBe('Could not be read, and may use addresses: NICs.');
    expect(singleReads(paths)).toHaveLength(requests);
  });

  test('LANs that do not all come with their NICs come without them', async () => {
    const items = many(1_001, {}, []);
    const whole = paged(items);
    const lans: Reply = async (url, signal) =>
      url.searchParams.get('depth') === '3' && url.searchParams.has('offset') ? 413 : Object(whole)(url, signal);
    const { lans: rows, note } = await listLans(computeWith({ lans }), { args: { filter: 'lan 1001' } });

    expect(rows).toMatchObject([{ id: '1001', used: {} }]);
    expect(note).not.toContain('could not be read');
  });

  test('NICs that a LAN holds only in part are read apart', async () => {
    const [whole] = many(1, {}, nicsOf('10.0.0.3'));
    const part = { ...whole, entities: { nics: { items: nicsOf('10.0.0.3'), _links: { next: 'x' } } } };
    const nics = { items: nicsOf('10.0.0.3', '10.0.0.4') };
    const { lans } = await listLans(computeWith({ nics, lans: { items: [part] } }));

    expect(lans[0]).toMatchObject({ used: { NICs: 2 }, freeAddresses: { 0: '10.0.0.5/24' } });
  });
});

test('a LAN with 200 NICs takes less than 2,000 tokens', async () => {
  const ips = Array.from({ length: 200 }, (_, n) => `10.0.0.${n + 11}`);
  const clusters = Array.from({ length: 40 }, (_, n) => ({
    ...clusterAt('1', `10.0.0.${n + 3}/24`),
    id: `6e1f4b0d-93a7-4c28-8d15-${String(n).padStart(12, '0')}`,
  }));
  const items = many(1, { pcc: CROSS_CONNECT }, nicsOf(...ips));
  const { result } = await listLans(
    computeWith({ natgateways: 403, applicationloadbalancers: 403, lans: { items } }, { items: clusters }),
  );
  const [first] = result.content;

  expect(first?.type === 'text' && encode(first.text).length).toBeLessThan(2_000);
});
