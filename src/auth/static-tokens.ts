import crypto from 'node:crypto';
import { isAccess } from '../access.ts';
import { ConfigError } from '../errors.ts';
import { placeholderIn } from '../text/placeholder.ts';
import type { Caller } from './caller.ts';

export type TokenSource = { name: string; text: string } | TokenFile;

interface TokenFile {
  name: string;
  path: string;
  readFile(path: string, setting: string, maxBytes: number): string;
  now?(): number;
  /** Runs once per problem; the previous tokens stay valid. */
  onProblem(problem: string): void;
}

interface Entry {
  digest: Buffer;
  caller: Caller;
}

interface Line {
  place: string;
  entry: string;
}

/** The length of 32 bytes in base64. */
const MIN_TOKEN_LENGTH = 43;
const LABEL = /^[\w.-]{1,64}$/;
const BEARER_TOKEN = /^[\w.~+/-]+=*$/;
const MAKE_ONE = 'create one with: openssl rand -hex 32';
const REREAD_MS = 1000;
const MAX_FILE_BYTES = 64 * 1024;

/** Rereads a file at most once a second, so that tokens change without a restart; an empty one rejects everyone. */
export function createTokenVerifier(source: TokenSource): (token: string) => Caller | undefined {
  if (!('text' in source)) return verifierOfFile(source);
  const entries = parseAtStart(source.text, source.name);
  return (token) => find(entries, token);
}

function find(entries: readonly Entry[], token: string): Caller | undefined {
  const digest = sha256(token);
  let found: Caller | undefined;
  // Compares every entry, so that the response time does not reveal a match.
  for (const entry of entries) if (crypto.timingSafeEqual(entry.digest, digest)) found = entry.caller;
  return found;
}

function parseAtStart(text: string, name: string): readonly Entry[] {
  const entries = parseTokens(text, name);
  if (entries.length === 0) throw new ConfigError([`${name} holds no token, so nobody could call`]);
  return entries;
}

// Rereads the content: size and modification time can stay the same when a token is replaced.
function verifierOfFile({ name, path, readFile, now = Date.now, onProblem }: TokenFile) {
  const read = () => readFile(path, name, MAX_FILE_BYTES);
  let entries = parseAtStart(read(), name);
  let readAt = now();
  let problem = '';

  function refresh() {
    readAt = now();
    try {
      entries = parseTokens(read(), name);
      problem = '';
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      if (error.message !== problem) onProblem(error.message);
      problem = error.message;
    }
  }

  return (token: string) => {
    if (now() - readAt >= REREAD_MS) refresh();
    return find(entries, token);
  };
}

function parseTokens(text: string, name: string): Entry[] {
  const lines = linesOf(text);
  const problems = [...lines.flatMap(slips), ...repeated(lines, 'label', 0), ...repeated(lines, 'token', 2)];
  if (problems.length > 0) throw new ConfigError(problems.map((problem) => `${name}, ${problem}`));
  return lines.flatMap(({ entry }) => {
    const [label = '', access, token = ''] = entry.split(':');
    return isAccess(access) ? [{ digest: sha256(token), caller: { name: label, access } }] : [];
  });
}

function linesOf(text: string): Line[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim().startsWith('#')) return [];
    const entries = line.split(',').map((entry) => entry.trim());
    const place = (at: number) => `line ${index + 1}${entries.length > 1 ? `, entry ${at + 1}` : ''}`;
    return entries.map((entry, at) => ({ place: place(at), entry })).filter(({ entry }) => entry);
  });
}

// Messages repeat no part of an entry: a misplaced token could stand in any of them.
function slips({ place, entry }: Line): string[] {
  const [label = '', access, token, ...rest] = entry.split(':');
  if (token === undefined || rest.length > 0) return [`${place}: an entry is label:class:token, with two colons`];
  const isToken = token.length >= MIN_TOKEN_LENGTH && BEARER_TOKEN.test(token);
  const form = isToken ? undefined : placeholderIn(token, 'token');
  if (form) return [`${place}: the token still contains a placeholder, ${form}`];
  return [
    !LABEL.test(label) && 'the label must have 1 to 64 letters, digits, dots, hyphens and underscores',
    !isAccess(access) && 'the class must be read, write or full',
    token.length < MIN_TOKEN_LENGTH && `the token is shorter than ${MIN_TOKEN_LENGTH} characters; ${MAKE_ONE}`,
    !BEARER_TOKEN.test(token) && `the token contains a character that no bearer token may have; ${MAKE_ONE}`,
  ].flatMap((slip) => (slip ? [`${place}: ${slip}`] : []));
}

function repeated(lines: readonly Line[], what: string, part: number): string[] {
  const places = new Map<string | undefined, string>();
  return lines.flatMap(({ place, entry }) => {
    const value = entry.split(':')[part];
    const before = places.get(value);
    places.set(value, before ?? place);
    return value && before ? [`${place}: repeats the ${what} of ${before}`] : [];
  });
}

const sha256 = (text: string) => crypto.createHash('sha256').update(text).digest();
