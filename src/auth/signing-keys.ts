import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey, type LocalJWKSet } from 'jose';
import { AuthorizationServerDownError } from './refusals.ts';

interface SigningKeysOptions {
  load(): Promise<JSONWebKeySet>;
  now(): number;
  /** Told at each attempt that failed, also while the keys of before still serve. */
  onProblem(problem: string): void;
}

const FRESH_MS = 10 * 60_000;
/** How long keys serve while no newer ones can be had: a revoked key must end at some time. */
const USABLE_MS = 60 * 60_000;
/** Between attempts: a made-up key ID must not become a request to the authorization server each time. */
const PAUSE_MS = 60_000;
const PAUSE_WITHOUT_KEYS_MS = 5000;

/**
 * The authorization server's keys, fetched when first needed, when they are old, and for a key ID that is not among
 * them. jose's own remote set has no pause after a fetch that failed, and no clock to be given.
 */
export function createSigningKeys({ load, now, onProblem }: SigningKeysOptions): JWTVerifyGetKey {
  let keys: { find: LocalJWKSet; at: number } | undefined;
  let last: { at: number; failure?: string } = { at: Number.NEGATIVE_INFINITY };
  let pending: Promise<void> | undefined;

  const age = () => now() - (keys?.at ?? Number.NEGATIVE_INFINITY);
  const nextAttempt = () => last.at + (age() < USABLE_MS ? PAUSE_MS : PAUSE_WITHOUT_KEYS_MS);

  async function fetchKeys() {
    last = { at: now() };
    try {
      keys = { find: createLocalJWKSet(await load()), at: now() };
    } catch (error) {
      const failure = `no keys from the authorization server: ${error instanceof Error ? error.message : error}`;
      last = { at: now(), failure };
      onProblem(failure);
    }
  }

  async function refresh() {
    if (!pending && now() < nextAttempt()) return;
    pending ??= fetchKeys().finally(() => {
      pending = undefined;
    });
    await pending;
  }

  async function usableKeys(): Promise<LocalJWKSet> {
    if (age() >= FRESH_MS) await refresh();
    if (!keys || age() >= USABLE_MS) throw down();
    return keys.find;
  }

  const down = () =>
    new AuthorizationServerDownError(last.failure ?? '', Math.max(1, Math.ceil((nextAttempt() - now()) / 1000)));

  return async (header, token) => {
    const find = await usableKeys();
    try {
      return await find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await refresh();
      if (last.failure !== undefined) throw down();
      return (await usableKeys())(header, token);
    }
  };
}
