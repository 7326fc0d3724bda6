import { ConfigError } from '../../errors.ts';
import { isLoopback, problem } from '../../secure-url.ts';
import { filledIn } from '../environment.ts';
import type { Surroundings } from '../flag-row.ts';

/** Of the database that replicas share. */
export interface StateUrl {
  /** As `pg-connection-string` reads it. */
  url: string;
  secrets: readonly string[];
}

const FORM = 'a URL as in postgres://user:password@db.example.com:5432/mcp?sslmode=verify-full';
const SSL_MODES = ['disable', 'require', 'verify-ca', 'verify-full'];
const FILES = ['sslrootcert', 'sslcert', 'sslkey'];
const PARAMETERS = ['sslmode', ...FILES, 'host'];
const LONGEST_FILE = 1 << 20;

/** The value is not repeated: it holds a password. Throws ConfigError. */
export function readStateUrl(name: string, given: string, { readFile }: Surroundings): StateUrl {
  const text = filledIn(given.trim(), name);
  // All that comes after it would be left out.
  if (text.includes('#')) problem(`${name} has a #, which is %23 in a URL, also in its password`);
  if (!/^postgres(ql)?:\/\//i.test(text) || !URL.canParse(text)) problem(`${name} accepts ${FORM}`);
  const url = new URL(text);
  const password = filledIn(decoded(url.password), name, 'name');
  const parameters = [...url.searchParams];
  const names = parameters.map(([key]) => key);
  const value = (key: string) => url.searchParams.get(key) ?? undefined;
  const mode = value('sslmode');
  const problems = [
    ...names
      .filter((key) => !PARAMETERS.includes(key))
      .map(() => `${name} accepts only the parameters ${PARAMETERS.join(', ')}`),
    ...names.filter((key, at) => names.indexOf(key) !== at).map((key) => `${name} has ${key} twice`),
    ...(mode !== undefined && !SSL_MODES.includes(mode)
      ? [`${name} accepts ${SSL_MODES.join(', ')} as sslmode${WEAK}`]
      : []),
    ...(mode === undefined && !isHere(url)
      ? [`${name} names another machine, and so needs an sslmode: verify-full, or one of ${SSL_MODES.join(', ')}`]
      : []),
    ...(mode === 'verify-ca' && [undefined, 'system'].includes(value('sslrootcert'))
      ? [`${name}: sslmode=verify-ca needs an sslrootcert, the file with the certificate of that authority`]
      : []),
  ];
  if (problems.length > 0) throw new ConfigError([...new Set(problems)]);
  if (value('sslrootcert') === 'system') {
    url.searchParams.delete('sslrootcert');
    url.searchParams.set('sslmode', 'verify-full');
  }
  for (const key of FILES) {
    const file = value(key);
    if (file !== undefined && file !== 'system') readFile(file, `${key} of ${name}`, LONGEST_FILE);
  }
  const secrets = [text, url.href, ...(password.length < SHORTEST_SECRET ? [] : [password])];
  return { url: url.href, secrets: [...new Set(secrets)] };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A shorter one, such as postgres, would be taken out of every answer. */
const SHORTEST_SECRET = 10;
const WEAK = '; prefer and allow can be talked out of TLS by whoever is in between';

/** A socket, or an address of this machine. */
const isHere = ({ hostname, searchParams }: URL) =>
  searchParams.get('host')?.startsWith('/') ?? (hostname === '' || isLoopback(hostname) || /^%2f/i.test(hostname));
