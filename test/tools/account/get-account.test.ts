import { describe, expect, test } from 'vitest';
import type { Fetch } from '../../../src/api/client.ts';
import { credentialFacts } from '../../../src/api/credentials.ts';
import { connect, tokenOf, type World } from '../../helpers/connect.ts';
import { hurried } from '../../helpers/fake-clock.ts';
import { host } from '../../helpers/in-process-host.ts';

const DAY_S = 86_400;
const USER = 'b41a7f08-36d9-4c85-9f2b-d8c05b6a1e90';

/** In the form of IONOS's tokens. */
const tokenFor = (contractNumber: number, expiresInDays = 200) => {
  const identity = { contractNumber, uuid: USER, role: 'owner' };
  const claims = { iss: 'ionoscloud', exp: Math.floor(Date.now() / 1000) + expiresInDays * DAY_S, identity };
  const [head, payload] = [{ alg: 'none' }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  return `${head}.${payload}.planted`;
};
const factsOf = (token: string) => {
  const credentials = credentialFacts(`Bearer ${token}`);
  return { credentials, contract: credentials.contract };
};

interface Shown {
  accounts: object[];
  server: object;
  note?: string;
}

/** As it arrives over a wire. */
const shownIn = ({ structuredContent }: { structuredContent?: unknown }): Shown =>
  JSON.parse(JSON.stringify(structuredContent));

async function accountIn(world: World) {
  const { call, ...rest } = await connect(world);
  const { accounts, server, note } = shownIn(await call('get_account'));
  return { account: accounts[0], accounts, server, note, call, ...rest };
}

const refused: Fetch = async () => Response.json({ message: 'no rights' }, { status: 403 });
const showing =
  (contracts: number[], companies: object[]): Fetch =>
  async ({ url }) =>
    url.includes('/billing/')
      ? Response.json({ companies })
      : Response.json({
          items: contracts.map((contractNumber) => ({ properties: { contractNumber, owner: 'jo@example.com' } })),
        });

describe('get_account shows', () => {
  test('the contract, its name and owner, the quota and where the API is', async () => {
    const { account, note } = await accountIn({});

    expect(account).toEqual({
      contract: '31234567',
      name: 'Example Shop (fictional)',
      owner: 'sandbox@example.com',
      status: 'BILLABLE',
      credentials: { kind: 'token' },
      quota: [
        { of: 'cores', limit: 200, used: expect.any(Number) },
        { of: 'GB of memory', limit: 800, used: expect.any(Number) },
        { of: 'GB of storage', limit: 20_480, used: expect.any(Number) },
        { of: 'PostgreSQL clusters', limit: 50, used: 5 },
      ],
      api: { v1: 'https://api.ionos.com/databases/postgresql' },
    });
    expect(note).toBeUndefined();
  });

  test('what the token says of itself, and that nobody has verified it', async () => {
    const { account, note } = await accountIn({ account: factsOf(tokenFor(31_234_567)) });

    expect(account).toMatchObject({
      contract: '31234567',
      credentials: { kind: 'token', user: USER, role: 'owner', expires: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) },
    });
    expect(note).toBe('User, role and expiry are what the token says of itself; nobody has verified it.');
  });

  test.each([
    [13, /The token expires in 13 days\./],
    [1, /The token expires in 1 day\./],
    [-1, /The token has expired\./],
    [15, /verified it\.$/],
  ])('a token that expires in %i days: %s', async (days, words) => {
    const { note } = await accountIn({ account: factsOf(tokenFor(31_234_567, days)) });

    expect(note).toMatch(words);
  });

  test('the contract that the token names where IONOS shows none, and says so', async () => {
    const { account, note } = await accountIn({ account: factsOf(tokenFor(31_234_567)), billing: refused });

    expect(account).toMatchObject({ contract: '31234567' });
    expect(account).not.toHaveProperty('owner');
    expect(note).toContain('IONOS has not confirmed the contract: these credentials may not read it.');
  });

  test('no contract rather than one of several', async () => {
    const billing = showing([1, 2], [{ contractId: '3', reference: 'third' }]);

    const { account, note } = await accountIn({ billing });

    expect(account).toMatchObject({ contracts: ['1', '2', '3'] });
    expect(account).not.toHaveProperty('contract');
    expect(note).toBe('These credentials see several contracts; IONOS_CONTRACT_NUMBER chooses one.');
  });

  test('the name and owner of the contract that the operator chose, among several', async () => {
    const billing = showing(
      [1, 2],
      [
        { contractId: '1', reference: 'one' },
        { contractId: '2', reference: 'two' },
      ],
    );

    const { account } = await accountIn({ billing, account: { contract: '2' } });

    expect(account).toMatchObject({ contract: '2', name: 'two', owner: 'jo@example.com' });
  });

  test.each([
    [
      'rows of another form',
      { items: [7, { properties: {} }, { properties: { contractNumber: 5, owner: {} } }], companies: [null] },
      '5',
    ],
    [
      'numbers that are none',
      { items: [{ properties: { contractNumber: '1; drop' } }], companies: [{ contractId: -1 }] },
      undefined,
    ],
    ['an answer of another form', { items: 'none', companies: {} }, undefined],
  ])('what can be used of %s', async (_, answer, contract) => {
    const { account } = await accountIn({ billing: async () => Response.json(answer) });

    expect(Object(account).contract).toBe(contract);
  });

  test('long and hidden texts bounded and visible', async () => {
    const billing = showing([31_234_567], [{ contractId: '31234567', reference: `shop\u202E${'x'.repeat(5_000)}` }]);

    const { accounts } = await accountIn({ billing });

    const text = JSON.stringify(accounts);
    expect(text).toContain('\\\\u{202E}');
    expect(text.length).toBeLessThan(1_500);
  });
});

