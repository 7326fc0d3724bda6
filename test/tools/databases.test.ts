import { describe, expect, test } from 'vitest';
import { ORDERS } from '../helpers/backups.ts';
import { connect, errorOf, type World } from '../helpers/connect.ts';
import { failWrites } from '../helpers/faults.ts';
import { changeOutside } from '../helpers/outside-change.ts';
import { factsOf, planOf } from '../helpers/plans.ts';
import { writtenIn } from '../helpers/written.ts';

const shop = { clusterId: ORDERS, name: 'shop' };
const wanted = { clusterId: ORDERS, name: 'stock', owner: 'reporting' };

type Connected = Awaited<ReturnType<typeof connect>>;

const rowsIn = ({ structuredContent }: { structuredContent?: unknown }): { name: string; owner: string }[] =>
  Object(structuredContent).databases;
const listed = async ({ call }: Connected) =>
  rowsIn(await call('list_databases', { clusterId: ORDERS })).map(({ name }) => name);

describe('reading', () => {
  test('list_databases lists the databases by name, each with its owner', async () => {
    const { call, requests } = await connect();

    const { structuredContent } = await call('list_databases', { clusterId: ORDERS });

    expect(structuredContent).toMatchObject({
      databases: [
        { name: 'shop', owner: 'orders_owner', createdBy: expect.any(String), createdDate: expect.any(String) },
        { name: 'shop_staging', owner: 'orders_owner' },
      ],
    });
    expect(requests.map(({ path }) => path)).toEqual([`clusters/${ORDERS}/databases?limit=100&offset=0`]);
  });

  test('list_databases comes page by page', async () => {
    const { call } = await connect();

    const first = await call('list_databases', { clusterId: ORDERS, limit: 1 });
    const second = await call('list_databases', { clusterId: ORDERS, limit: 1, offset: 1 });

    expect(first.structuredContent).toMatchObject({ databases: [{ name: 'shop' }], nextOffset: 1 });
    expect(rowsIn(second)).toMatchObject([{ name: 'shop_staging' }]);
    expect(Object(second.structuredContent).nextOffset).toBeUndefined();
  });

  test('get_database reads one, and names the others if it does not exist', async () => {
    const { call } = await connect();

    expect((await call('get_database', shop)).structuredContent).toMatchObject({ name: 'shop', owner: 'orders_owner' });
    expect(errorOf(await call('get_database', { ...shop, name: 'Shop' }))).toMatch(
      /404: .*does not exist\nThere is no database "Shop" on "orders"\. Its databases: "shop", /,
    );
  });
});

describe('create_database', () => {
  test('sends name and owner, and shows what was made', async () => {
    const world = await connect();

    const { structuredContent } = await world.call('create_database', wanted);

    expect(world.sent()).toMatchObject([
      {
        method: 'POST',
        path: `clusters/${ORDERS}/databases`,
        body: { properties: { name: 'stock', owner: 'reporting' } },
      },
    ]);
    expect(structuredContent).toMatchObject({
      outcome: 'done',
      database: { name: 'stock', owner: 'reporting' },
      note: 'Created.',
    });
    expect(await listed(world)).toEqual(['shop', 'shop_staging', 'stock']);
    expect(world.log[0]).toMatchObject({
      tool: 'create_database',
      target: `${ORDERS}/stock`,
      outcome: 'done',
      audit: true,
    });
  });

  test('is planned with name and owner, and asked about with --confirm writes', async () => {
    const { call, sandbox, sent } = await connect({ confirm: 'writes' });

    const facts = await factsOf('new-database', 'create_database', wanted, sandbox);
    const { outcome, confirmationToken } = writtenIn(await call('create_database', wanted));

    expect(facts).toEqual({
      kind: 'new-database',
      cluster: { id: ORDERS, displayName: 'orders' },
      name: 'stock',
      owner: 'reporting',
    });
    expect(outcome).toBe('needs_confirmation');
    expect(sent()).toEqual([]);
    expect(writtenIn(await call('create_database', { ...wanted, confirmationToken })).outcome).toBe('done');
  });

  test.each<[when: string, args: object, words: RegExp]>([
    [
      'an owner that is no user',
      { owner: 'nobody' },
      /owner \("nobody"\): is not a user of "orders" \(.*\)\. Its users: "audit", "orders_owner", "reporting"\./,
    ],
    ['a name that is taken', { name: 'shop' }, /The cluster "orders" \(.*\) already has a database shop\./],
    ['no name', { name: '' }, /name \(""\): must not be empty/],
    ['a name of 64 characters', { name: 'x'.repeat(64) }, /name \("x+"\): must be at most 63 characters/],
    [
      'a name that leads elsewhere',
      { name: '.' },
      /name \("\."\): is a path segment such as \. or \.\., which gateways drop/,
    ],
    ['half a character', { owner: '\ud800' }, /owner \(.*\): contains half of a surrogate pair/],
    ['no owner', { owner: undefined }, /owner: is missing/],
  ])('refuses %s before anything is sent', async (_, args, words) => {
    for (const how of [{}, { dryRun: true }]) {
      const { call, sent } = await connect();

      const text = errorOf(await call('create_database', { ...wanted, ...args, ...how }));

      expect(text).toMatch(/^Nothing was sent\./);
      expect(text).toMatch(words);
      expect(sent()).toEqual([]);
    }
  });

  test.each([
    ['lost', 'A check of the API found the database: it was created.'],
    ['drop', 'A check of the API found no such database. It may have been created anyway'],
    [500, 'A check of the API found no such database.'],
  ] as const)('whose answer is lost (%s) says what a check found, and is not retried', async (kind, words) => {
    const { call, sandbox, sent } = await connect();
    failWrites(sandbox, { kind });

    expect(errorOf(await call('create_database', wanted))).toContain(words);
    expect(sent()).toHaveLength(1);
  });

  test('says the words of the API where that refuses', async () => {
    const { call, sandbox } = await connect();
    failWrites(sandbox, { kind: 422, messages: [{ errorCode: 'e-1', message: 'the quota is used up' }] });

    expect(errorOf(await call('create_database', wanted))).toMatch(/^The API answered 422: .*the quota is used up/);
  });
});

