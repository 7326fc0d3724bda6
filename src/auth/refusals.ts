/** For the log alone. */
export interface RefusalDetails {
  /** What the caller sent: foreign text of any length. */
  value?: string;
  expected?: string;
  /** The one that sets what is expected. */
  flag?: string;
}

/** The message goes to the log and to the caller, and contains no part of the token. */
export abstract class Refusal extends Error {
  abstract readonly status: 401 | 403 | 503;
  abstract readonly code: string;
  readonly details: RefusalDetails;
  constructor(message: string, details: RefusalDetails = {}) {
    super(message);
    this.details = details;
  }
}

export class NoTokenError extends Refusal {
  override name = 'NoTokenError';
  readonly status = 401;
  readonly code = 'unauthorized';
}

export class InvalidTokenError extends Refusal {
  override name = 'InvalidTokenError';
  readonly status = 401;
  readonly code = 'invalid_token';
}

export class InsufficientScopeError extends Refusal {
  override name = 'InsufficientScopeError';
  readonly status = 403;
  readonly code = 'insufficient_scope';
}

export class AuthorizationServerDownError extends Refusal {
  override name = 'AuthorizationServerDownError';
  readonly status = 503;
  readonly code = 'temporarily_unavailable';
  constructor(
    message: string,
    /** Seconds */
    readonly retryAfter: number,
  ) {
    super(message);
  }
}
