import { problem } from '../../secure-url.ts';
import { filledIn, from, setting } from '../environment.ts';
import type { ReadFile } from '../files.ts';
import { type Environment, shownPath, toPath } from '../paths.ts';

export interface Credentials {
  authorization: string;
  secrets: string[];
}

export const credentialsSchema = (readFile: ReadFile) => from((env) => readCredentials(env, readFile));

function readCredentials(env: Environment, readFile: ReadFile): Credentials {
  const token = setting(env, 'IONOS_TOKEN');
  if (token) return bearer(token, 'IONOS_TOKEN');
  const file = setting(env, 'IONOS_TOKEN_FILE');
  if (file) return readTokenFile(toPath(file, 'IONOS_TOKEN_FILE', env), readFile);
  return basic(setting(env, 'IONOS_USERNAME'), setting(env, 'IONOS_PASSWORD'));
}

const MAX_TOKEN_FILE = 64 * 1024;

function readTokenFile(path: string, readFile: ReadFile): Credentials {
  const text = readFile(path, 'IONOS_TOKEN_FILE', MAX_TOKEN_FILE).trim();
  if (!text) problem(`IONOS_TOKEN_FILE: ${shownPath(path)} is empty`);
  const source = `the file that IONOS_TOKEN_FILE names, ${shownPath(path)},`;
  return bearer(text, source);
}

function bearer(value: string, source: string): Credentials {
  const token = readToken(value, source);
  return { authorization: `Bearer ${token}`, secrets: [token] };
}

/** The token in a text; `source` says where that stands. Throws ConfigError. */
export function readToken(text: string, source: string): string {
  const token = filledIn(text, source, 'token')
    .trim()
    .replace(/^bearer(\s+|$)/i, '');
  if (/^[A-Z_]{3,}=[^=]/.test(token)) {
    problem(`${source} contains NAME=value, as in an .env file; it must contain the token alone`);
  }
  if (/^[!#-&(-~]+$/.test(token)) return token;
  return problem(
    `${source} contains a character that no token has: a space, line break, quotation mark or letter outside ASCII`,
  );
}

function basic(username: string | undefined, password: string | undefined): Credentials {
  if (!username && !password) {
    return problem(
      'no credentials: set IONOS_TOKEN, IONOS_TOKEN_FILE, or IONOS_USERNAME and IONOS_PASSWORD; or use --sandbox to try it without an account',
    );
  }
  if (!username) return problem('IONOS_PASSWORD is set, but IONOS_USERNAME is not');
  if (!password) return problem('IONOS_USERNAME is set, but IONOS_PASSWORD is not');
  if (username.includes(':')) return problem('IONOS_USERNAME contains a colon, which cannot be sent');
  const encoded = Buffer.from(`${username}:${password}`).toString('base64');
  return { authorization: `Basic ${encoded}`, secrets: [password, encoded] };
}
