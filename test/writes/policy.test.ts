import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import type { SandboxCluster } from '../../src/sandbox/index.ts';
import { readPolicy } from '../../src/writes/policy-file.ts';
import { takingAnySpelling } from '../helpers/any-spelling.ts';
import { connect, errorOf, type World } from '../helpers/connect.ts';
import { host } from '../helpers/in-process-host.ts';
import { unplaced as order } from '../helpers/orders.ts';
import { SOME_CLUSTER } from '../helpers/some-cluster.ts';

const ORDERS = 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041';
const ANALYTICS = '7c9e2d54-8b1f-4a63-b0d7-5e3f19a8c462';

const withRules = (rules: object, more: World = {}) => connect({ policy: JSON.stringify(rules), ...more });
const outcomeIn = ({ structuredContent }: { structuredContent?: unknown }) =>
  Object(structuredContent).outcome as string | undefined;

describe('a policy file', () => {
  const problemsOf = (text: string): readonly string[] => {
    try {
      readPolicy('policy.json', () => text);
    } catch (error) {
      if (error instanceof ConfigError) return error.problems;
      throw error;
    }
    return [];
  };

  test('can be empty, and has comments on lines of their own', () => {
    expect(problemsOf('{}')).toEqual([]);
    expect(problemsOf('// one\n{\n  // two "\n  "owner": "http://x // no comment"\n}\n// three')).toEqual([]);
  });

  test.each<[text: string, problem: RegExp]>([
    ['', /is not JSON/],
    ['{"owner": 5', /is not JSON/],
    ['[]', /the file must be an object/],
    ['{"neverdelete": []}', /the file has unknown rules: neverdelete/],
    ['{"neverDelete": "x"}', /neverDelete must be a list/],
    ['{"neverDelete": [""]}', /neverDelete\.0 must not be empty/],
    ['{"perCluster": {"ram": "4 GB"}}', /perCluster\.ram must be a whole number/],
    ['{"perCluster": {"ram": 1.5}}', /perCluster\.ram must be a whole number/],
    ['{"perCluster": {"ram": -1}}', /perCluster\.ram must be at least 0/],
    ['{"perCluster": {"clusters": 1}}', /perCluster has unknown rules: clusters/],
    ['{"perCluster": {"monthlyCost": -1}}', /perCluster\.monthlyCost must be an amount of zero or more/],
    ['{"perCluster": {"monthlyCost": "250 EUR"}}', /perCluster\.monthlyCost must be an amount/],
    ['{"inTotal": {"monthlyCost": null}}', /inTotal\.monthlyCost must be an amount/],
    ['{"currency": "euro"}', /currency must be a currency, as in EUR/],
    ['{"inTotal": []}', /inTotal must be an object/],
    ['{"versions": [null]}', /versions\.0 must be a string or a number/],
    ['{"locations": "de/txl"}', /locations must be a list/],
    ['{"neverCopy": "*"}', /neverCopy must be a list/],
    ['{"neverDelete": ["*-prod"], "neverDelete": []}', /^--policy: neverDelete is given more than once$/],
    ['{"neverDelete": ["*-prod"], "neverD\\u0065lete": []}', /neverDelete is given more than once/],
    ['{"inTotal": {"ram": 1, "cores": 2, "ram": 3}}', /inTotal\.ram is given more than once/],
    ['{"owner": "x",\n// "owner"\n"versions": ["owner"], "owner": "y"}', /owner is given more than once/],
    ['{"__proto__": {}, "__proto__": {}}', /__proto__ is given more than once/],
    ['{"__proto__": {"neverDelete": []}}', /unknown rules: __proto__/],
  ])('%s is refused at the start', (text, problem) => {
    expect(problemsOf(text)).toEqual([expect.stringMatching(problem)]);
  });

  test.each([
    '{"owner": "neverDelete", "neverDelete": ["owner", "owner", "neverDelete"]}',
    '{"perCluster": {"ram": 1}, "inTotal": {"ram": 1}}',
    '{"owner": "\\"owner\\": {", "neverDelete": ["\\\\", "}", "]:"]}',
    '{"versions": [1, 1, "1"]}',
  ])('can have the same word in several places: %s', (text) => {
    expect(problemsOf(text)).toEqual([]);
  });

  test('names every problem at once, and repeats nothing of a file that is no policy', () => {
    expect(problemsOf('{"a": 1, "versions": 5, "inTotal": {"ram": "x"}}')).toHaveLength(3);
    expect(problemsOf('eyJhbGciOiJIUzI1NiJ9.planted.token').join()).not.toMatch(/eyJ|planted/);
  });
});

