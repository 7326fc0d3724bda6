import type { AccountFacts } from '../api/credentials.ts';
import type { Operation } from '../telemetry/telemetry.ts';
import type { HttpCaller } from './http-caller.ts';

/** One of several accounts of IONOS that the server acts for. */
export interface Profile {
  name: string;
  /** Undefined if it is not known. */
  contract?: string;
}

export interface CallSource {
  signal: AbortSignal;
  httpCaller?: HttpCaller;
  /** Where the server acts for several accounts. */
  profile?: Profile;
  /** The request that it is, where that is recorded. */
  operation?: Operation;
  onProgress?(seconds: number, message: string): void;
}

/** Tells apart whose credentials a call uses. */
export function credentialsKeyOf({ profile, httpCaller }: CallSource): string {
  return profile?.name ?? httpCaller?.accountKey ?? '';
}

/**
 * Tells apart calls that must have nothing in common: consent, locks, claims and totals. Two profiles can be of one
 * contract, and two replicas can reach the same API at two addresses. A sandbox that shares a key and a state with a real
 * server by mistake has nothing in common with it.
 */
export function accountKeyOf({ profile, httpCaller }: CallSource, { sandbox, account }: Served): string {
  const contract = profile ? profile.contract : account.contract;
  const own = profile ? `profile ${profile.name}` : '';
  const key = httpCaller?.accountKey ?? (contract === undefined ? own : `contract ${contract}`);
  return sandbox ? `sandbox ${key}` : key;
}

interface Served {
  sandbox: boolean;
  account: Pick<AccountFacts, 'contract'>;
}

/** That of the call; of what a caller's own credentials say, the account of the server says nothing. */
export function accountFactsIn({ profile, httpCaller }: CallSource, accounts: readonly AccountFacts[]): AccountFacts {
  const account = profile ? accounts.find((each) => each.profile === profile.name) : accounts[0];
  if (!account) throw new Error('a call is for no account that is known');
  const credentials = httpCaller?.credentials;
  if (credentials) return { ...account, credentials, contract: credentials.contract };
  // What its credentials do not name may have been read meanwhile.
  return profile?.contract === undefined ? account : { ...account, contract: profile.contract };
}

/** As log lines and results of writes name it. */
export const labelled = (profile: Profile | undefined) =>
  profile && { profile: profile.name, ...(profile.contract !== undefined && { contract: profile.contract }) };
