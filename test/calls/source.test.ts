import { expect, test } from 'vitest';
import { accountIn } from '../../src/calls/source.ts';

const { signal } = new AbortController();

test('what a server acts for is one account wherever it runs, and no other', () => {
  const profile = { name: 'staging' };
  const accounts = [
    accountIn({ signal }, { sandbox: false, account: {} }),
    accountIn({ signal }, { sandbox: true, account: {} }),
    accountIn({ signal }, { sandbox: false, account: { contract: '1' } }),
    accountIn({ signal }, { sandbox: false, account: { contract: '2' } }),
    accountIn({ signal, profile }, { sandbox: false, account: {} }),
    accountIn({ signal, profile: { ...profile, contract: '3' } }, { sandbox: false, account: {} }),
  ];

  expect(new Set(accounts).size).toBe(accounts.length);
  expect(accountIn({ signal }, { sandbox: false, account: {} })).toBe(accounts[0]);
});

test('two profiles of one contract are one account', () => {
  const served = { sandbox: false, account: {} };
  const [one, other] = ['a', 'b'].map((name) => accountIn({ signal, profile: { name, contract: '1' } }, served));

  expect(one).toBe(other);
});
