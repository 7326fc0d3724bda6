import { describe, expect, test } from 'vitest';
import type { Fetch } from '../../../src/api/client.ts';
import { listing } from '../../../src/mcp/listing.ts';
import { connect, errorOf, TOKEN, tokenOf, type World } from '../../helpers/connect.ts';
import { order } from '../../helpers/orders.ts';
import { PRICES } from '../../helpers/prices.ts';
import { writtenIn } from '../../helpers/written.ts';

/** An example cluster, which the sandbox of every profile has. */
const ORDERS = 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041';

const profiles = [{ name: 'work', contract: '31812345' }, { name: 'Lab 2' }];
/** The credentials of one name no contract, and may not read it. */
const billing: Fetch = async () => Response.json({ message: 'no rights' }, { status: 403 });
const open = (world: World = {}) => connect({ profiles, billing, prices: PRICES, ...world });
const rowsIn = ({ structuredContent }: { structuredContent?: unknown }, key = 'clusters') =>
  Object(structuredContent)[key] as Record<string, unknown>[];
const noteIn = ({ structuredContent }: { structuredContent?: unknown }) => Object(structuredContent).note as string;

describe('the argument profile', () => {
  const SPANNING = ['list_clusters', 'estimate_cost', 'get_account', 'list_backups', 'list_network_options'];

  test('is in every tool, and needed except in lists over all of them', async () => {
    const { client } = await open();
    for (const { name, inputSchema } of (await client.listTools()).tools) {
      expect(inputSchema.properties?.profile, name).toMatchObject({ type: 'string', enum: ['work', 'Lab 2'] });
      expect(inputSchema.required?.includes('profile') ?? false, name).toBe(!SPANNING.includes(name));
    }
    expect(client.getInstructions()).toContain('each called a profile: work, Lab 2.');
  });

  test('is nowhere with one account', async () => {
    const { client, call } = await connect();
    expect(JSON.stringify((await client.listTools()).tools)).not.toContain('profile');
    expect(client.getInstructions()).not.toContain('profile');
    expect(errorOf(await call('delete_cluster', { clusterId: ORDERS, profile: 'work' }))).toContain('profile');
    expect(await call('get_cluster', { clusterId: ORDERS })).not.toHaveProperty('structuredContent.profile');
  });

  test.each(['work', ' WORK ', 'lab 2'])('%j leads to that account, and to no other', async (profile) => {
    const { call, requests, sandboxOf } = await open();
    const name = profile.trim().toLowerCase() === 'work' ? 'work' : 'Lab 2';
    const { id } = sandboxOf(name).addCluster({ displayName: 'only-here' });

    expect(await call('get_cluster', { profile, clusterId: id })).toMatchObject({ structuredContent: { id } });

    expect(requests.map((request) => request.profile)).toEqual([name]);
    expect(requests[0]?.headers.get('authorization')).toBe(`Bearer ${tokenOf(name)}`);
  });

  const writing = listing.tools.filter(({ spansProfiles }) => !spansProfiles).map(({ listed }) => listed.name);

  test.each(writing)('is asked for by %s, with the names and before anything is sent', async (name) => {
    const { call, requests, log } = await open();
    for (const [profile, problem] of [
      [undefined, 'profile: is missing; must be one of: work, Lab 2'],
      ['', 'profile: is missing'],
      ['nobody', 'profile: must be one of: work, Lab 2'],
      [7, 'profile: must be one of'],
    ]) {
      expect(errorOf(await call(name, { clusterId: ORDERS, ...(profile !== undefined && { profile }) }))).toContain(
        problem,
      );
    }
    expect(requests).toEqual([]);
    expect(log.map(({ tool, outcome }) => [tool, outcome])).toEqual(Array(4).fill([name, 'refused']));
  });
});

