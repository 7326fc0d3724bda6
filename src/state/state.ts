/** What the replicas of a server agree on. All times are by the clock of the state itself. */
export interface State {
  /** Undefined once its time is over. */
  recall(key: string): Promise<string | undefined>;
  remember(key: string, text: string, ms: number): Promise<void>;
  /** Takes or prolongs it; false while another holder has it. */
  lease(key: string, holder: string, ms: number): Promise<boolean>;
  release(key: string, holder: string): Promise<void>;
  claimed(account: string): Promise<Claimed>;
  /** False, and without effect, if the account has got a new claim since `version`. */
  claim(claim: NewClaim, version: string): Promise<boolean>;
  /** The write of this claim was sent. Its `once` lasts on. */
  settle(id: string, cluster: string | undefined): Promise<void>;
  /** Nothing was sent. */
  unclaim(id: string): Promise<void>;
  forget(account: string, cluster: string): Promise<void>;
  /** All of it or nothing, right before a write is sent. */
  begin(write: WriteBeginning): Promise<Begun>;
  /** Adds to what the key has used up in the present minute, of which it has `limit`. Never fails. */
  count(key: string, points: number, limit: number): Promise<Counted>;
  /** False while the state is shared and cannot be reached. */
  isReachable(): boolean;
  close(): Promise<void>;
}

export interface StoredClaim {
  id: string;
  /** A placeholder until the cluster's ID is known. */
  cluster: string;
  /** Each key can be claimed once: the same key is the same write. */
  once: readonly string[];
  /** Plain data; undefined once the API's lists show the write. */
  data?: unknown;
}

export interface NewClaim extends StoredClaim {
  account: string;
}

export interface Claimed {
  version: string;
  /** In the order in which they were made. */
  claims: readonly StoredClaim[];
}

export interface WriteBeginning {
  claim?: string;
  lease?: { key: string; holder: string };
  /** Consent that is used up by this write. */
  agreement?: { key: string; ms: number };
}

/** `lost`: its turn or its claim is over. */
export type Begun = 'begun' | 'spent' | 'lost';

export interface Counted {
  points: number;
  /** Until the minute is over. */
  msLeft: number;
}

export const MINUTE_MS = 60_000;
/** From the claim to the request, with room for the longest call. */
export const PLANNED_MS = 60_000;
/** How long the API's lists can lag behind a write. */
export const LAG_MS = 120_000;
/** Within this time, an equal order counts as the same one, sent again after its answer was lost. */
export const ONCE_MS = 600_000;
