import { expect, test } from 'vitest';
import { accountKeyOf } from '../../src/calls/source.ts';

const { signal } = new AbortController();

test('what a server acts for is one account wherever it runs, and no other', () => {
  const profile = { name: 'staging' };
  const accounts = [
    accountKeyOf({ signal }, { sandbox: false, account: {} }),
    accountKeyOf({ signal }, { sandbox: true, account: {} }),
    accountKeyOf({ signal }, { sandbox: false, account: { contract: '1' } }),
    accountKeyOf({ signal }, { sandbox: false, account: { contract: '2' } }),
    accountKeyOf({ signal, profile }, { sandbox: false, account: {} }),
    accountKeyOf({ signal, profile: { ...profile, contract: '3' } }, { sandbox: false, account: {} }),
  ];

  expect(new Set(accounts).size).toBe(accounts.length);
  expect(accountKeyOf({ signal }, { sandbox: false, account: {} })).toBe(accounts[0]);
});

test('two profiles of one contract are one account', () => {
  const served = { sandbox: false, account: {} };
  const [one, other] = ['a', 'b'].map((name) => accountKeyOf({ signal, profile: { name, contract: '1' } }, served));

  expect(one).toBe(other);
});
