import { describe, expect, test } from 'vitest';
import { AuthorizationServerDownError } from '../../src/auth/refusals.ts';
import { createKey } from './provider.ts';
import { NO_KEY, refusal, type World, world } from './world.ts';

const MINUTE = 60_000;

describe('keys', () => {
  test('that the server changes to are fetched, once the last fetch is a minute ago', async () => {
    const it = await world();
    const before = await it.make();
    await it.verify(before);
    it.server.useKey(await createKey('second'));
    const after = await it.server.issue();

    it.pass(MINUTE - 1);
    expect(await refusal(it, after)).toBe(NO_KEY);
    expect(it.keyFetches()).toBe(1);
    it.pass(1);
    expect(await it.verify(after)).toMatchObject({ name: 'team' });
    expect(it.keyFetches()).toBe(2);
    expect(await refusal(it, before)).toBe(NO_KEY);
  });

  test('are not fetched more than once a minute, however many unknown ones are named', async () => {
    const it = await world();
    const tokens = await Promise.all(
      ['a', 'b', 'c'].map(async (kid) => it.make({}, { ...(await createKey(kid, 'ES256')), kid })),
    );
    await it.verify(await it.make());
    for (const fetches of [2, 3]) {
      it.pass(MINUTE);
      await Promise.all(tokens.map((token) => refusal(it, token)));
      for (const token of tokens) await refusal(it, token);
      expect(it.keyFetches()).toBe(fetches);
    }
  });

  test('are fetched again when they are old, without another look-up', async () => {
    const it = await world();
    const token = await it.make();
    await it.verify(token);
    const before = it.server.requests.length;
    it.pass(10 * MINUTE);
    await it.verify(token);
    expect(it.server.requests.slice(before)).toEqual(['/jwks']);
  });

  test('are not fetched again for a token that leaves open which of them it is', async () => {
    const [one, two] = [await createKey('one', 'ES256'), await createKey('two', 'ES256')];
    let fetches = 0;
    const it = await world({
      jwksUrl: 'https://login.example.com/keys',
      async fetch() {
        fetches += 1;
        return Response.json({ keys: [one.publicJwk, two.publicJwk] });
      },
    });
    await it.verify(await it.make({}, one));
    it.pass(MINUTE);
    expect(await refusal(it, await it.make({}, one, { kid: undefined }))).toContain('does not name its key (kid)');
    expect(fetches).toBe(1);
  });

  test('that the server withdrew are good for ten minutes more at most', async () => {
    const it = await world();
    const token = await it.make();
    await it.verify(token);
    it.server.useKey(await createKey('second'));
    it.pass(10 * MINUTE - 1);
    await it.verify(token);
    it.pass(1);
    expect(await refusal(it, token)).toBe(NO_KEY);
  });
});

/** In how many seconds the verifier says that it asks again. */
async function downFor({ verify }: World, token: string): Promise<number> {
  const error = await verify(token).catch((error: unknown) => error);
  if (!(error instanceof AuthorizationServerDownError)) throw error;
  return error.retryAfter;
}

describe('while the authorization server is down', () => {
  test('nobody gets in at first, and everybody as soon as it is back', async () => {
    const it = await world();
    const token = await it.make();
    await it.server.stop();

    expect(await downFor(it, token)).toBe(5);
    it.pass(4000);
    expect(await downFor(it, token)).toBe(1);
    expect(it.problems).toEqual([expect.stringContaining('ECONNREFUSED')]);

    await it.server.start();
    it.pass(1000);
    expect(await it.verify(token)).toMatchObject({ name: 'alice' });
  });

  test('the keys of before serve for an hour, with an attempt each minute', async () => {
    const it = await world();
    const token = await it.make();
    await it.verify(token);
    await it.server.stop();

    it.pass(59 * MINUTE);
    await it.verify(token);
    await it.verify(token);
    expect(it.problems).toHaveLength(1);
    it.pass(MINUTE);
    expect(await downFor(it, token)).toBe(5);
    expect(it.problems).toHaveLength(2);
  });

  test('a token with a new key is neither good nor bad', async () => {
    const it = await world();
    await it.verify(await it.make());
    await it.server.stop();
    const token = await it.make({}, await createKey('second'));

    it.pass(MINUTE);
    expect(await downFor(it, token)).toBe(60);
    it.pass(20_000);
    expect(await downFor(it, token)).toBe(40);
    expect(it.problems).toHaveLength(1);
  });

  test('a token that is invalid even without its keys is still refused as such', async () => {
    const it = await world();
    await it.server.stop();
    expect(await refusal(it, 'a.b.c')).toBe('it is not a valid JWT (ERR_JWS_INVALID)');
  });
});