describe('a list without a profile', () => {
  test('has the rows of all, and says of each whose it is', async () => {
    const { call, sandboxOf, log } = await open();
    sandboxOf('work').addCluster({ displayName: 'only-work' });
    sandboxOf('Lab 2').addCluster({ displayName: 'only-lab' });

    const rows = rowsIn(await call('list_clusters', { name: 'only' }));

    expect(rows.map(({ profile, displayName }) => [profile, displayName])).toEqual([
      ['work', 'only-work'],
      ['Lab 2', 'only-lab'],
    ]);
    expect(log).toMatchObject([
      { tool: 'list_clusters', profile: 'work', contract: '31812345', outcome: 'done' },
      { tool: 'list_clusters', profile: 'Lab 2', outcome: 'done' },
    ]);
    for (const [tool, key] of [
      ['list_backups', 'backups'],
      ['list_network_options', 'datacenters'],
    ] as const) {
      const named = new Set(rowsIn(await call(tool), key).map(({ profile }) => profile));
      expect([...named], tool).toEqual(['work', 'Lab 2']);
    }
  });

  test('with one has the rows of that one', async () => {
    const { call } = await open();
    const [one, all] = [await call('list_clusters', { profile: 'work' }), await call('list_clusters')];
    expect(rowsIn(all)).toHaveLength(2 * rowsIn(one).length);
    expect(one).not.toHaveProperty('structuredContent.clusters.0.profile');
  });

  test('says which have more, and where to go on', async () => {
    const { call, sandboxOf } = await open();
    for (let n = 0; n < 5; n += 1) sandboxOf('Lab 2').addCluster({ displayName: `many-${n}` });

    const all = await call('list_clusters', { name: 'many', limit: 2, offset: 1 });

    expect(rowsIn(all)).toHaveLength(2);
    expect(all).not.toHaveProperty('structuredContent.nextOffset');
    expect(noteIn(all)).toContain('There are more: call again with profile Lab 2 and offset 3.');
    expect(noteIn(all)).toContain('work: No more clusters from offset 1 on.');
  });

  test('is no longer than one of them may be', async () => {
    const { call, sandboxOf } = await open();
    for (const profile of ['work', 'Lab 2']) {
      for (let n = 0; n < 200; n += 1)
        sandboxOf(profile).addCluster({ displayName: `a-rather-long-name-for-a-cluster-${n}` });
    }

    const all = await call('list_clusters', { limit: 200 });

    expect(JSON.stringify(all.structuredContent).length).toBeLessThan(42_000);
    for (const profile of ['work', 'Lab 2']) {
      const count = rowsIn(all).filter((row) => row.profile === profile).length;
      expect(count).toBeGreaterThan(50);
      expect(noteIn(all)).toContain(`with profile ${profile} and offset ${count}.`);
    }
  });

  test('shows the others where one fails, and says which and why', async () => {
    const { call, sandboxOf } = await open();
    sandboxOf('work').failNext({ kind: 401, chance: 1 });

    const all = await call('list_clusters');

    expect(new Set(rowsIn(all).map(({ profile }) => profile))).toEqual(new Set(['Lab 2']));
    expect(noteIn(all)).toMatch(/^work: .*401/);
  });

  test('fails where all of them do', async () => {
    const { call, sandboxOf } = await open();
    for (const profile of ['work', 'Lab 2']) sandboxOf(profile).failNext({ kind: 401, chance: 1 });

    expect(errorOf(await call('list_clusters')).split('\n')).toEqual([
      expect.stringMatching(/^work: .*401/),
      expect.stringMatching(/^Lab 2: .*401/),
    ]);
  });

  test('wants one as soon as an ID is given', async () => {
    const { call, requests } = await open();
    expect(errorOf(await call('list_network_options', { datacenterId: 'shop' }))).toContain('profile: is missing');
    expect(requests).toEqual([]);
  });
});

