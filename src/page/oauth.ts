import { answerIn, fieldsOf, type PageFields, refusalIn, SignInNeeded } from './mcp.ts';

/** Where people sign in, as the server describes it. */
export interface SignInProvider {
  issuer: string;
  /** Where the page has to be open, because it comes back there. */
  redirectUri: string;
  /** Without state and code_challenge. */
  authorizationUrl: string;
  /** Whether each of its answers names the issuer (RFC 9207). */
  namesIssuer: boolean;
}

/** Undefined if the server offers no such sign-in. Throws an Error with its words. */
export async function findProvider(url: string): Promise<SignInProvider | undefined> {
  const { answer, status } = await ask(url);
  const { issuer, redirectUri, authorizationUrl, namesIssuer } = answer;
  if (status !== 200) throw new Error(refusalIn(answer, status));
  if (typeof authorizationUrl !== 'string') return undefined;
  return { issuer: String(issuer), redirectUri: String(redirectUri), authorizationUrl, namesIssuer: !!namesIssuer };
}

export const hostOf = ({ issuer }: Pick<SignInProvider, 'issuer'>) => new URL(issuer).host;

/** The page is left for another one, so what it needs afterwards has to outlive it. Never a token. */
const KEPT = 'sign-in';

export async function leaveToSignIn({ issuer, authorizationUrl, namesIssuer }: SignInProvider): Promise<void> {
  const [state, verifier] = [random(), random()];
  const url = new URL(authorizationUrl);
  url.searchParams.set('state', state);
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  url.searchParams.set('code_challenge', base64url(new Uint8Array(digest)));
  sessionStorage.setItem(KEPT, JSON.stringify({ state, verifier, issuer, namesIssuer }));
  location.assign(url);
}

export interface ReturnedCode {
  code: string;
  verifier: string;
}

/**
 * Reads the answer that the authorization server sent along, and removes all traces of it first, so that it counts
 * once. Undefined if there is none. Throws SignInNeeded if it is no code for this page.
 */
export function takeReturn(): ReturnedCode | undefined {
  const returned = new URLSearchParams(location.search);
  history.replaceState(null, '', location.origin + location.pathname);
  const { state, verifier, issuer, namesIssuer } = takeKept();
  const [code, error, iss] = ['code', 'error', 'iss'].map((name) => returned.get(name));
  if (typeof code !== 'string' && typeof error !== 'string') return undefined;
  if (typeof state !== 'string' || returned.get('state') !== state) throw new SignInNeeded(STRANGE);
  if (typeof iss === 'string' ? iss !== issuer : namesIssuer) throw new SignInNeeded(OTHER_ISSUER);
  if (typeof code === 'string' && typeof error !== 'string') return { code, verifier: String(verifier) };
  const reasons = [error, returned.get('error_description')].filter((words) => typeof words === 'string');
  throw new SignInNeeded(`${hostOf({ issuer: String(issuer) })} refused the sign-in: ${reasons.map(shown).join(', ')}`);
}

const STRANGE =
  'This answer of an authorization server belongs to no sign-in of this window, or was used already. Nothing was sent. Sign in again.';
const OTHER_ISSUER =
  'This answer comes from another authorization server than the sign-in began with. Nothing was sent. Sign in again.';

function takeKept(): PageFields {
  try {
    const kept = sessionStorage.getItem(KEPT);
    sessionStorage.removeItem(KEPT);
    return fieldsOf(JSON.parse(kept ?? '{}'));
  } catch {
    // Browsers can be told to keep nothing.
    return {};
  }
}

/** Throws SignInNeeded, or an Error if the server cannot be reached. */
export async function exchange(url: string, returned: ReturnedCode): Promise<string> {
  const { answer, status } = await ask(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(returned),
  });
  if (typeof answer.token === 'string') return answer.token;
  throw new SignInNeeded(refusalIn(answer, status));
}

async function ask(url: string, init: RequestInit = {}): Promise<{ answer: PageFields; status: number }> {
  const response = await fetch(url, { ...init, credentials: 'omit', redirect: 'error' });
  return { answer: await answerIn(response), status: response.status };
}

const LONGEST_REASON = 300;
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Anyone could have written it into a link. */
const shown = (text: string) => text.slice(0, LONGEST_REASON).replace(INVISIBLE, '\u{FFFD}');

const base64url = (bytes: Uint8Array) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));
