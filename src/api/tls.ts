import https from 'node:https';
import { checkServerIdentity, createSecureContext, type SecureContext } from 'node:tls';
import { NotPinnedError } from './connection-errors.ts';

/** What holds beside the ordinary check of the CA and the host name. */
export interface TlsConfig {
  /** SHA-256 fingerprints of certificates, as Node writes them. Without any, every certificate can be the right one. */
  pins: readonly string[];
  /** Further CAs in PEM form by host and port, as in `api.example:443`; under the empty name those of all other hosts. */
  authorities: Readonly<Record<string, string>>;
}

type Target = Pick<https.RequestOptions, 'host' | 'port'>;

/** Options of a TLS connection to this host. */
function createTrust({ pins, authorities }: TlsConfig) {
  const contexts = new Map<string, SecureContext>();

  function contextOf(pem: string): SecureContext {
    const context = contexts.get(pem) ?? createSecureContext();
    // Adds to the system's; the option `ca` would replace them, and those of NODE_EXTRA_CA_CERTS.
    if (!contexts.has(pem)) context.context.addCACert(pem);
    contexts.set(pem, context);
    return context;
  }

  const checkPinned = (host: string, certificate: Parameters<typeof checkServerIdentity>[1]) => {
    const fault = checkServerIdentity(host, certificate);
    if (fault || pins.includes(certificate.fingerprint256)) return fault;
    return new NotPinnedError(host, certificate.fingerprint256);
  };

  return ({ host, port }: Target) => {
    const pem = authorities[`${host}:${port}`] ?? authorities[''];
    return {
      ...(pem && { secureContext: contextOf(pem) }),
      ...(pins.length > 0 && { checkServerIdentity: checkPinned }),
    };
  };
}

/** Checks each connection by these settings, whether it is its own or leads through a proxy. */
export class TrustingAgent extends https.Agent {
  readonly #trust: ReturnType<typeof createTrust> | undefined;

  constructor(options: https.AgentOptions, tls: TlsConfig | undefined) {
    // Node does not check the certificate of a session that it resumes.
    super({ ...options, ...(tls && { maxCachedSessions: 0 }) });
    this.#trust = tls && createTrust(tls);
  }

  override createConnection(...[options, connected]: Parameters<https.Agent['createConnection']>) {
    return super.createConnection({ ...options, ...this.#trust?.(options) }, connected);
  }
}
