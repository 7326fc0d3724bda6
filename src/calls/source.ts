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
  return profile?.name ?? httpCaller?.account ?? '';
}

/**
 * Tells apart calls that must have nothing in common: consent, locks, claims and totals, also of servers that share a key
 * and a state by mistake. Two profiles can be of one contract.
 */
export function accountIn({ profile, httpCaller }: CallSource, { sandbox, account }: Served): string {
  const place = sandbox ? 'sandbox' : account.apiUrl;
  const contract = profile ? profile.contract : account.contract;
  const own = profile ? `profile ${profile.name}` : '';
  return `${place} ${httpCaller?.account ?? (contract === undefined ? own : `contract ${contract}`)}`;
}

interface Served {
  sandbox: boolean;
  account: Pick<AccountFacts, 'apiUrl' | 'contract'>;
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