describe('of the server it shows', () => {
  test('access, toolsets, consent and whether it is a sandbox', async () => {
    const world = {
      access: 'write',
      toolsets: ['users'],
      confirm: 'costly',
      confirmAbove: '10',
      isSandbox: true,
    } as const;

    const { server, account } = await accountIn(world);

    expect(account).not.toHaveProperty('api');
    expect(server).toEqual({
      sandbox: true,
      access: 'write',
      toolsets: ['users'],
      confirm: 'costly',
      confirmAbove: '10',
      requireHuman: false,
    });
  });

  test('whom the policy names, its limits and no more, as the file is now', async () => {
    let policy = JSON.stringify({
      owner: 'the platform team',
      neverDelete: ['secret-*'],
      perCluster: { cores: 8, monthlyCost: 250 },
      inTotal: { clusters: 3 },
      currency: 'EUR',
      locations: ['de/txl'],
      versions: [16],
    });

    const { server, note, call } = await accountIn({ policy: () => policy });

    expect(server).toMatchObject({
      policy: {
        owner: 'the platform team',
        perCluster: { cores: 8, monthlyCost: '250' },
        inTotal: { clusters: 3 },
        currency: 'EUR',
        locations: ['de/txl'],
        versions: ['16'],
      },
    });
    expect(note).toContain('The policy also protects clusters by their names');
    expect(JSON.stringify([server, note])).not.toContain('secret');
    policy = '{"owner": "dba"}';
    expect(shownIn(await call('get_account')).note ?? '').not.toContain('protects');

    policy = '{';
    const now = shownIn(await call('get_account'));
    expect(now.note).toContain('policy file cannot be read');
    expect(now.server).not.toHaveProperty('policy');
  });

  test('over HTTP the access of the caller', async () => {
    const { modern } = await host({
      gate: async () => ({ name: 'reader', access: 'read' }),
    });
    const client = await modern();

    const { structuredContent } = await client.callTool({ name: 'get_account', arguments: {} });

    expect(structuredContent).toMatchObject({ server: { access: 'read' } });
  });
});

test("over HTTP with callers' own tokens, each sees what theirs says, and no token is shown", async () => {
  const { modern, log } = await host({ callersOwnToken: true });
  const tokens = [tokenFor(11_111_111), tokenFor(22_222_222)];

  const shown = await Promise.all(
    tokens.map(async (token) => {
      const client = await modern({ 'x-ionos-token': token });
      return JSON.stringify(await client.callTool({ name: 'get_account', arguments: {} }));
    }),
  );

  expect(shown[0]).toContain('11111111');
  expect(shown[0]).not.toContain('22222222');
  expect(shown[1]).toContain('22222222');
  for (const token of tokens) expect(shown.join() + JSON.stringify(log)).not.toContain(token);
});

describe('with several profiles', () => {
  const profiles = [{ name: 'shop', contract: '31234567' }, { name: 'lab' }];

  test('it shows every account, each with its profile, and the server once', async () => {
    const { accounts, server, call } = await accountIn({ profiles });

    expect(accounts).toMatchObject([
      { profile: 'shop', contract: '31234567' },
      { profile: 'lab', contract: '31234567' },
    ]);
    expect(server).toMatchObject({ access: 'full' });
    const { structuredContent } = await call('get_account', { profile: 'lab' });
    expect(structuredContent).toMatchObject({ accounts: [{ profile: 'lab' }] });
    expect(JSON.stringify(accounts)).not.toContain(tokenOf('shop'));
  });
});

test('an IONOS that cannot be reached leaves what this server knows itself', async () => {
  const failing: Fetch = async () => Promise.reject(new TypeError('fetch failed'));
  const { account, note } = await hurried(() => accountIn({ fetch: failing, billing: failing }));

  expect(note).toBe('The contract is not known: the credentials do not name it, and may not read it.');

  expect(account).toEqual({
    credentials: { kind: 'token' },
    api: { v1: 'https://api.ionos.com/databases/postgresql' },
  });
});
