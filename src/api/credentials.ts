/** What credentials for IONOS say of themselves; IONOS alone verifies it. */
export interface CredentialFacts {
  kind: 'token' | 'user and password';
  contract?: string;
  /** The e-mail address that was given, or the UUID of the token's user. */
  user?: string;
  role?: string;
  /** ISO 8601 */
  expires?: string;
}

/** An account that the server acts for, as far as it is known without asking IONOS. */
export interface AccountFacts {
  /** Of IONOS's configuration file. */
  profile?: string;
  contract?: string;
  /** Undefined where each caller brings their own. */
  credentials?: CredentialFacts;
  /** Of v1. */
  apiUrl: string;
  /** Where it is not on the host of `apiUrl`. */
  computeUrl?: string;
  /** Where it is not beside the Compute API. */
  billingUrl?: string;
  /** None where v1 alone is asked. */
  v2Urls: readonly string[];
}

/** `authorization` is a whole header value, Basic or Bearer. */
export function credentialFacts(authorization: string): CredentialFacts {
  const [, basic] = /^basic +(\S+)$/i.exec(authorization) ?? [];
  if (basic !== undefined) {
    const [user = ''] = Buffer.from(basic, 'base64').toString().split(':', 1);
    return { kind: 'user and password', user: shortText(user) };
  }
  const { exp, identity } = claimsIn(authorization);
  return {
    kind: 'token',
    contract: contractOf(identity),
    user: shortText(identity.uuid),
    role: shortText(identity.role),
    expires: momentOf(exp),
  };
}

/** The contract that an IONOS token names; `token` may be a whole header value. */
export const contractIn = (token: string) => contractOf(claimsIn(token).identity);

function contractOf({ contractNumber }: Claims['identity']): string | undefined {
  if (typeof contractNumber !== 'number' && typeof contractNumber !== 'string') return undefined;
  const contract = String(contractNumber);
  return /^\d{1,20}$/.test(contract) ? contract : undefined;
}

interface Claims {
  exp?: unknown;
  identity: { contractNumber?: unknown; uuid?: unknown; role?: unknown };
}

function claimsIn(token: string): Claims {
  const [, payload = ''] = token.split('.');
  try {
    const { exp, identity }: { exp?: unknown; identity?: object } = JSON.parse(
      Buffer.from(payload, 'base64url').toString(),
    );
    return { exp, identity: identity ?? {} };
  } catch {
    return { identity: {} };
  }
}

const LONGEST_TEXT = 100;

const shortText = (value: unknown) =>
  typeof value === 'string' && value !== '' && value.length <= LONGEST_TEXT ? value : undefined;

/** Undefined for what no calendar has. */
function momentOf(seconds: unknown): string | undefined {
  if (typeof seconds !== 'number') return undefined;
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
