/** Why a request is not let in; the message is for the log and repeats nothing of the token. */
export abstract class Refusal extends Error {
  abstract readonly status: 401 | 403 | 503;
  /** All that the caller is told. */
  abstract readonly code: string;
}

export class NoTokenError extends Refusal {
  override name = 'NoTokenError';
  readonly status = 401;
  readonly code = 'unauthorized';
}

/** The token is not one that this server takes. */
export class InvalidTokenError extends Refusal {
  override name = 'InvalidTokenError';
  readonly status = 401;
  readonly code = 'invalid_token';
}

/** The token is good, but gives no right on this server. */
export class InsufficientScopeError extends Refusal {
  override name = 'InsufficientScopeError';
  readonly status = 403;
  readonly code = 'insufficient_scope';
}

/** Whether the token is good cannot be told, for the authorization server's keys cannot be had. */
export class AuthorizationServerDownError extends Refusal {
  override name = 'AuthorizationServerDownError';
  readonly status = 503;
  readonly code = 'temporarily_unavailable';
  constructor(
    message: string,
    /** Seconds until it is asked again. */
    readonly retryAfter: number,
  ) {
    super(message);
  }
}
