import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contractIn, credentialFacts } from '../../src/api/credentials.ts';

const jwt = (claims: unknown) =>
  `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`;
const USER = 'b41a7f08-36d9-4c85-9f2b-d8c05b6a1e90';

test('a token names its contract, its user with the role, and when it expires', () => {
  const identity = { contractNumber: 31_812_345, uuid: USER, role: 'owner', isParent: false };

  expect(credentialFacts(`Bearer ${jwt({ iss: 'ionoscloud', exp: 1_800_000_000, identity })}`)).toEqual({
    kind: 'token',
    contract: '31812345',
    user: USER,
    role: 'owner',
    expires: '2027-01-15T08:00:00.000Z',
  });
});

test('a user and password show the user alone', () => {
  const authorization = `Basic ${Buffer.from('jo@example.com:planted:word').toString('base64')}`;

  expect(credentialFacts(authorization)).toEqual({ kind: 'user and password', user: 'jo@example.com' });
});

test.each([
  ['no JWT', 'Bearer planted'],
  ['no claims', `Bearer ${jwt(null)}`],
  ['no identity', `Bearer ${jwt({ identity: null })}`],
  ['odd values', `Bearer ${jwt({ exp: 1e300, identity: { contractNumber: '12 and more', uuid: {}, role: 7 } })}`],
  [
    'values that are no text',
    `Bearer ${jwt({ identity: { contractNumber: { toString: null }, uuid: [], role: {} } })}`,
  ],
  ['a long text', `Bearer ${jwt({ exp: '1800000000', identity: { role: 'x'.repeat(101), uuid: '' } })}`],
])('a token with %s says nothing', (_, authorization) => {
  expect(JSON.parse(JSON.stringify(credentialFacts(authorization)))).toEqual({ kind: 'token' });
});

test('nothing that a token can hold makes it fail, or long', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (contractNumber, uuid) => {
      const token = jwt({ exp: contractNumber, identity: { contractNumber, uuid, role: uuid } });
      expect(JSON.stringify(credentialFacts(`Bearer ${token}`)).length).toBeLessThan(1_400);
      expect(contractIn(token) ?? '1').toMatch(/^\d{1,20}$/);
    }),
    { numRuns: 2_000 },
  );
});
