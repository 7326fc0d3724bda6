/** No connection came about, so that nothing of the request was sent; the cause says why. */
export class UnreachedError extends Error {
  override name = 'UnreachedError';
  constructor(cause: Error) {
    super(cause.message, { cause });
  }
}

/** A proxy was reached, and led no further. */
export class ProxyRefusalError extends Error {
  override name = 'ProxyRefusalError';
  constructor(readonly status: number) {
    super(`the proxy refused to pass it on (${status})`);
  }
}
