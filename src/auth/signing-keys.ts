import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey, type LocalJWKSet } from 'jose';
import { AuthorizationServerDownError } from './refusals.ts';

interface SigningKeysOptions {
  load(): Promise<JSONWebKeySet>;
  now(): number;
  /** Runs after each failed fetch, even while earlier keys remain usable. */
  onProblem(problem: string): void;
}

const FRESH_MS = 10 * 60_000;
/** Bounds the use of a revoked key while fetches fail. */
const USABLE_MS = 60 * 60_000;
/** Prevents a fetch for each token with an invented key ID. */
const PAUSE_MS = 60_000;
const PAUSE_WITHOUT_KEYS_MS = 5000;

/** Unlike jose's remote set, pauses after a failed fetch and accepts a clock. */
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