describe('a write', () => {
  test('says in plan, question, result and log for whom it is', async () => {
    const asked: string[] = [];
    const { call, begun, log } = await open({
      confirm: 'writes',
      onQuestion({ message }) {
        asked.push(message);
        return { action: 'accept', content: { confirm: true } };
      },
    });
    const change = { profile: 'WORK', clusterId: ORDERS, displayName: 'renamed' };

    const preview = await call('update_cluster', { ...change, dryRun: true });
    const done = await call('update_cluster', change);

    const place = 'In profile "work", contract 31812345: ';
    for (const result of [preview, done]) {
      expect(result.structuredContent).toMatchObject({ profile: 'work', contract: '31812345' });
      expect(Object(writtenIn(result).plan).summary.startsWith(place)).toBe(true);
    }
    expect(asked).toEqual([expect.stringContaining(place)]);
    for (const line of [begun[0], log.at(-1)]) {
      expect(line).toMatchObject({ tool: 'update_cluster', profile: 'work', contract: '31812345' });
    }
  });

  test('leaves out a contract that is not known', async () => {
    const { call } = await open();
    const result = await call('update_cluster', {
      profile: 'Lab 2',
      clusterId: ORDERS,
      displayName: 'x',
      dryRun: true,
    });
    expect(Object(writtenIn(result).plan).summary).toMatch(/^In profile "Lab 2": /);
    expect(result.structuredContent).not.toHaveProperty('contract');
  });

  test('names the contract that IONOS shows where the credentials name none', async () => {
    const { call, log, billed } = await connect({ profiles });

    const change = { profile: 'Lab 2', clusterId: ORDERS, displayName: 'x' };
    const results = await Promise.all([
      call('update_cluster', { ...change, dryRun: true }),
      call('get_cluster', change),
    ]);
    const written = await call('update_cluster', change);

    expect(Object(writtenIn(results[0])).plan.summary).toMatch(/^In profile "Lab 2", contract 31234567: /);
    expect(written.structuredContent).toMatchObject({ profile: 'Lab 2', contract: '31234567' });
    expect(log.at(-1)).toMatchObject({ profile: 'Lab 2', contract: '31234567', audit: true });
    expect(billed.map(({ profile, path }) => [profile, path])).toEqual([['Lab 2', '/billing/profile']]);
  });

  test('of two profiles of one contract counts towards the same totals, and waits for the other', async () => {
    const twins = ['one', 'two'].map((name) => ({ name, contract: '31812345' }));
    const { call, requests } = await connect({ profiles: twins, policy: JSON.stringify({ inTotal: { clusters: 4 } }) });

    const results = await Promise.all(
      twins.map(({ name }) => call('create_cluster', { profile: name, ...order, displayName: `of-${name}` })),
    );

    expect(results.filter(({ isError }) => isError)).toHaveLength(1);
    expect(requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  test('is not agreed to in another profile of the same contract', async () => {
    const twins = ['one', 'two'].map((name) => ({ name, contract: '31812345' }));
    const { call } = await connect({ profiles: twins, confirm: 'writes' });
    const change = { clusterId: ORDERS, displayName: 'renamed' };
    const { confirmationToken } = writtenIn(await call('update_cluster', { profile: 'one', ...change }));

    const other = await call('update_cluster', { profile: 'two', ...change, confirmationToken });

    expect(writtenIn(other).outcome).toBe('needs_confirmation');
  });

  test('in one is not agreed to by an agreement for the other', async () => {
    const { call, sandboxOf } = await open({ confirm: 'writes' });
    const change = { clusterId: ORDERS, displayName: 'renamed' };
    const { confirmationToken } = writtenIn(await call('update_cluster', { profile: 'work', ...change }));

    const other = await call('update_cluster', { profile: 'Lab 2', ...change, confirmationToken });
    expect(writtenIn(other).outcome).toBe('needs_confirmation');
    expect(sandboxOf('Lab 2').cluster(ORDERS).properties.displayName).not.toBe('renamed');

    const own = await call('update_cluster', { profile: 'work', ...change, confirmationToken });
    expect(writtenIn(own).outcome).toBe('started');
    expect(sandboxOf('work').cluster(ORDERS).properties.displayName).toBe('renamed');
  });

  test('in one neither waits for the other nor counts as its duplicate', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let lines = 0;
    const { call } = await open({
      seesNetworks: false,
      whileLogging() {
        lines += 1;
        return lines === 1 ? held : Promise.resolve();
      },
    });
    const change = { clusterId: ORDERS, displayName: 'renamed' };

    const first = call('update_cluster', { profile: 'work', ...change });
    await expect.poll(() => lines).toBe(1);
    expect(writtenIn(await call('update_cluster', { profile: 'Lab 2', ...change })).outcome).toBe('started');
    release();
    expect(writtenIn(await first).outcome).toBe('started');

    // A LAN is the same for all accounts that see it.
    const elsewhere = { connections: order.connections.map((each) => ({ ...each, cidr: '192.168.1.10/24' })) };
    for (const [profile, more] of [
      ['work', {}],
      ['Lab 2', elsewhere],
    ] as const) {
      expect(writtenIn(await call('create_cluster', { profile, ...order, ...more })).outcome).toBe('started');
    }
    expect(writtenIn(await call('create_cluster', { profile: 'work', ...order })).outcome).toBe('duplicate');
  });

  test('counts towards the totals of its own account', async () => {
    const { call, sandboxOf } = await open();
    const count = rowsIn(await call('list_clusters', { profile: 'work' })).length;
    const world = await open({ policy: JSON.stringify({ inTotal: { clusters: count + 1 } }), seesNetworks: false });
    world.sandboxOf('Lab 2').addCluster();

    expect(writtenIn(await world.call('create_cluster', { profile: 'work', ...order })).outcome).toBe('started');
    const connections = [{ ...order.connections[0], cidr: '192.168.1.8/24' }];
    for (const profile of ['work', 'Lab 2']) {
      const more = { profile, ...order, connections, displayName: 'another' };
      expect(errorOf(await world.call('create_cluster', more))).toContain('Blocked by a policy');
    }
    expect(sandboxOf('work')).not.toBe(world.sandboxOf('work'));
  });
});

test('under load nothing of one account gets into a call for another', async () => {
  const many = ['one', 'two', 'three'].map((name, n) => ({ name, contract: String(n) }));
  const { call, requests, log, begun, sandboxOf } = await connect({ profiles: many, api: 'auto', regions: ['de-txl'] });
  const ids = new Map<string, string>();
  for (const { name } of many) ids.set(name, sandboxOf(name).addCluster({ displayName: `of-${name}` }).id);

  const calls = Array.from({ length: 60 }, (_, n) => ({ ...many[n % many.length], n }));
  await Promise.all(
    calls.map(async ({ name = '', contract, n }) => {
      const id = ids.get(name);
      if (n % 4 === 0) {
        const rows = rowsIn(await call('list_clusters', { profile: name, name: 'of-' }));
        return expect(rows.map(({ displayName }) => displayName)).toEqual([`of-${name}`]);
      }
      if (n % 4 === 1) {
        const change = { profile: name, clusterId: ORDERS, displayName: `changed-${name}-${n}` };
        const result = await call('update_cluster', change);
        const isOwn = { structuredContent: { outcome: expect.any(String), profile: name, contract } };
        if (!result.isError) return expect(result).toMatchObject(isOwn);
        return expect(errorOf(result)).toMatch(new RegExp(`"(changed-${name}-\\d+|orders.*)" .* is BUSY`));
      }
      if (n % 4 === 2) {
        const names = new Set(rowsIn(await call('list_clusters', { name: 'of-' })).map((row) => row.displayName));
        return expect(names).toEqual(new Set(many.map((each) => `of-${each.name}`)));
      }
      expect(await call('get_cluster', { profile: name, clusterId: id })).toMatchObject({ structuredContent: { id } });
      for (const other of many.filter((each) => each.name !== name)) {
        expect(errorOf(await call('get_cluster', { profile: other.name, clusterId: id }))).toContain('404');
      }
    }),
  );

  for (const { profile, headers, path } of requests) {
    expect(headers.get('authorization'), path).toBe(`Bearer ${tokenOf(profile ?? '')}`);
  }
  for (const { name, contract } of many) {
    expect(sandboxOf(name).cluster(ORDERS).properties.displayName).toMatch(new RegExp(`^(changed-${name}-|orders)`));
    for (const line of [...log, ...begun].filter(({ profile }) => profile === name))
      expect(line.contract).toBe(contract);
  }
  expect([...log, ...begun].every(({ profile }) => many.some(({ name }) => name === profile))).toBe(true);
});

test('under load each account has its own prices, caps and secrets', async () => {
  const many = ['one', 'two', 'three'].map((name, n) => ({ name, contract: String(n + 1) }));
  const perCore = new Map(many.map(({ name }, n) => [`Bearer ${tokenOf(name)}`, n + 1]));
  const billing: Fetch = async ({ url, headers }) => {
    const authorization = headers.get('authorization') ?? '';
    const core = perCore.get(authorization);
    if (!url.includes(`/billing/${core}/products`)) return Response.json({ message: authorization }, { status: 403 });
    const row = (meterDesc: string, unit: string, quantity: number) => ({
      ...{ meterDesc, unit, deprecated: false, type: 'consumption-based', term: null },
      unitCost: { quantity: String(quantity), unit: 'EUR' },
    });
    const products = [
      row('1h per core PostgreSQL', '1hour', core ?? 0),
      row('1h per GB RAM PostgreSQL', '1G*1hour', 0),
      row('1h per GB Storage PostgreSQL', '1G*1hour', 0),
    ];
    return Response.json({ liability: authorization, products });
  };
  const { call, billed } = await connect({ profiles: many, billing, policy: '{"perCluster":{"monthlyCost":3000}}' });

  await Promise.all(
    Array.from({ length: 30 }, async (_, n) => {
      const { name = '' } = many[n % many.length] ?? {};
      const core = (n % many.length) + 1;
      const result = await call('create_cluster', {
        profile: name,
        ...order,
        displayName: `${name}-${n}`,
        dryRun: true,
      });
      const per30Days = (core * 2 * 720).toFixed(2);
      if (core === 3) return expect(errorOf(result)).toContain(`this would be ${per30Days} EUR`);
      const text = JSON.stringify(result);
      expect(text).toContain(`Cost: ${core * 2}.00 EUR per hour, ${per30Days} EUR per 30 days.`);
      expect(text).not.toContain('planted');
    }),
  );

  for (const { profile, headers } of billed) {
    expect(headers.get('authorization')).toBe(`Bearer ${tokenOf(profile ?? '')}`);
  }
  expect(billed).toHaveLength(many.length);
});

test('no token comes out, whichever account it is of and whichever one repeats it', async () => {
  const everyToken = [TOKEN, ...profiles.map(({ name }) => tokenOf(name))].join(' and ');
  const message = JSON.stringify({ httpStatus: 422, messages: [{ errorCode: '1', message: everyToken }] });
  const { call, client, log } = await open({
    fetch: async () => new Response(message, { status: 422, headers: { 'content-type': 'application/json' } }),
  });

  const results = [
    await call('list_clusters'),
    await call('get_cluster', { profile: 'work', clusterId: ORDERS }),
    await call('create_cluster', { profile: 'Lab 2', ...order }),
    await client.readResource({ uri: `ionos-postgresql://clusters/${ORDERS}` }).catch((error: Error) => error.message),
  ];

  const words = JSON.stringify([results, log]);
  expect(words).toContain('[redacted]');
  expect(words).not.toContain('planted');
});

describe('resources', () => {
  test('are those of all accounts, and each is found in its own', async () => {
    const { client, sandboxOf, requests } = await open();
    const { id } = sandboxOf('Lab 2').addCluster({ displayName: 'only-lab' });

    const { resources } = await client.listResources();
    expect(resources.map(({ title }) => title)).toContain('only-lab');
    requests.length = 0;
    const { contents } = await client.readResource({ uri: `ionos-postgresql://clusters/${id}` });
    expect(JSON.stringify(contents)).toContain('only-lab');
    expect(new Set(requests.map(({ profile }) => profile))).toEqual(new Set(['work', 'Lab 2']));

    const { completion } = await client.complete({
      ref: { type: 'ref/resource', uri: 'ionos-postgresql://clusters/{clusterId}' },
      argument: { name: 'clusterId', value: 'only' },
    });
    expect(completion.values).toEqual([id]);
  });

  test('that nobody has are not found, and failures are told before that', async () => {
    const { client, sandboxOf } = await open();
    const uri = 'ionos-postgresql://clusters/00000000-0000-4000-8000-000000000000';
    await expect(client.readResource({ uri })).rejects.toThrow('404');
    sandboxOf('Lab 2').failNext({ kind: 401, chance: 1 }, 9);
    await expect(client.readResource({ uri })).rejects.toThrow('401');
  });
});
