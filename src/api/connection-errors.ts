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

/** The certificate passed the ordinary check, but is none of those that the operator named. */
export class NotPinnedError extends Error {
  override name = 'NotPinnedError';
  readonly code = 'ERR_CERT_NOT_PINNED';
  constructor(host: string, fingerprint: string) {
    super(
      `${host} has a TLS certificate that IONOS_PINNED_CERT does not name: ${fingerprint} (SHA-256). If IONOS has renewed it, the operator of this server has to add it`,
    );
  }
}

export function isNotPinned({ cause }: Error): boolean {
  return cause instanceof NotPinnedError || (cause instanceof Error && isNotPinned(cause));
}
