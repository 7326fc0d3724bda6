import { describe, expect, test } from 'vitest';
import { ORDERS } from '../helpers/backups.ts';
import { connect, errorOf } from '../helpers/connect.ts';
import { failReads, failWrites } from '../helpers/faults.ts';
import { changeOutside } from '../helpers/outside-change.ts';
import { factsOf, planOf } from '../helpers/plans.ts';
import { writtenIn } from '../helpers/written.ts';

const PASSWORD = 'planted-user-password';
const app = { clusterId: ORDERS, username: 'app' };
const reporting = { clusterId: ORDERS, username: 'reporting' };
const cluster = { id: ORDERS, displayName: 'orders' };
const owner = { clusterId: ORDERS, username: 'orders_owner' };

type Connected = Awaited<ReturnType<typeof connect>>;

const namesIn = ({ structuredContent }: { structuredContent?: unknown }): string[] =>
  Object(structuredContent).users.map(({ username }: { username: string }) => username);
const listed = async ({ call }: Connected, more: object = {}) =>
  namesIn(await call('list_users', { clusterId: ORDERS, ...more }));

describe('list_users', () => {
  test('lists the users by name, and those of the service only where they are asked for', async () => {
    const world = await connect();

    expect(await listed(world)).toEqual(['audit', 'orders_owner', 'reporting']);
    expect(await listed(world, { system: false })).toEqual(['audit', 'orders_owner', 'reporting']);
    expect(await listed(world, { system: 'true' })).toEqual([
      'audit',
      'ionos_cloud_admin',
      'orders_owner',
      'postgres',
      'reporting',
      'standby',
    ]);
    expect(world.requests.map(({ path }) => path)).toEqual([
      `clusters/${ORDERS}/users?limit=100&offset=0`,
      `clusters/${ORDERS}/users?limit=100&offset=0`,
      `clusters/${ORDERS}/users?system=true&limit=100&offset=0`,
    ]);
  });

  test('comes page by page', async () => {
    const { call } = await connect();

    const first = await call('list_users', { clusterId: ORDERS, system: true, limit: 4 });
    const { nextOffset } = Object(first.structuredContent);
    const second = await call('list_users', { clusterId: ORDERS, system: true, limit: 4, offset: nextOffset });

    expect(nextOffset).toBe(4);
    expect(namesIn(second)).toEqual(['reporting', 'standby']);
    expect(Object(second.structuredContent).nextOffset).toBeUndefined();
  });

  test('says who was created by SQL', async () => {
    const { call } = await connect();

    const { structuredContent } = await call('get_user', { clusterId: ORDERS, username: 'audit' });

    expect(structuredContent).toMatchObject({
      username: 'audit',
      system: false,
      createdBy: expect.stringMatching(/_unmanaged_$/),
    });
  });
});

