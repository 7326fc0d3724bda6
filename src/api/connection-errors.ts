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

function* causes(error: unknown): Generator<Error & { code?: unknown }> {
  for (let at = error; at instanceof Error; at = at.cause) yield at;
}

const CERTIFICATE_CODES = /CERT|CRL|^UNABLE_TO_|^(INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH)$/;

/** Undefined where it is not about a certificate. */
export function certificateCode(error: unknown): string | undefined {
  const codes = [...causes(error)].map(({ code }) => String(code));
  return codes.find((code) => CERTIFICATE_CODES.test(code));
}

/** OpenSSL's word for an answer that is no TLS, as of a port where plain HTTP is spoken. */
export function isPlainThere(error: unknown): boolean {
  return [...causes(error)].some(({ code, message }) => code === 'EPROTO' && message.includes('wrong version number'));
}

export function isNotSent(error: unknown): boolean {
  return [...causes(error)].some((each) => each instanceof UnreachedError);
}

/** What happened, in words, from the innermost cause. */
export function reasonOf(error: unknown): string {
  const chain = [...causes(error)];
  const refusal = chain.find((each) => each instanceof ProxyRefusalError || each instanceof NotPinnedError);
  if (refusal) return refusal.message;
  const certificate = certificateCode(error);
  if (certificate) return badCertificate(certificate, chain.at(-1)?.message);
  if (isPlainThere(error)) {
    return 'TLS was expected, but the API, or a proxy on the way, answered without it (EPROTO); check the port in IONOS_API_URL, and whether HTTPS_PROXY has to begin with http://';
  }
  const code = chain.findLast(({ code }) => typeof code === 'string')?.code;
  const words = chain.at(-1)?.message;
  if (isNotSent(error)) {
    return `the API could not be reached (${code ?? words}); if this persists, check the network, the proxy (HTTPS_PROXY) and IONOS_API_URL`;
  }
  return code ? `the connection failed (${code})` : (words ?? 'the connection failed');
}

function badCertificate(code: string, words = ''): string {
  return `the TLS certificate of the API, or of a proxy on the way, cannot be trusted: ${words} (${code}). If a proxy in the network inspects TLS, put the certificate of its CA into a file and name that in NODE_EXTRA_CA_CERTS; if the certificate is expired or for another host, its operator has to renew it, or IONOS_API_URL is wrong`;
}
