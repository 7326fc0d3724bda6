/** One of several accounts of IONOS that the server acts for. */
export interface Profile {
  name: string;
  /** Undefined if it is not known. */
  contract?: string;
}

/** Tells apart calls that must have nothing in common: clusters, locks, claims and agreements. */
export function accountIn({ profile, httpCaller }: { profile?: Profile; httpCaller?: { account: string } }): string {
  return profile?.name ?? httpCaller?.account ?? '';
}

/** As log lines and results of writes name it. */
export const labelled = (profile: Profile | undefined) =>
  profile && { profile: profile.name, ...(profile.contract !== undefined && { contract: profile.contract }) };
