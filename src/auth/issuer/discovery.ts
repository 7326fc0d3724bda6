import * as z from 'zod';
import { ConfigError } from '../../errors.ts';
import { isLoopback, isSecure, secureUrl, withoutSlashes } from '../../secure-url.ts';
import { within } from '../../signals.ts';
import { excerpt } from '../../text/visible.ts';
import { type DocumentFetch, type GetDocument, reasonOf, withDocuments } from './documents.ts';

/** What the authorization server says of itself. An address is undefined if it is absent or unsafe. */
export interface IssuerMetadata {
  /** The document that clients find first. */
  url: string;
  jwksUri?: string;
  authorizationEndpoint?: string;
  tokenEndpoint?: string;
  registrationEndpoint?: string;
  takesClientIdDocuments: boolean;
  /** Whether it sends `iss` with each authorization response (RFC 9207). */
  namesItself: boolean;
  codeChallengeMethods?: readonly string[];
  tokenAuthMethods?: readonly string[];
  scopes?: readonly string[];
  claims: readonly string[];
}

export interface Discovery {
  /** As configured: comparisons are exact, and URL would normalize it. */
  issuer: string;
  /** Asks only once. Rejects with what is wrong at each address, and then asks again. */
  read(): Promise<IssuerMetadata>;
  /** Resolves with the first answer that anyone gets; never rejects. */
  first: Promise<IssuerMetadata>;
  /** The next read asks again. */
  forget(): void;
}

const text = z.string().optional().catch(undefined);
const texts = z
  .array(z.unknown())
  .transform((items) => items.filter((item) => typeof item === 'string'))
  .optional()
  .catch(undefined);

const metadataDocument = z.object({
  issuer: z.string(),
  jwks_uri: text,
  authorization_endpoint: text,
  token_endpoint: text,
  registration_endpoint: text,
  client_id_metadata_document_supported: z.unknown().optional(),
  authorization_response_iss_parameter_supported: z.unknown().optional(),
  code_challenge_methods_supported: texts,
  token_endpoint_auth_methods_supported: texts,
  scopes_supported: texts,
  claims_supported: texts,
});

export function createDiscovery(issuer: string, fetch: DocumentFetch): Discovery {
  const url = issuerUrl(issuer);
  let pending: Promise<IssuerMetadata> | undefined;
  let tellFirst: (metadata: IssuerMetadata) => void;
  const first = new Promise<IssuerMetadata>((resolve) => {
    tellFirst = resolve;
  });

  async function ask(): Promise<IssuerMetadata> {
    try {
      const metadata = await withDocuments(fetch, (get) => look(url, issuer, get));
      tellFirst(metadata);
      return metadata;
    } catch (error) {
      pending = undefined;
      throw error;
    }
  }

  return {
    issuer,
    first,
    read: () => {
      pending ??= ask();
      return pending;
    },
    forget: () => {
      pending = undefined;
    },
  };
}

function issuerUrl(issuer: string): URL {
  const url = secureUrl('the issuer', issuer);
  if (url.search) throw new ConfigError(['the issuer must not contain a query (?)']);
  return url;
}

/** So that one address that is silent leaves time for the others. */
const SILENT_MS = 1000;

interface Failure {
  failure: string;
}
type Answer = IssuerMetadata | Failure;
const isFound = (answer: Answer): answer is IssuerMetadata => !('failure' in answer);
const isFailure = (answer: Answer): answer is Failure => !isFound(answer);

/** Clients go by the first document; the keys may be in a later one, because RFC 8414 does not require them. */
async function look(issuer: URL, issuerName: string, get: GetDocument): Promise<IssuerMetadata> {
  const asked: Promise<Answer>[] = [];
  for (const url of metadataUrls(issuer)) {
    const answer = get(url, metadataDocument)
      .then((document): Answer => describe(document, { url, issuer, issuerName }))
      .catch((error: unknown): Answer => ({ failure: `${url} ${reasonOf(error)}` }));
    asked.push(answer);
    const early = await within(SILENT_MS, answer);
    if (early && isFound(early) && early.jwksUri !== undefined) break;
  }
  const answers = await Promise.all(asked);
  const found = answers.filter(isFound);
  const [first] = found;
  if (!first)
    throw new Error(
      answers
        .filter(isFailure)
        .map(({ failure }) => failure)
        .join('; '),
    );
  return { ...first, jwksUri: found.find(({ jwksUri }) => jwksUri !== undefined)?.jwksUri };
}

/** RFC 8414 and OpenID Connect Discovery place the path of an issuer differently. */
function metadataUrls({ origin, pathname }: URL): string[] {
  const path = withoutSlashes(pathname);
  return [
    ...new Set([
      `${origin}/.well-known/oauth-authorization-server${path}`,
      `${origin}/.well-known/openid-configuration${path}`,
      `${origin}${path}/.well-known/openid-configuration`,
    ]),
  ];
}

interface Place {
  url: string;
  issuer: URL;
  issuerName: string;
}

function describe(document: z.output<typeof metadataDocument>, { url, issuer, issuerName }: Place): IssuerMetadata {
  if (document.issuer !== issuerName) {
    throw new Error(`is the document of another issuer, ${excerpt(document.issuer)}`);
  }
  const safe = (address?: string) => safeUrl(address, issuer);
  return {
    url,
    jwksUri: safe(document.jwks_uri),
    authorizationEndpoint: safe(document.authorization_endpoint),
    tokenEndpoint: safe(document.token_endpoint),
    registrationEndpoint: safe(document.registration_endpoint),
    takesClientIdDocuments: document.client_id_metadata_document_supported === true,
    namesItself: document.authorization_response_iss_parameter_supported === true,
    codeChallengeMethods: document.code_challenge_methods_supported,
    tokenAuthMethods: document.token_endpoint_auth_methods_supported,
    scopes: document.scopes_supported,
    claims: document.claims_supported ?? [],
  };
}

/** Prevents a remote server from directing requests to this machine. */
function safeUrl(address: string | undefined, issuer: URL): string | undefined {
  const url = address !== undefined && URL.canParse(address) ? new URL(address) : undefined;
  if (!url || !isSecure(url) || (isLoopback(url.hostname) && !isLoopback(issuer.hostname))) return undefined;
  return url.href;
}
