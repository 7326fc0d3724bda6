import { shown } from './shown.ts';
import { MB_PER_GB } from './to-v2.ts';
import type { Wish } from './wish.ts';

/** Bounds of v2 alone, from what its official clients declare; each is the loosest one that any of them has. */
export function v2Problems(wanted: Wish, present: Wish = {}): string[] {
  return [
    ...poolerProblems(wanted.connectionPooler, present.connectionPooler),
    ...nameProblems(wanted.displayName),
    ...rangeProblems('instances', wanted.instances, 1, 5),
    ...rangeProblems('cores', wanted.cores, 1, 62),
    ...sizeProblems('ram', wanted.ram, 4, 240),
    ...sizeProblems('storageSize', wanted.storageSize, 10, 4096),
    ...rangeProblems('backupRetentionDays', wanted.backupRetentionDays, 1, 365),
    ...(wanted.storageType === undefined ? [] : [`storageType: API v2 has one kind of storage; leave it out`]),
    ...(wanted.connections?.length === 0
      ? ['connections: a cluster on API v2 always has one; it cannot be detached']
      : []),
    ...(wanted.connections ?? []).flatMap(({ cidr = '' }) => addressProblems(cidr)),
    ...userProblems(wanted.credentials),
  ];
}

/** v2 has one word for both: off, or the mode. */
function poolerProblems(wanted: Wish['connectionPooler'], present: Wish['connectionPooler']): string[] {
  const { enabled, poolMode } = wanted ?? {};
  if (poolMode === undefined || enabled === true) return [];
  if (enabled === false) return ['connectionPooler.poolMode: API v2 has none while the pooler is off; leave it out'];
  return present?.enabled === false ? ['connectionPooler: is off; give enabled: true as well to turn it on'] : [];
}

const LONGEST_NAME = 63;

function nameProblems(name: string | undefined): string[] {
  if (name === undefined) return [];
  const isEdge = (character = '') => /^[A-Za-z0-9]$/.test(character);
  const isFit = /^[A-Za-z0-9._-]+$/.test(name) && name.length <= LONGEST_NAME && isEdge(name[0]) && isEdge(name.at(-1));
  if (isFit) return [];
  return [
    `displayName (${shown(name)}): API v2 takes 1 to ${LONGEST_NAME} letters, digits, dots, _ and -, and no blanks; the first and last must be a letter or a digit`,
  ];
}

function rangeProblems(name: string, value: number | undefined, least: number, most: number): string[] {
  if (value === undefined || (value >= least && value <= most)) return [];
  return [`${name} (${value}): must be ${least} to ${most} on API v2`];
}

/** In MB, as whole GB of v2. */
function sizeProblems(name: string, mb: number | undefined, least: number, most: number): string[] {
  if (mb === undefined) return [];
  const inRange = rangeProblems(name, mb, least * MB_PER_GB, most * MB_PER_GB);
  if (inRange.length > 0) return inRange;
  if (mb % MB_PER_GB === 0) return [];
  const below = Math.floor(mb / MB_PER_GB) * MB_PER_GB;
  return [`${name} (${mb}): API v2 counts in whole GB (1024 MB): give ${below} or ${below + MB_PER_GB}`];
}

/** 10.208.0.0/12 by the API's own words, 192.168.230.0/24 by IONOS's manual. */
function addressProblems(cidr: string): string[] {
  const [first, second, third] = cidr.split('.').map(Number);
  const isBlocked =
    (first === 10 && Number(second) >= 208 && Number(second) <= 223) ||
    (first === 192 && second === 168 && third === 230);
  return isBlocked
    ? [`connections[0].cidr (${cidr}): is in 10.208.0.0/12 or 192.168.230.0/24, which API v2 blocks`]
    : [];
}

const LONGEST = { username: 16, database: 63 };
/** Of database users. */
export const RESERVED_USERS = ['postgres', 'admin', 'standby'];

function userProblems({ username, database }: NonNullable<Wish['credentials']> = {}): string[] {
  const isReserved = username !== undefined && RESERVED_USERS.includes(username.toLowerCase());
  return [
    ...wordProblems('username', username),
    ...wordProblems('database', database),
    ...(isReserved ? [`credentials.username (${username}): is reserved by IONOS`] : []),
  ];
}

function wordProblems(name: keyof typeof LONGEST, value: string | undefined): string[] {
  if (value === undefined || (/^[A-Za-z0-9_]+$/.test(value) && value.length <= LONGEST[name])) return [];
  return [`credentials.${name}: API v2 takes 1 to ${LONGEST[name]} letters, digits and _`];
}

const KINDS = [/[a-z]/, /[A-Z]/, /[0-9]/, /[@$!%*?&]/];
const SHORTEST_PASSWORD = 8;

export const v2Password = {
  allows: (password: string) =>
    password.length >= SHORTEST_PASSWORD && !password.includes('\n') && KINDS.every((kind) => kind.test(password)),
  says: `must have ${SHORTEST_PASSWORD} or more characters on API v2, among them a-z, A-Z, 0-9 and one of @$!%*?&`,
};