describe('delete_database', () => {
  /** A person who types this, and what he was asked. */
  function typing(name: string) {
    const questions: string[] = [];
    const world: World = {
      confirm: 'destructive',
      onQuestion({ message }) {
        questions.push(message);
        return { action: 'accept', content: { name } };
      },
    };
    return { questions, world };
  }

  test('destroys the database it is given and no other, once a person has typed its name', async () => {
    const { questions, world } = typing('shop');
    const connected = await connect(world);
    const { summary } = await planOf('delete_database', shop, connected.sandbox);

    const { structuredContent } = await connected.call('delete_database', shop);

    expect(questions).toHaveLength(1);
    const lines = questions[0]?.split('\n');
    expect(lines?.[0]).toBe(summary);
    expect(lines?.slice(-2)).toEqual(['To agree, type this name, without the quotes:', '"shop"']);
    expect(structuredContent).toMatchObject({ outcome: 'done', note: 'Deleted.', plan: { summary } });
    expect(connected.sent()).toMatchObject([{ method: 'DELETE', path: `clusters/${ORDERS}/databases/shop` }]);
    expect(await listed(connected)).toEqual(['shop_staging']);
    expect(connected.log).toMatchObject([
      { outcome: 'asked' },
      { outcome: 'done', target: `${ORDERS}/shop`, audit: true },
      {},
    ]);
  });

  test.each(['orders', 'Shop', 'shop_staging', ''])('is declined where %j is typed', async (name) => {
    const { call, sent } = await connect(typing(name).world);

    expect(writtenIn(await call('delete_database', shop)).outcome).toBe('declined');
    expect(sent()).toEqual([]);
  });

  test('takes a token for this database alone, together with its name', async () => {
    const { call, sent } = await connect({ confirm: 'destructive' });
    const { confirmationToken } = writtenIn(await call('delete_database', shop));
    const agreed = { ...shop, confirmationToken, confirmationName: 'shop' };

    const other = await call('delete_database', { ...agreed, name: 'shop_staging', confirmationName: 'shop_staging' });
    const unnamed = await call('delete_database', { ...shop, confirmationToken });
    expect(writtenIn(other).note).toMatch(/confirmationToken is not valid for this call/);
    expect(writtenIn(unnamed).note).toMatch(/confirmationName is missing/);
    expect(sent()).toEqual([]);

    expect(writtenIn(await call('delete_database', agreed)).outcome).toBe('done');
  });

  test('whose answer is lost says how to check', async () => {
    const { call, sandbox, sent } = await connect();
    failWrites(sandbox, { kind: 'lost' });

    expect(errorOf(await call('delete_database', shop))).toMatch(/may have taken effect: check with .*get_database/);
    expect(sent()).toHaveLength(1);
  });

  test('of one that is not there sends nothing', async () => {
    const { call, sent } = await connect();

    expect(errorOf(await call('delete_database', { ...shop, name: 'none' }))).toMatch(/404/);
    expect(sent()).toEqual([]);
  });
});

test.each([
  ['create_database', wanted, ['neverChange']],
  ['delete_database', shop, ['neverChange', 'neverDelete']],
])('%s is stopped by the policy, and while the cluster is BUSY', async (tool, args, rules) => {
  for (const rule of rules) {
    const { call, sent } = await connect({ policy: `{"${rule}": ["ord*"]}` });
    expect(errorOf(await call(tool, args))).toMatch(new RegExp(`${rule} "ord\\*"`));
    expect(sent()).toEqual([]);
  }
  const { call, sandbox, sent } = await connect();
  await changeOutside(sandbox, ORDERS, { cores: 4 });
  expect(errorOf(await call(tool, args))).toMatch(/is BUSY with another change/);
  expect(sent()).toEqual([]);
});

test('neverDelete of the policy does not keep from creating a database', async () => {
  const { call } = await connect({ policy: '{"neverDelete": ["*"]}' });

  expect(writtenIn(await call('create_database', wanted)).outcome).toBe('done');
});
