import { problem } from '../../secure-url.ts';
import { filledIn, from, setting } from '../environment.ts';
import type { ReadFile } from '../files.ts';
import { type Environment, shownPath, toPath } from '../paths.ts';
import { hasCredentials } from './find-ionos-file.ts';
import type { Chosen } from './ionos-file.ts';
import { offering } from './profile.ts';

export interface Credentials {
  authorization: string;
  secrets: string[];
}

export const credentialsSchema = (readFile: ReadFile, chosen?: Chosen) =>
  from((env) => readCredentials(env, readFile, chosen));

/** From one source as a whole: a profile that a flag names, the environment, the profile that is current. */
function readCredentials(env: Environment, readFile: ReadFile, chosen?: Chosen): Credentials {
  if (chosen?.profile && (chosen.isByFlag || !hasCredentials(env))) return ofProfile(chosen.profile, chosen.source);
  const token = setting(env, 'IONOS_TOKEN');
  if (token) return bearer(token, 'IONOS_TOKEN');
  const file = setting(env, 'IONOS_TOKEN_FILE');
  if (file) return readTokenFile(toPath(file, 'IONOS_TOKEN_FILE', env), readFile);
  const [username, password] = [setting(env, 'IONOS_USERNAME'), setting(env, 'IONOS_PASSWORD')];
  if (!username && !password) return problem(`${NO_CREDENTIALS}${chosen ? unnamed(chosen) : ''}`);
  return basic({ username, password }, { username: 'IONOS_USERNAME', password: 'IONOS_PASSWORD' });
}

const NO_CREDENTIALS =
  "no credentials: set IONOS_TOKEN, IONOS_TOKEN_FILE, or IONOS_USERNAME and IONOS_PASSWORD; or use a profile of IONOS's configuration file, ~/.ionos/config; or use --sandbox to try it without an account";

const unnamed = ({ source, names }: Chosen) =>
  `. ${source} has no currentProfile: choose one with --profile${offering(names)}`;

function ofProfile({ place, credentials }: NonNullable<Chosen['profile']>, source: string): Credentials {
  const at = `${source}: ${place}.credentials`;
  const { token, username, password } = credentials;
  if (token !== undefined) return bearer(token, `${at}.token`);
  if (!username && !password) return problem(`${at} has neither a token nor a username and password`);
  return basic({ username, password }, { username: `${at}.username`, password: `${at}.password` });
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

type UserAndPassword = Readonly<Record<'username' | 'password', string | undefined>>;
/** Of each, how problems name it. */
type Sources = Readonly<Record<'username' | 'password', string>>;

function basic({ username, password }: UserAndPassword, sources: Sources): Credentials {
  if (!username) return problem(`${sources.password} is set, but ${sources.username} is not`);
  if (!password) return problem(`${sources.username} is set, but ${sources.password} is not`);
  filledIn(username, sources.username);
  filledIn(password, sources.password, 'password');
  if (username.includes(':')) return problem(`${sources.username} contains a colon, which cannot be sent`);
  const encoded = Buffer.from(`${username}:${password}`).toString('base64');
  return { authorization: `Basic ${encoded}`, secrets: [password, encoded] };
}
