/** No connection was established, so nothing was sent. */
export class UnreachedError extends Error {
  override name = 'UnreachedError';
  constructor(cause: Error) {
    super(cause.message, { cause });
  }
}

export class ProxyRefusalError extends Error {
  override name = 'ProxyRefusalError';
  constructor(readonly status: number) {
    super(`the proxy refused to pass it on (${status})`);
  }
}
