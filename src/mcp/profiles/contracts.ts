import type { ApiClient, CallScope } from '../../api/client.ts';
import type { Profile } from '../../calls/source.ts';
import { findContract } from '../../prices/price-list.ts';

const READ_MS = 6_000;
const AGAIN_MS = 60_000;

/** Credentials that name no contract: IONOS shows it. Every plan, result and log line then names it. */
export function createContracts(apiFor: (scope: CallScope, profile: string) => ApiClient) {
  const found = new Map<string, Promise<string | undefined>>();

  function contractOf({ name }: Profile): Promise<string | undefined> {
    const reading = found.get(name) ?? read(name);
    found.set(name, reading);
    return reading;
  }

  async function read(name: string): Promise<string | undefined> {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(new Error('the contract did not arrive in time')), READ_MS);
    const scope = { signal: controller.signal, deadline: Date.now() + READ_MS };
    try {
      const contract = await findContract(apiFor(scope, name));
      if (typeof contract === 'string') return contract;
    } catch {
      // The call does without it.
    } finally {
      clearTimeout(timer);
    }
    setTimeout(() => found.delete(name), AGAIN_MS).unref();
    return undefined;
  }

  /** The profile with its contract, as far as that can be read. */
  return async function withContract(profile: Profile): Promise<Profile> {
    return profile.contract === undefined ? { ...profile, contract: await contractOf(profile) } : profile;
  };
}