describe('create_user', () => {
  test('sends name and password, shows the user without it, and says to wait', async () => {
    const world = await connect();

    const result = await world.call('create_user', { ...app, password: PASSWORD });

    expect(world.sent()).toMatchObject([
      {
        method: 'POST',
        path: `clusters/${ORDERS}/users`,
        body: { properties: { username: 'app', password: PASSWORD } },
      },
    ]);
    expect(result.structuredContent).toMatchObject({
      outcome: 'started',
      user: { username: 'app', system: false },
      note: 'Created. The cluster is BUSY for a moment: call wait_for_cluster before the next change.',
    });
    expect(await listed(world)).toContain('app');
    expect(world.sandbox.cluster(ORDERS).metadata.state).toBe('BUSY');
    expect(JSON.stringify([result, world.log])).not.toContain(PASSWORD);
    expect(world.log[0]).toMatchObject({
      tool: 'create_user',
      target: `${ORDERS}/app`,
      outcome: 'started',
      audit: true,
      caller: 'stdio',
    });
  });

  test('takes the password from a variable that the operator allows', async () => {
    const { call, sent, log } = await connect({ passwords: { APP_PASSWORD: PASSWORD } });

    const result = await call('create_user', { ...app, passwordEnv: 'APP_PASSWORD' });

    expect(sent()[0]?.body).toEqual({ properties: { username: 'app', password: PASSWORD } });
    expect(writtenIn(result).outcome).toBe('started');
    expect(JSON.stringify([result, log])).not.toContain(PASSWORD);
  });

  test.each<[when: string, args: object, words: RegExp]>([
    ['a variable that is not allowed', { passwordEnv: 'PATH' }, /^passwordEnv: must be one of the variables/],
    ['two passwords', { password: PASSWORD, passwordEnv: 'X' }, /^password: give password or passwordEnv, not both/],
    ['none over HTTP', {}, /^password: is missing\. Over HTTP this server generates none/],
    ['a short one', { password: 'short' }, /^password: must have at least 10 characters/],
    ['a long one', { password: 'y'.repeat(64) }, /^password: must be at most 63 characters long/],
    [
      'the name of the service',
      { username: 'postgres' },
      /^username \("postgres"\): must not be a name that IONOS reserves/,
    ],
    ['no name', { username: '' }, /^username \(""\): must not be empty/],
    ['a name of 64 characters', { username: 'x'.repeat(64) }, /^username \("x+"\): must be at most 63 characters/],
    [
      'a name that leads elsewhere',
      { username: '..' },
      /^username \("\.\."\): is a path segment such as \. or \.\., which gateways drop/,
    ],
  ])('refuses %s, and repeats no password', async (_, args, words) => {
    const { call, requests, log } = await connect();

    const text = errorOf(await call('create_user', { ...app, ...args }));

    expect(text.split('\n').slice(1)).toContainEqual(expect.stringMatching(words));
    expect(JSON.stringify([text, log])).not.toMatch(/planted|"short|y{64}/);
    expect(requests.filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  test('refuses a name that is taken, and a cluster that is BUSY', async () => {
    const { call, sandbox, sent } = await connect();

    const taken = errorOf(await call('create_user', { ...reporting, password: PASSWORD }));
    const role = errorOf(await call('create_user', { ...app, username: 'ionos_cloud_admin', password: PASSWORD }));
    await changeOutside(sandbox, ORDERS, { cores: 4 });
    const busy = errorOf(await call('create_user', { ...app, password: PASSWORD }));

    expect(taken).toBe(
      `Nothing was sent. The cluster "orders" (${ORDERS}) already has a user reporting. update_user sets another password.`,
    );
    expect(role).toMatch(/already has a user ionos_cloud_admin\./);
    expect(busy).toMatch(/^Nothing was sent\. .* is BUSY with another change/);
    expect(sent()).toEqual([]);
  });

  test.each([
    ['lost', 'A check of the API found the user: it was created.'],
    ['drop', 'A check of the API found no such user. It may have been created anyway'],
    [500, 'A check of the API found no such user.'],
  ] as const)('whose answer is lost (%s) says what a check found, and is not retried', async (kind, words) => {
    const { call, sandbox, sent, log } = await connect();
    failWrites(sandbox, { kind });

    const text = errorOf(await call('create_user', { ...app, password: PASSWORD }));

    expect(text).toContain(words);
    expect(text).not.toContain('a second order creates a second cluster');
    expect(sent()).toHaveLength(1);
    expect(JSON.stringify([text, log])).not.toContain(PASSWORD);
  });

  test.each([{}, { dryRun: true }])(
    'refuses a password that stands in the place of the name as well (%j)',
    async (how) => {
      const { call, log, requests } = await connect();

      const result = await call('create_user', { ...app, username: PASSWORD, password: PASSWORD, ...how });

      expect(errorOf(result)).toContain('could not be kept secret');
      expect(requests).toEqual([]);
      expect(JSON.stringify([result, log])).not.toContain(PASSWORD);
    },
  );

  test('hides a password that the API repeats', async () => {
    const { call, sandbox, log } = await connect();
    failWrites(sandbox, { kind: 422, messages: [{ errorCode: '422', message: `${PASSWORD} is too weak` }] });

    const text = errorOf(await call('create_user', { ...app, password: PASSWORD }));

    expect(text).toContain('[redacted] is too weak');
    expect(JSON.stringify(log)).not.toContain(PASSWORD);
  });
});

describe('update_user', () => {
  const change = { ...reporting, password: PASSWORD };

  test('sends the password once a person has said yes', async () => {
    let asked = '';
    const { call, sandbox, sent, log } = await connect({
      confirm: 'destructive',
      onQuestion({ message }) {
        asked = message;
        return { action: 'accept', content: { confirm: true } };
      },
    });

    const { facts, ...plan } = await planOf('update_user', change, sandbox);

    const result = await call('update_user', change);

    expect(facts).toEqual({ kind: 'new-password', cluster, username: 'reporting' });
    expect(asked).toBe([plan.summary, ...plan.effects].join('\n'));
    expect(sent()).toMatchObject([
      { method: 'PATCH', path: `clusters/${ORDERS}/users/reporting`, body: { properties: { password: PASSWORD } } },
    ]);
    expect(result.structuredContent).toMatchObject({ outcome: 'started', user: { username: 'reporting' } });
    expect(JSON.stringify([asked, result, log])).not.toContain(PASSWORD);
    expect(log).toMatchObject([{ outcome: 'asked' }, { outcome: 'started', target: `${ORDERS}/reporting` }]);
  });

  test('sends nothing where the person declines', async () => {
    const { call, sent } = await connect({ confirm: 'destructive', onQuestion: () => ({ action: 'decline' }) });

    expect(writtenIn(await call('update_user', change)).outcome).toBe('declined');
    expect(sent()).toEqual([]);
  });

  test('takes a token for this password alone, without a name', async () => {
    const { call, sent, log } = await connect({ confirm: 'destructive' });
    const { confirmationToken } = writtenIn(await call('update_user', change));

    const other = await call('update_user', { ...change, password: 'another-password', confirmationToken });
    expect(writtenIn(other).note).toMatch(/confirmationToken is not valid for this call/);
    expect(sent()).toEqual([]);

    expect(writtenIn(await call('update_user', { ...change, confirmationToken })).outcome).toBe('started');
    expect(JSON.stringify(log)).not.toContain(PASSWORD);
  });

  test('whose answer is lost says how to check whether it took effect', async () => {
    const { call, sandbox, sent } = await connect();
    failWrites(sandbox, { kind: 'lost' });

    expect(errorOf(await call('update_user', change))).toMatch(
      /check with get_user\. A lastModifiedDate of \d{4}-\S+ or later means that the new password is in use; currently it is \d{4}-/,
    );
    expect(sent()).toHaveLength(1);
  });
});

describe('delete_user', () => {
  test('removes the user once a person has said yes, and says who is locked out', async () => {
    let asked = '';
    const world = await connect({
      confirm: 'destructive',
      onQuestion({ message }) {
        asked = message;
        return { action: 'accept', content: { confirm: true } };
      },
    });

    const { facts, ...plan } = await planOf('delete_user', reporting, world.sandbox);

    const result = await world.call('delete_user', reporting);

    expect(facts).toEqual({ kind: 'user-deletion', cluster, username: 'reporting', owns: [] });
    expect(asked).toBe([plan.summary, ...plan.effects].join('\n'));
    expect(result.structuredContent).toMatchObject({
      outcome: 'done',
      note: 'Deleted.',
      plan: { summary: plan.summary, effects: plan.effects },
    });
    expect(world.sent()).toMatchObject([{ method: 'DELETE', path: `clusters/${ORDERS}/users/reporting` }]);
    expect(await listed(world)).toEqual(['audit', 'orders_owner']);
    expect(world.log[1]).toMatchObject({ target: `${ORDERS}/reporting`, outcome: 'done', audit: true });
  });

  test('is planned with what the user owns', async () => {
    const { call, sandbox, sent } = await connect();

    const { owns } = await factsOf('user-deletion', 'delete_user', owner, sandbox);

    expect(owns).toEqual(['shop', 'shop_staging']);
    expect(errorOf(await call('delete_user', owner))).toMatch(/422.*owns shop/);
    expect(sent()).toHaveLength(1);
  });
});

test.each(['update_user', 'delete_user'])('%s leaves the users of the service alone', async (tool) => {
  const { call, sent } = await connect();
  const args = tool === 'update_user' ? { password: PASSWORD } : {};

  for (const username of ['postgres', 'standby', 'ionos_cloud_admin']) {
    expect(errorOf(await call(tool, { clusterId: ORDERS, username, ...args }))).toBe(
      `Nothing was sent. ${username} is one of the service's own users, which cannot be changed or deleted.`,
    );
  }
  expect(sent()).toEqual([]);
});

test.each([
  ['create_user', { ...app, password: PASSWORD }],
  ['update_user', { ...reporting, password: PASSWORD }],
  ['delete_user', reporting],
])('%s is stopped by neverChange of the policy, and while the cluster is BUSY', async (tool, args) => {
  const ruled = await connect({ policy: '{"neverChange": ["orders"]}' });
  const busy = await connect();
  await changeOutside(busy.sandbox, ORDERS, { cores: 4 });

  expect(errorOf(await ruled.call(tool, args))).toMatch(/neverChange "orders"/);
  expect(errorOf(await busy.call(tool, args))).toMatch(/is BUSY with another change/);
  expect([...ruled.sent(), ...busy.sent()]).toEqual([]);
});

test.each(['get_user', 'update_user', 'delete_user'])('%s of nobody says how to find who is there', async (tool) => {
  const { call, sent } = await connect({ access: 'full' });
  const args = tool === 'update_user' ? { password: PASSWORD } : {};

  const text = errorOf(await call(tool, { clusterId: ORDERS, username: 'nobody', ...args }));

  expect(text).toMatch(/404: .*the user does not exist\nThere is no user "nobody" on "orders"\. Its users: "audit", /);
  expect(sent()).toEqual([]);
});

test('names with any characters keep their place in the path', async () => {
  const { call, requests, sandbox } = await connect();
  failReads(sandbox, /users/, { kind: 404 });

  for (const username of ['ä ö', '?x=1#y', '{x}', '..x', 'a;b']) {
    await call('get_user', { clusterId: ORDERS, username });
    const asked = requests.map(({ path }) => path).filter((path) => path.includes('/users/'));
    expect(asked.at(-1)).toBe(`clusters/${ORDERS}/users/${encodeURIComponent(username)}`);
  }
});

test.each([
  '../../c-2',
  '..',
  'a/b',
  'a\\b',
  '%2e%2e',
  '..%2F..%2Fc-2',
  'a%00',
  'a\u0000',
  '..\n',
  '\\u{2F}\\u{0}',
  '..;',
  '.;x',
  '．．',
  '․․',
  '‥',
  '．．／．．／c-2',
  '..／..／c-2',
  '％2e％2e％2fc-2',
  '․․＼x',
  'x／．．',
  ' .. ',
  '\u200b..',
])('a name that a gateway could take for another place is refused (%j)', async (strange) => {
  const { call, requests } = await connect();
  const inside = { clusterId: ORDERS };
  for (const [tool, args] of [
    ['get_user', { username: strange }],
    ['create_user', { username: strange, password: PASSWORD }],
    ['update_user', { username: strange, password: PASSWORD }],
    ['delete_user', { username: strange }],
    ['get_database', { name: strange }],
    ['create_database', { name: strange, owner: 'reporting' }],
    ['create_database', { name: 'x', owner: strange }],
    ['delete_database', { name: strange }],
  ] as const) {
    expect(errorOf(await call(tool, { ...inside, ...args }))).toMatch(/manage such names with SQL|which gateways drop/);
  }
  expect(requests).toEqual([]);
});

test('delete_user goes on where the databases cannot be read, and leaves open what it owns', async () => {
  const { call, sandbox, sent } = await connect();
  failReads(sandbox, /\/databases$/, { kind: 403 });
  const args = { clusterId: ORDERS, username: 'reporting' };

  expect((await factsOf('user-deletion', 'delete_user', args, sandbox)).owns).toBeUndefined();

  expect(writtenIn(await call('delete_user', args)).outcome).toBe('done');
  expect(sent()).toMatchObject([{ method: 'DELETE' }]);
});

test.each(['_app', 'r&d', 'a*b', '`x`', 'a<b>', '"q"', '[x]', '~'])(
  'a name that plans and errors spell out can be given as they show it: %s',
  async (username) => {
    const { call, pass } = await connect();
    await call('create_user', { clusterId: ORDERS, username, password: PASSWORD });
    pass(6_000);
    const again = errorOf(await call('create_user', { clusterId: ORDERS, username, password: PASSWORD }));
    const [, shown = ''] = /already has a user "(.*)"\. /.exec(again) ?? [];

    const { structuredContent } = await call('get_user', { clusterId: ORDERS, username: shown });

    expect(shown).toContain('\\u{');
    expect(structuredContent).toMatchObject({ username });
  },
);

test("so can part of a cluster's name", async () => {
  const { call, sandbox } = await connect();
  const { id } = sandbox.addCluster({ displayName: 'R&D [eu]' });

  const { structuredContent } = await call('list_clusters', { name: 'R\\u{26}D' });

  expect(structuredContent).toMatchObject({ clusters: [{ id }] });
});

test.each([`${'\ud800'.repeat(10)}`, 'a\u0000bcdefghij'])(
  'a password with which nobody could log in is refused: %j',
  async (password) => {
    const { call, requests } = await connect();

    const text = errorOf(await call('create_user', { clusterId: ORDERS, username: 'app', password }));

    expect(text).toContain('password: contains a NUL character or half of a surrogate pair');
    expect(requests).toEqual([]);
  },
);