describe('a rule', () => {
  test.each<[rules: object, tool: string, args: object, words: RegExp]>([
    [
      { neverDelete: ['analytics-*'] },
      'delete_cluster',
      {},
      /neverDelete "analytics-\*": clusters that match this pattern cannot be deleted/,
    ],
    [{ neverDelete: ['ANALYTICS-prod'] }, 'delete_cluster', {}, /neverDelete "ANALYTICS-prod"/],
    [{ neverDelete: [ANALYTICS] }, 'delete_cluster', {}, /cannot be deleted/],
    [{ neverDelete: ['*'] }, 'delete_cluster', {}, /cannot be deleted/],
    [{ neverDelete: ['*-p*d'] }, 'delete_cluster', {}, /cannot be deleted/],
    [
      { neverChange: ['*lytics*'] },
      'delete_cluster',
      {},
      /neverChange "\*lytics\*": clusters that match this pattern cannot be changed or/,
    ],
    [{ neverChange: ['analytics-prod'] }, 'update_cluster', { cores: 9 }, /neverChange/],
    [
      { neverDelete: ['*-prod'] },
      'update_cluster',
      { displayName: 'x' },
      /neverDelete "\*-prod": clusters that match this pattern must keep a name/,
    ],
    [
      { perCluster: { instances: 3 } },
      'update_cluster',
      { instances: 4 },
      /perCluster\.instances: at most 3 in one.*would be 4/,
    ],
    [{ perCluster: { cores: 26 } }, 'update_cluster', { cores: 9 }, /perCluster\.cores: at most 26.*would be 27/],
    [{ perCluster: { ram: 98_304 } }, 'update_cluster', { ram: 33_792 }, /perCluster\.ram: at most 98304 MB.*101376/],
    [{ perCluster: { storageSize: 1 } }, 'update_cluster', { storageSize: 512_001 }, /perCluster\.storageSize/],
    [
      { inTotal: { instances: 6 } },
      'update_cluster',
      { instances: 4 },
      /inTotal\.instances: at most 6 in all.*are 6.*7/,
    ],
    [{ inTotal: { cores: 36 } }, 'update_cluster', { cores: 9 }, /inTotal\.cores: at most 36.*there are 34.*make 37/],
    [{ versions: [15, '16'] }, 'update_cluster', { postgresVersion: '17' }, /versions: 15, 16; 17 is not one of them/],
    [{ versions: [] }, 'update_cluster', { postgresVersion: '17' }, /versions: none/],
    [{ versions: ['17'] }, 'create_cluster', order, /versions: 17; 16 is not one of them/],
    [{ locations: ['de/fra'] }, 'create_cluster', order, /locations: de\/fra; de\/txl is not one of them/],
    [{ inTotal: { clusters: 3 } }, 'create_cluster', order, /inTotal\.clusters: at most 3; there are 3/],
    [{ inTotal: { ram: 122_879 } }, 'create_cluster', order, /inTotal\.ram: at most 122879 MB/],
    [
      { perCluster: { cores: 5 } },
      'create_cluster',
      { ...order, instances: 3 },
      /perCluster\.cores: at most 5.*would be 6/,
    ],
  ])('%j stops %s, and says so to whoever asks', async (rules, tool, args, words) => {
    const target = tool === 'create_cluster' ? {} : { clusterId: ANALYTICS };
    for (const how of [{}, { dryRun: true }]) {
      const { call, sent, log } = await withRules({ owner: 'the platform team', ...rules });

      const text = errorOf(await call(tool, { ...target, ...args, ...how }));

      expect(text).toMatch(
        /^Nothing was sent\. Blocked by a policy that the platform team set\. It cannot be overridden from this conversation:/,
      );
      expect(text).toMatch(words);
      expect(sent()).toEqual([]);
      expect(log).toMatchObject([{ tool, outcome: 'refused', audit: true }]);
    }
  });

  test.each<[rules: object, tool: string, args: object]>([
    [{ neverDelete: ['analytics'] }, 'delete_cluster', {}],
    [{ neverDelete: ['*-pro', 'analytics-?rod', '(.*)', 'a.*'] }, 'delete_cluster', {}],
    [{ neverDelete: ['*-prod'] }, 'update_cluster', { displayName: 'analytics2-PROD' }],
    [{ neverDelete: [ANALYTICS] }, 'update_cluster', { displayName: 'x' }],
    [{ perCluster: { instances: 1, cores: 1, ram: 1, storageSize: 1 } }, 'update_cluster', { displayName: 'x' }],
    [{ perCluster: { cores: 1 } }, 'update_cluster', { cores: 7 }],
    [{ perCluster: { cores: 24 } }, 'update_cluster', { cores: 4, instances: 5 }],
    [{ inTotal: { cores: 1, instances: 1 } }, 'update_cluster', { cores: 1, instances: 3 }],
    [{ inTotal: { cores: 37 } }, 'update_cluster', { cores: 9 }],
    [{ inTotal: { clusters: 1 }, locations: [], versions: [] }, 'update_cluster', { cores: 9 }],
    [{ inTotal: { clusters: 4, instances: 7, cores: 36 } }, 'create_cluster', order],
    [{ locations: ['de/txl'], versions: [16] }, 'create_cluster', order],
  ])('%j does not stop %s', async (rules, tool, args) => {
    const { call } = await withRules(rules);
    const target = tool === 'create_cluster' ? {} : { clusterId: ANALYTICS };

    expect(outcomeIn(await call(tool, { ...target, ...args }))).toBe('started');
  });

  test('is kept before anybody is asked', async () => {
    const { call, sent } = await withRules(
      { neverDelete: ['*'] },
      {
        confirm: 'destructive',
        onQuestion: () => expect.unreachable('nobody can allow this'),
      },
    );

    expect(errorOf(await call('delete_cluster', { clusterId: ORDERS }))).toMatch(
      /that the operator of this server set/,
    );
    expect(sent()).toEqual([]);
  });

  test('is read anew for each write, and nothing is changed while that fails', async () => {
    let text = '{}';
    const { call, sent, pass } = await connect({ policy: () => text });
    const rename = (displayName: string) => call('update_cluster', { clusterId: ORDERS, displayName });
    expect(outcomeIn(await rename('a'))).toBe('started');
    pass(10_000);

    text = '{"neverChange": ["*"]}';
    expect(errorOf(await rename('b'))).toMatch(/neverChange/);
    text = '{"neverChange": ["*"';
    expect(errorOf(await rename('c'))).toMatch(/^Nothing was sent\. The operator's policy file cannot be read/);
    expect(outcomeIn(await call('list_clusters'))).toBeUndefined();

    expect(sent()).toHaveLength(1);
  });

  test.each<[states: string[], name: string]>([
    [['', '{}'], 'empty'],
    [['{"neverDel', '{}'], 'half written'],
    [[], 'unreadable'],
    [['{"neverDelete": [], "neverDelete": []}', '{}'], 'wrong'],
  ])('file that is %j at the first call (%s) stops writes until it is good, and no read ever', async (states) => {
    let state = 0;
    const readFile = () => {
      const text = states[state] ?? (state > 0 ? '{}' : undefined);
      if (text === undefined) throw Object.assign(new Error('busy'), { code: 'EBUSY' });
      return text;
    };
    for (const first of ['list_clusters', 'update_cluster']) {
      state = 0;
      const { call, sent } = await connect({ policy: readFile });
      const rename = () => call('update_cluster', { clusterId: ORDERS, displayName: 'a' });
      const read = () => call('list_clusters');

      if (first === 'list_clusters') expect((await read()).isError).toBeFalsy();
      expect(errorOf(await rename())).toMatch(/^Nothing was sent\. The operator's policy file cannot be read/);
      expect((await read()).isError).toBeFalsy();
      expect(sent()).toEqual([]);
      state = 1;
      expect(outcomeIn(await rename())).toBe('started');
    }
  });

  test.each([
    ORDERS.toUpperCase(),
    ORDERS.replaceAll('-', ''),
    ORDERS.replaceAll('-', '').toUpperCase(),
    ORDERS.replace('-', ''),
  ])('names an ID in any spelling: %s', async (spelled) => {
    const byRule = await withRules({ neverDelete: [spelled] });
    expect(errorOf(await byRule.call('delete_cluster', { clusterId: ORDERS }))).toMatch(/cannot be deleted/);

    const byCall = await withRules({ neverDelete: [ORDERS] });
    takingAnySpelling(byCall.sandbox, ORDERS);
    expect(errorOf(await byCall.call('delete_cluster', { clusterId: spelled }))).toMatch(/cannot be deleted/);
    expect([...byRule.sent(), ...byCall.sent()]).toEqual([]);
  });

  describe('neverCopy keeps the content of a cluster in it', () => {
    const backupOf = async ({ call }: Pick<Awaited<ReturnType<typeof connect>>, 'call'>, clusterId: string) => {
      const { structuredContent } = await call('list_cluster_backups', { clusterId });
      return String(Object(structuredContent).backups[0].id);
    };

    test.each<[rule: string, words: RegExp]>([
      [
        'analytics-*',
        /neverCopy "analytics-\*": the content of clusters that match this pattern cannot be put into another cluster/,
      ],
      ['ANALYTICS-PROD', /neverCopy "ANALYTICS-PROD"/],
      [ANALYTICS, /neverCopy "7c9e/],
      [ANALYTICS.replaceAll('-', '').toUpperCase(), /neverCopy "7C9E/],
    ])('by the rule %s', async (rule, words) => {
      const world = await withRules({ neverCopy: [rule] });
      const { call, sent } = world;
      const backupId = await backupOf(world, ANALYTICS);

      for (const how of [{}, { dryRun: true }]) {
        const sizes = { ram: 8192, storageSize: 800_000, postgresVersion: '17' };
        const filled = { ...order, ...sizes, fromBackup: { backupId }, ...how };
        expect(errorOf(await call('create_cluster', filled))).toMatch(words);
        expect(errorOf(await call('restore_cluster', { clusterId: ORDERS, backupId, ...how }))).toMatch(
          /neverCopy|needs the same or a newer version/,
        );
      }
      const renamed = await call('update_cluster', { clusterId: ANALYTICS, displayName: 'x' });
      if (/analytics/i.test(rule)) expect(errorOf(renamed)).toMatch(/neverCopy.*must keep a name that matches/);
      expect(sent().filter(({ method }) => method === 'POST')).toEqual([]);
    });

    test('and lets it be restored, changed and deleted there', async () => {
      const world = await withRules({ neverCopy: ['orders'] });
      const backupId = await backupOf(world, ORDERS);

      expect(outcomeIn(await world.call('restore_cluster', { clusterId: ORDERS, backupId }))).toBe('started');
      world.pass(10_000);
      expect(outcomeIn(await world.call('update_cluster', { clusterId: ORDERS, cores: 4 }))).toBe('started');
      world.pass(10_000);
      expect(outcomeIn(await world.call('delete_cluster', { clusterId: ORDERS }))).toBe('started');
    });

    test('and lets the content of others be copied', async () => {
      const world = await withRules({ neverCopy: ['analytics-*'] });
      const backupId = await backupOf(world, ORDERS);

      const filled = { ...order, ram: 8192, storageSize: 800_000, postgresVersion: '17', fromBackup: { backupId } };
      expect(outcomeIn(await world.call('create_cluster', filled))).toBe('started');
    });

    test('where its name cannot be read any more', async () => {
      const world = await withRules({ neverCopy: ['analytics-*'] });
      const { call, sandbox, pass, sent } = world;
      const backupId = await backupOf(world, ORDERS);
      await call('delete_cluster', { clusterId: ORDERS });
      pass(10_000);
      expect(() => sandbox.cluster(ORDERS)).toThrow();
      const before = sent().length;

      const filled = { ...order, ram: 8192, storageSize: 800_000, postgresVersion: '17', fromBackup: { backupId } };
      expect(errorOf(await call('create_cluster', filled))).toMatch(
        /neverCopy: the name of the cluster.*cannot be read/,
      );
      expect(sent()).toHaveLength(before);
    });
  });

  test('for which the API reports too little still holds', async () => {
    const bare = { id: SOME_CLUSTER, metadata: { state: 'AVAILABLE' }, properties: { displayName: 'x' } };
    const fetch = async ({ url }: Request) => {
      const { pathname } = new URL(url);
      if (pathname.endsWith('versions')) return Response.json({ data: [{ name: '16' }] });
      return Response.json(pathname.endsWith('/clusters') ? { items: [bare] } : bare);
    };
    const unnamed = async () => Response.json({ id: SOME_CLUSTER, metadata: { state: 'AVAILABLE' } });

    const total = await withRules({ inTotal: { cores: 100 } }, { fetch });
    const connections = [{ ...order.connections[0], cidr: '192.168.1.9/24' }];
    expect(errorOf(await total.call('create_cluster', { ...order, connections }))).toMatch(
      /the API does not report how much there is/,
    );
    const one = await withRules({ perCluster: { cores: 100 } }, { fetch });
    expect(errorOf(await one.call('update_cluster', { clusterId: SOME_CLUSTER, cores: 2 }))).toMatch(
      /does not report how much/,
    );
    const named = await withRules({ neverDelete: ['*-prod'] }, { fetch: unnamed });
    expect(errorOf(await named.call('delete_cluster', { clusterId: SOME_CLUSTER }))).toMatch(
      /does not report the name/,
    );
    expect([...total.sent(), ...one.sent(), ...named.sent()]).toEqual([]);
  });

  test.each([
    ['\u039f\u0394\u039f\u03a3*', '\u039f\u0394\u039f\u03a3\u0391'],
    ['*\u03a3', '\u0392\u0391\u03a3'],
    ['*\u03c3', '\u03b2\u03b1\u03c2'],
    ['Caf\u00e9-*', 'Cafe\u0301-prod'],
    ['stra\u00dfe', 'STRASSE'],
    ['*\u0130*', 'x i\u0307 y'],
  ])('means the same letters, however they are written: %s, %s', async (pattern, displayName) => {
    const { call, sandbox } = await withRules({ neverDelete: [pattern] });
    const { id } = sandbox.addCluster({ displayName });

    expect(errorOf(await call('delete_cluster', { clusterId: id }))).toMatch(/cannot be deleted/);
  });

  test('sees a name to its end, however long it is', async () => {
    const { call, sandbox, sent } = await withRules({ neverDelete: ['*-prod'] });
    const { id } = sandbox.addCluster({ displayName: `${'x'.repeat(5_000)}-prod` });

    expect(errorOf(await call('delete_cluster', { clusterId: id }))).toMatch(/cannot be deleted/);
    expect(sent()).toEqual([]);
  });

  test('takes no time to compare, whatever the name', async () => {
    const { call, sandbox } = await withRules({ neverDelete: ['*a*a*a*a*a*a*a*a*b'] });
    const { id } = sandbox.addCluster({ displayName: 'a'.repeat(200_000) });
    const started = performance.now();

    expect(outcomeIn(await call('delete_cluster', { clusterId: id }))).toBe('started');
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('a total', () => {
  test('holds against orders that come at once', async () => {
    const { call, sent } = await withRules({ inTotal: { clusters: 6, cores: 40 } });
    const orders = Array.from({ length: 8 }, (_, n) => ({ ...order, displayName: `shop-${n}` }));

    const results = await Promise.all(orders.map((each) => call('create_cluster', each)));

    expect(results.map(outcomeIn).filter((outcome) => outcome === 'started')).toHaveLength(3);
    expect(sent()).toHaveLength(3);
  });

  test('holds against an order and a change at once', async () => {
    const { call, sent } = await withRules({ inTotal: { cores: 36 } });

    const results = await Promise.all([
      call('create_cluster', order),
      call('update_cluster', { clusterId: ORDERS, cores: 4 }),
    ]);

    expect(results.filter(({ isError }) => isError)).toHaveLength(1);
    expect(sent()).toHaveLength(1);
  });

  test('counts what was ordered even while the API does not list it yet', async () => {
    const world = await withRules({ inTotal: { clusters: 4 } });
    const { call, sandbox, sent } = world;
    const whole = sandbox.fetch;
    // It lists what was there at the start.
    sandbox.fetch = async (request) => {
      const response = await whole(request);
      if (request.method !== 'GET' || !new URL(request.url).pathname.endsWith('/clusters')) return response;
      const page = (await response.json()) as { items: SandboxCluster[] };
      return Response.json({
        ...page,
        items: page.items.filter(({ properties }) => properties.displayName !== 'shop'),
      });
    };

    expect(outcomeIn(await call('create_cluster', order))).toBe('started');
    const second = await call('create_cluster', { ...order, displayName: 'other' });

    expect(errorOf(second)).toMatch(/inTotal\.clusters: at most 4; there are 4/);
    expect(sent()).toHaveLength(1);
  });

  test.each<[name: string, changes: object[], expected: RegExp]>([
    ['one quantity and then another', [{ cores: 12 }, { instances: 3 }], /perCluster\.cores: at most 12.*would be 36/],
    ['a quantity and then the name', [{ cores: 12 }, { displayName: 'x' }], /inTotal\.cores: at most 44.*46/],
  ])('counts %s, though what the API shows is of before', async (_, changes, expected) => {
    const { call, sandbox, sent } = await withRules({ perCluster: { cores: 12 }, inTotal: { cores: 44 } });
    const whole = sandbox.fetch;
    const before = sandbox.cluster(ORDERS);
    // Its reads are seconds behind.
    sandbox.fetch = async (request) => {
      const response = await whole(request);
      const { pathname } = new URL(request.url);
      if (request.method !== 'GET') return response;
      if (pathname.endsWith(ORDERS)) return Response.json(before);
      if (!pathname.endsWith('/clusters')) return response;
      const page = (await response.json()) as { items: SandboxCluster[] };
      return Response.json({ ...page, items: page.items.map((each) => (each.id === ORDERS ? before : each)) });
    };

    const texts = [];
    for (const change of changes) {
      const result = await call('update_cluster', { clusterId: ORDERS, ...change });
      if (result.isError) texts.push(errorOf(result));
    }
    const ordered = await call('create_cluster', { ...order, cores: 2 });
    if (ordered.isError) texts.push(errorOf(ordered));

    expect(texts.join('\n')).toMatch(expected);
    expect(sent().map(({ method }) => method)).not.toContain('POST');
  });

  test('keeps the larger size of a change that shrinks and may not have been made', async () => {
    const { call, sandbox, sent, pass } = await withRules({ inTotal: { cores: 44 } });
    expect(outcomeIn(await call('update_cluster', { clusterId: ORDERS, cores: 12 }))).toBe('started');
    pass(10_000);
    const whole = sandbox.fetch;
    sandbox.fetch = async (request) =>
      request.method === 'PATCH' ? Response.json({}, { status: 500 }) : whole(request);

    expect(errorOf(await call('update_cluster', { clusterId: ORDERS, cores: 2 }))).toMatch(/may have taken effect/);
    expect(errorOf(await call('create_cluster', order))).toMatch(
      /inTotal\.cores: at most 44; there are|at most 44 in all/,
    );
    expect(sent()).toHaveLength(2);
  });

  test('gets its room back from an order that the API refuses', async () => {
    const { call } = await withRules({ inTotal: { clusters: 4 } });
    for (let n = 0; n < 3; n += 1) {
      const refused = await call('create_cluster', { ...order, ram: 2048 });
      expect(errorOf(refused)).toMatch(/^The API answered 422/);
    }

    expect(outcomeIn(await call('create_cluster', order))).toBe('started');
  });

  test('gets its room back from a cluster that is deleted', async () => {
    const { call, sandbox, pass } = await withRules({ inTotal: { clusters: 4 } });
    const { structuredContent } = await call('create_cluster', order);
    const { id } = Object(structuredContent).cluster as SandboxCluster;
    await call('delete_cluster', { clusterId: id });
    pass(10_000);
    expect(() => sandbox.cluster(id)).toThrow();

    expect(outcomeIn(await call('create_cluster', order))).toBe('started');
  });

  test('is counted over all pages', async () => {
    const { call, sandbox } = await withRules({ inTotal: { clusters: 1_203 } });
    for (let n = 0; n < 1_200; n += 1) sandbox.addCluster({ displayName: `c-${n}` });

    expect(errorOf(await call('create_cluster', order))).toMatch(/at most 1203; there are 1203/);
  });
});

describe('two simultaneous writes to one cluster', () => {
  test('come one after the other, so that none rests on what the other has changed', async () => {
    const { call, sandbox, sent } = await withRules({ neverDelete: ['*-prod'] });
    const { id } = sandbox.addCluster({ displayName: 'shop' });
    const whole = sandbox.fetch;
    let renamed = () => {};
    const rename = new Promise<void>((resolve) => {
      renamed = resolve;
    });
    // The deletion is on its way for long enough that a change could overtake it.
    sandbox.fetch = async (request) => {
      if (request.method === 'DELETE') await Promise.race([rename, new Promise((resolve) => setTimeout(resolve, 100))]);
      const response = await whole(request);
      if (request.method === 'PATCH') renamed();
      return response;
    };

    const [deleted, changed] = await Promise.all([
      call('delete_cluster', { clusterId: id }),
      call('update_cluster', { clusterId: id, displayName: 'shop-prod' }),
    ]);

    expect(outcomeIn(deleted)).toBe('started');
    expect(errorOf(changed)).toMatch(/is being deleted/);
    expect(sent().map(({ method }) => method)).toEqual(['DELETE']);
  });

  test.each([
    (id: string) => id.toUpperCase(),
    (id: string) => id.replaceAll('-', ''),
    (id: string) => id.replace('-', ''),
  ])('come one after the other however its ID is spelled', async (spell) => {
    const { call, sandbox, sent } = await connect();
    const { id } = sandbox.addCluster();
    takingAnySpelling(sandbox, id);
    const whole = sandbox.fetch;
    sandbox.fetch = async (request) => {
      if (request.method === 'PATCH') await new Promise((resolve) => setTimeout(resolve, 50));
      return whole(request);
    };

    const [first, second] = await Promise.all([
      call('update_cluster', { clusterId: id, cores: 4 }),
      call('update_cluster', { clusterId: spell(id), cores: 8 }),
    ]);

    expect(outcomeIn(first)).toBe('started');
    expect(errorOf(second)).toMatch(/BUSY/);
    expect(sent()).toHaveLength(1);
  });

  test('do not keep a preview waiting', async () => {
    const { call, sandbox } = await connect();
    const { id } = sandbox.addCluster();
    const whole = sandbox.fetch;
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    sandbox.fetch = async (request) => {
      if (request.method === 'PATCH') await gate;
      return whole(request);
    };
    const write = call('update_cluster', { clusterId: id, cores: 4 });

    const previews = ['update_cluster', 'delete_cluster', 'update_cluster', 'delete_cluster'].map((tool) =>
      call(tool, { clusterId: id, ...(tool === 'update_cluster' && { cores: 8 }), dryRun: true }),
    );

    expect((await Promise.all(previews)).map(outcomeIn)).toEqual(Array(4).fill('preview'));
    open();
    expect(outcomeIn(await write)).toBe('started');
  });

  test('wait for each other within one account only', async () => {
    const { legacy, sandbox } = await host({ callersOwnToken: true });
    const { id } = sandbox.addCluster();
    const whole = sandbox.fetch;
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    // For the others the cluster does not exist, which the API takes its time to say.
    sandbox.fetch = async (request) => {
      if (request.headers.get('authorization') !== 'Bearer stranger') return whole(request);
      await gate;
      return Response.json({}, { status: 404 });
    };
    const args = { clusterId: id, cores: 4 };
    const stranger = await legacy({ 'x-ionos-token': 'stranger' });
    const owner = await legacy({ 'x-ionos-token': 'owner' });
    const theirs = [{}, {}, { dryRun: true }, { dryRun: true }].map((how) =>
      stranger.callTool({ name: 'update_cluster', arguments: { ...args, ...how } }),
    );

    expect(outcomeIn(Object(await owner.callTool({ name: 'update_cluster', arguments: args })))).toBe('started');
    open();
    for (const result of await Promise.all(theirs)) expect(result).toMatchObject({ isError: true });
  });

  test('do not wait for one that only waits for its end', async () => {
    const { call, sandbox } = await connect();
    const { id } = sandbox.addCluster();
    const waiting = call('update_cluster', { clusterId: id, cores: 4, wait: 1 });

    const second = await call('update_cluster', { clusterId: id, cores: 8 });

    expect(errorOf(second)).toMatch(/is BUSY with another change\. Call wait_for_cluster/);
    expect(outcomeIn(await waiting)).toBe('started');
  });

  test('that is cancelled in the queue lets the next one through', async () => {
    const { call, sandbox, sent } = await connect();
    const { id } = sandbox.addCluster();
    const whole = sandbox.fetch;
    let go = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    sandbox.fetch = async (request) => {
      if (request.method === 'PATCH') await gate;
      return whole(request);
    };
    const controller = new AbortController();

    const first = call('update_cluster', { clusterId: id, displayName: 'first' });
    await expect.poll(() => sent().length).toBe(1);
    const second = call('delete_cluster', { clusterId: id }, { signal: controller.signal });
    second.catch(() => {});
    const third = call('update_cluster', { clusterId: id, displayName: 'third' });
    controller.abort();
    await expect(second).rejects.toThrow();
    go();

    expect(outcomeIn(await first)).toBe('started');
    expect(errorOf(await third)).toMatch(/BUSY/);
    expect(sent()).toHaveLength(1);
  });
});

describe('no sequence of calls, however many at once, gets past a rule', () => {
  const rules = {
    neverDelete: ['*-prod'],
    neverChange: ['billing*'],
    perCluster: { instances: 3, cores: 12, storageSize: 1_600_000 },
    inTotal: { clusters: 7, cores: 44, ram: 160_000, instances: 12 },
    locations: ['de/txl'],
    versions: ['15', '16'],
  };
  const limited = ['instances', 'cores', 'ram', 'storageSize'] as const;
  type Sizes = Record<(typeof limited)[number], number>;

  const sizeOf = ({ properties }: SandboxCluster): Sizes => {
    const { instances, cores, ram, storageSize } = properties;
    return { instances, cores: instances * cores, ram: instances * ram, storageSize: instances * storageSize };
  };
  const total = (clusters: SandboxCluster[], quantity: keyof Sizes) =>
    clusters.reduce((sum, each) => sum + sizeOf(each)[quantity], 0);

  /** What is wrong with a step from one state of all clusters to the next. */
  function breach(before: Map<string, SandboxCluster>, after: Map<string, SandboxCluster>): string | undefined {
    for (const [id, old] of before) {
      const now = after.get(id);
      const gone = !now || (now.metadata.state === 'DESTROYING' && old.metadata.state !== 'DESTROYING');
      const { displayName } = old.properties;
      if (gone && /-prod$|^billing/i.test(displayName)) return `${displayName} was deleted`;
      if (!now) continue;
      const isChanged = JSON.stringify(now.properties) !== JSON.stringify(old.properties);
      if (isChanged && /^billing/i.test(displayName)) return `${displayName} was changed`;
      if (/-prod$/i.test(displayName) && !/-prod$/i.test(now.properties.displayName))
        return `${displayName} was renamed`;
      const { postgresVersion } = now.properties;
      if (postgresVersion !== old.properties.postgresVersion && !rules.versions.includes(postgresVersion))
        return 'version';
    }
    for (const [id, now] of after) {
      const old = before.get(id);
      if (!old && !rules.locations.includes(now.properties.location)) return 'location';
      if (!old && !rules.versions.includes(now.properties.postgresVersion)) return 'version of a new one';
      for (const [quantity, bound] of Object.entries(rules.perCluster) as [keyof Sizes, number][]) {
        if (sizeOf(now)[quantity] > Math.max(bound, old ? sizeOf(old)[quantity] : 0)) return `one cluster: ${quantity}`;
      }
    }
    const [were, are] = [[...before.values()], [...after.values()]];
    if (are.length > Math.max(were.length, rules.inTotal.clusters)) return 'clusters';
    for (const quantity of ['cores', 'ram', 'instances'] as const) {
      const bound = Math.max(rules.inTotal[quantity], total(were, quantity));
      if (total(are, quantity) > bound) return `in total: ${quantity} ${total(are, quantity)}`;
    }
    return undefined;
  }

  const name = fc.constantFrom('shop', 'shop-prod', 'billing', 'BILLING-2', 'x-PROD', 'x', 'prod-x', 'a b');
  const sizing = {
    instances: fc.integer({ min: 1, max: 5 }),
    cores: fc.integer({ min: 1, max: 14 }),
    ram: fc.integer({ min: 4, max: 24 }).map((gigabytes) => gigabytes * 1024),
    storageSize: fc.integer({ min: 20_480, max: 600_000 }),
  };
  const postgresVersion = fc.constantFrom('14', '15', '16', '17');
  const call = fc.oneof(
    fc.record({
      tool: fc.constant('create_cluster'),
      at: fc.nat(9),
      args: fc.record({
        displayName: name,
        postgresVersion,
        location: fc.constantFrom('de/txl', 'de/txl', 'us/las'),
        ...sizing,
        allowDuplicate: fc.boolean(),
      }),
    }),
    fc.record({
      tool: fc.constant('update_cluster'),
      at: fc.nat(9),
      args: fc.record({ displayName: name, postgresVersion, ...sizing }, { requiredKeys: [] }),
    }),
    fc.record({ tool: fc.constant('delete_cluster'), at: fc.nat(9), args: fc.constant({}) }),
  );
  const steps = fc.array(
    fc.record({ calls: fc.array(call, { minLength: 1, maxLength: 6 }), pause: fc.constantFrom(0, 1_000, 6_000) }),
    { minLength: 1, maxLength: 6, size: 'max' },
  );

  test('', async () => {
    let done = 0;
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(steps, fc.infiniteStream(fc.nat(4)), async (batches, delays) => {
        const { call, sandbox, pass } = await connect({ policy: JSON.stringify(rules) });
        const read = sandbox.fetch;
        const all = async (): Promise<Map<string, SandboxCluster>> => {
          const url = 'https://api.ionos.com/databases/postgresql/clusters?limit=1000';
          const page = await read(new Request(url, { headers: { authorization: 'Bearer x' } }));
          const { items } = (await page.json()) as { items: SandboxCluster[] };
          return new Map(items.map((cluster) => [cluster.id, cluster]));
        };
        const breaches: string[] = [];
        // Each request arrives whenever it likes, and each write is compared with the state just before it.
        sandbox.fetch = async (request) => {
          for (let turns = delays.next().value ?? 0; turns > 0; turns -= 1) await setImmediate();
          if (request.method === 'GET') return read(request);
          const before = await all();
          const response = await read(request);
          const after = await all();
          const found = breach(before, after);
          if (found) breaches.push(found);
          for (let turns = delays.next().value ?? 0; turns > 0; turns -= 1) await setImmediate();
          return response;
        };

        for (const { calls, pause } of batches) {
          const ids = [...(await all()).keys()];
          const results = await Promise.all(
            calls.map(({ tool, at, args }) => {
              const clusterId = ids[at % ids.length];
              return call(tool, tool === 'create_cluster' ? { ...order, ...args } : { clusterId, ...args });
            }),
          );
          done += results.filter((result) => outcomeIn(result) === 'started').length;
          refused += results.filter(({ isError }) => isError).length;
          pass(pause);
        }

        expect(breaches).toEqual([]);
      }),
      { numRuns: 150 },
    );
    expect(done).toBeGreaterThan(300);
    expect(refused).toBeGreaterThan(300);
  }, 120_000);
});
