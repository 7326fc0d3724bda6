import { isDeepStrictEqual } from 'node:util';
import { type Rise, type Sized, sizeIn } from './costs.ts';
import type { Address, Resize } from './memory.ts';
import {
  type Account,
  type Backup,
  type Cluster,
  type Connection,
  type Content,
  contentBefore,
  date,
  earliestOf,
  isListed,
  type Properties,
  SYSTEM_USERS,
  sizeOf,
  stateOf,
} from './model.ts';

/** What has to become of a write by the state of the account, judged before it is called. */
export type Verdict = Refused | Settled | Go;

/** Nothing is sent, and one of these is why. */
interface Refused {
  kind: 'refused';
  words: RegExp;
  /** What goes before it, where it is more than previewed. */
  isTwin?: boolean;
}

/** Nothing has to be sent. */
interface Settled {
  kind: 'settled';
  outcome: 'started' | 'done' | 'duplicate';
}

export interface Go {
  kind: 'go';
  destructive: boolean;
  /** What a person types who agrees. */
  typed?: string;
  /** With what a yes is void once it is another. */
  basis?: unknown;
  resize?: Resize;
  /** How much more is paid afterwards, if more is; told by what the server remembers, as is the next. */
  rise?: Rise;
  /** The size that a policy counts from then on. */
  size?: Sized;
  address?: Address;
  /** Sent again within ten minutes, it is the same order. */
  once?: string;
  /** Whether there is no second order of this name, except as a preview. */
  isTwin?: boolean;
  /** Whether the API has a reason to refuse it that the tool leaves to it. */
  isInvalid: boolean;
  apply(at: number, id?: string): void;
}

export const NOTHING = /^Nothing was sent\. /;
export const MISSING = /^The API answered 404/;
const EITHER = /^(Nothing was sent\. |The API answered 404)/;

const refused = (words = NOTHING, isTwin = false): Refused => ({ kind: 'refused', words, isTwin });
const go = (plan: Omit<Go, 'kind' | 'isInvalid'> & { isInvalid?: boolean }): Go => ({
  isInvalid: false,
  ...plan,
  kind: 'go',
});

export interface Secret {
  password?: string;
  passwordEnv?: string;
}

export interface Source {
  backupId: string;
  recoveryTargetTime?: string;
}

export type Change = Partial<Omit<Properties, 'connectionPooler'>> & {
  connectionPooler?: Partial<Properties['connectionPooler']>;
};

type Fixed = 'backupLocation' | 'maintenanceWindow' | 'connectionPooler';

export type Order = Omit<Properties, Fixed> &
  Pick<Change, Fixed> & {
    credentials: { username: string } & Secret;
    fromBackup?: Source;
    allowDuplicate?: boolean;
    wait?: number;
  };

export type Given<T = object> = { clusterId: string } & T;

export const OFFERED = ['14', '15', '16', '17'];
export const NAMED_PASSWORDS = { APP_PASSWORD: 'one of the operator, 0815' };
const RESERVED = ['postgres', 'admin', 'standby'];
const LONGEST_NAME = 63;
const DEFAULTS = {
  backupLocation: 'eu-central-2',
  maintenanceWindow: { time: '12:15:19', dayOfTheWeek: 'Monday' },
  connectionPooler: { enabled: false, poolMode: 'transaction' },
};

const isOutside = (value: number | undefined, least: number, most = Infinity) =>
  value !== undefined && (value < least || value > most);

function isBadSecret({ password, passwordEnv }: Secret, longest = Infinity): boolean {
  if (isOutside(password?.length, 10, longest)) return true;
  if (passwordEnv !== undefined) return password !== undefined || !Object.hasOwn(NAMED_PASSWORDS, passwordEnv);
  return false;
}

/** Slips in the arguments alone. */
function isBadChange({ displayName, instances, cores, ram, storageSize, ...rest }: Change): boolean {
  const { connections = [], synchronizationMode } = rest;
  return (
    displayName === '' ||
    isOutside(instances, 1, 5) ||
    isOutside(cores, 1) ||
    isOutside(ram, 2048) ||
    Number(ram ?? 0) % 1024 !== 0 ||
    isOutside(storageSize, 2048) ||
    (synchronizationMode === 'STRICTLY_SYNCHRONOUS' && isOutside(instances, 3)) ||
    connections.some(({ cidr }) => cidr.startsWith('10.233.'))
  );
}

const whole = (window: Properties['maintenanceWindow']) => ({
  ...window,
  time: window.time.length === 5 ? `${window.time}:00` : window.time,
});

const isFirstUser = (name: string) => name.length <= LONGEST_NAME && !SYSTEM_USERS.includes(name);

const placeOf = (location: string) => (location === 'de/fra/2' ? 'de/fra' : location);

/** The clusters that are listed with this name. */
const namesakesOf = (account: Account, { displayName }: Order) =>
  account.listed().flatMap(({ cluster }) => (cluster.properties.displayName === displayName ? [cluster] : []));

/** Those of them that are in this place and were ordered in the last ten minutes. */
const twinsOf = (account: Account, order: Order) =>
  namesakesOf(account, order).filter(
    ({ properties, createdAt, goneAt }) =>
      properties.location === placeOf(order.location) &&
      Date.now() - Date.parse(date(createdAt)) < 600_000 &&
      goneAt === Infinity,
  );

/** The backup and what it brings, or undefined where nothing can come of it. */
function recovery(account: Account, { backupId, recoveryTargetTime }: Source, target: Change) {
  const backup = account.backups.find(({ id }) => id === backupId);
  const earliest = backup && isListed(backup) ? earliestOf(backup) : undefined;
  if (!backup || earliest === undefined) return undefined;
  if (Number(backup.version) > Number(target.postgresVersion) || isOutside(target.ram, 4096)) return undefined;
  const time = recoveryTargetTime === undefined ? undefined : Date.parse(recoveryTargetTime);
  if (isOutside(time, earliest, Date.now())) return undefined;
  const goesOn = backup.endedAt === Infinity;
  return { content: contentBefore(backup, time), isTooLarge: isTooLarge(backup, target), goesOn };
}

const isTooLarge = (backup: Backup, { storageSize }: Change) => sizeOf(backup) > Number(storageSize);

function typedFor({ properties: { displayName } }: Cluster): string {
  return displayName;
}

function basisOf({ id, modifiedAt, createdAt, properties }: Cluster): unknown {
  return [id, date(modifiedAt ?? createdAt), properties];
}

/** Which backups there are, and which of them goes on: the way back. */
const wayBack = (account: Account, { id }: Cluster) =>
  account.backups
    .filter((each) => each.clusterId === id && isListed(each))
    .map(({ createdAt, endedAt }) => [createdAt, endedAt === Infinity]);

/** Undefined where the cluster takes changes. */
function obstacle(cluster: Cluster | undefined, isInside = true): Refused | undefined {
  if (!cluster) return refused(MISSING);
  if (stateOf(cluster) !== 'AVAILABLE') return refused(isInside ? NOTHING : EITHER);
  return undefined;
}

export function judgeOrder(account: Account, order: Order): Verdict {
  const { credentials, fromBackup, allowDuplicate, wait: _, maintenanceWindow, connectionPooler, ...rest } = order;
  if (isBadChange(order) || order.connections.length !== 1) return refused();
  if (['', ...RESERVED].includes(credentials.username) || isBadSecret(credentials)) return refused();
  const isTwin = !allowDuplicate && twinsOf(account, order).length > 0;
  const recovered = fromBackup && recovery(account, fromBackup, order);
  if (!OFFERED.includes(order.postgresVersion) || (fromBackup && !recovered)) return refused(NOTHING, isTwin);
  const location = placeOf(order.location);
  const properties: Properties = {
    ...DEFAULTS,
    ...rest,
    location,
    maintenanceWindow: whole(maintenanceWindow ?? DEFAULTS.maintenanceWindow),
    connectionPooler: { ...DEFAULTS.connectionPooler, ...connectionPooler },
  };
  return go({
    destructive: false,
    resize: { wanted: sizeIn(properties), storageType: properties.storageType },
    basis: [namesakesOf(account, order).map(({ id }) => id), recovered?.goesOn],
    once: allowDuplicate ? undefined : JSON.stringify([order.displayName, location]),
    isTwin,
    isInvalid: order.ram < 4096 || !isFirstUser(credentials.username) || (recovered?.isTooLarge ?? false),
    apply: (at, id = '') => account.order(id, properties, credentials.username, recovered?.content, at),
  });
}

const lanOf = ([first]: Connection[]) => first && `${first.datacenterId} ${first.lanId}`;
const hostOf = ({ cidr }: Connection) => cidr.split('/', 1).join();

/** Where the cluster moves to, if it moves. */
function addressOf({ id, properties }: Cluster, { connections }: Properties): Address | undefined {
  const [first] = connections;
  if (!first || isDeepStrictEqual(connections, properties.connections)) return undefined;
  return { cluster: id, place: `${lanOf(connections)} ${hostOf(first)}` };
}

function isInUse(account: Account, { cluster: own, place }: Address): boolean {
  const others = account.listed().filter(({ cluster }) => cluster.id !== own);
  return others.some(({ cluster }) =>
    cluster.properties.connections.some((each) => `${lanOf([each])} ${hostOf(each)}` === place),
  );
}

export function judgeChange(account: Account, { clusterId, ...given }: Given<Change & { wait?: number }>): Verdict {
  const { wait: _, ...all } = given;
  // An empty text counts as left out.
  const change = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== '')) as Change;
  if (isBadChange(change) || Object.keys(change).length === 0) return refused();
  const cluster = account.find(clusterId);
  if (!cluster) return refused(MISSING);
  const { properties: present } = cluster;
  const next: Properties = {
    ...present,
    ...change,
    maintenanceWindow: whole(change.maintenanceWindow ?? present.maintenanceWindow),
    connectionPooler: { ...present.connectionPooler, ...change.connectionPooler },
  };
  const address = addressOf(cluster, next);
  if (address && isInUse(account, address)) return refused();
  if (isDeepStrictEqual(next, present)) {
    return { kind: 'settled', outcome: stateOf(cluster) === 'BUSY' ? 'started' : 'done' };
  }
  const isUpgrade = next.postgresVersion !== present.postgresVersion;
  const isOlder = Number(next.postgresVersion) < Number(present.postgresVersion);
  if (stateOf(cluster) !== 'AVAILABLE' || next.storageSize < present.storageSize || isOlder) return refused();
  if (isUpgrade && !OFFERED.includes(next.postgresVersion)) return refused();
  const losesPooler = present.connectionPooler.enabled && !next.connectionPooler.enabled;
  const isLeftWithTooFew =
    (next.instances !== present.instances || next.synchronizationMode !== present.synchronizationMode) &&
    next.synchronizationMode === 'STRICTLY_SYNCHRONOUS' &&
    next.instances < 3;
  const leaves = present.connections.length > 0 && lanOf(present.connections) !== lanOf(next.connections);
  return go({
    destructive: isUpgrade || leaves || isLeftWithTooFew || losesPooler || next.storageSize > present.storageSize,
    resize: { cluster, wanted: sizeIn(change), storageType: present.storageType },
    address,
    basis: basisOf(cluster),
    isInvalid: isOutside(change.ram, 4096),
    apply: (at) => account.change(cluster, next, at),
  });
}

export function judgeDeletion(account: Account, { clusterId }: Given): Verdict {
  const cluster = account.find(clusterId);
  if (!cluster) return refused(MISSING);
  if (cluster.goneAt < Infinity) return { kind: 'settled', outcome: 'started' };
  const plan = { destructive: true, typed: typedFor(cluster), basis: [basisOf(cluster), wayBack(account, cluster)] };
  return go({ ...plan, apply: (at) => account.remove(cluster, at) });
}

export function judgeRestore(account: Account, { clusterId, ...source }: Given<Source>): Verdict {
  const cluster = account.find(clusterId);
  const no = obstacle(cluster);
  if (no || !cluster) return no ?? refused();
  const recovered = recovery(account, source, cluster.properties);
  if (!recovered) return refused();
  return go({
    destructive: true,
    typed: typedFor(cluster),
    basis: [basisOf(cluster), wayBack(account, cluster), recovered.goesOn],
    isInvalid: recovered.isTooLarge,
    apply: (at) => account.restore(cluster, recovered.content, at),
  });
}

type OnUser = Given<{ username: string }>;

const isName = (name: string) => name !== '' && name.length <= LONGEST_NAME && name !== '..';

/** A user who can be changed, what is in the cluster besides, or why there is no change. */
function userOf(account: Account, { clusterId, username }: OnUser) {
  if (!isName(username)) return { no: refused() };
  const cluster = account.find(clusterId);
  const isSystem = SYSTEM_USERS.includes(username);
  const content: Content = cluster ? account.content(cluster) : { users: [], databases: [] };
  const user = content.users.find(({ name }) => name === username);
  const no = obstacle(cluster, isSystem || user !== undefined);
  if (no || !cluster) return { no: no ?? refused() };
  if (!user) return { no: refused(isSystem ? NOTHING : MISSING) };
  const owned = content.databases.flatMap(({ name, owner }) => (owner === username ? [name] : []));
  const dates = [date(user.createdAt), user.modifiedAt === undefined ? undefined : date(user.modifiedAt)];
  return { cluster, owned, basis: [clusterId, dates] };
}

export function judgeNewUser(account: Account, given: OnUser & Secret): Verdict {
  const { clusterId, username } = given;
  if (!isName(username) || RESERVED.includes(username) || isBadSecret(given, 63)) return refused();
  const cluster = account.find(clusterId);
  const no = obstacle(cluster);
  if (no || !cluster) return no ?? refused();
  const names = [...account.content(cluster).users.map(({ name }) => name), ...SYSTEM_USERS];
  if (names.includes(username)) return refused();
  return go({ destructive: false, apply: (at) => account.setPassword(cluster, username, at) });
}

export function judgeNewPassword(account: Account, given: OnUser & Secret): Verdict {
  if (isBadSecret(given, 63)) return refused();
  const { no, cluster, basis } = userOf(account, given);
  if (!cluster) return no;
  return go({ destructive: true, basis, apply: (at) => account.setPassword(cluster, given.username, at) });
}

export function judgeUserDeletion(account: Account, given: OnUser): Verdict {
  const { no, cluster, basis, owned } = userOf(account, given);
  if (!cluster) return no;
  return go({
    destructive: true,
    basis: [basis, owned],
    isInvalid: owned.length > 0,
    apply: (at) => account.removeUser(cluster, given.username, at),
  });
}

type OnDatabase = Given<{ name: string }>;

export function judgeNewDatabase(
  account: Account,
  { clusterId, name, owner }: OnDatabase & { owner: string },
): Verdict {
  if (!isName(name) || !isName(owner)) return refused();
  const cluster = account.find(clusterId);
  const no = obstacle(cluster);
  if (no || !cluster) return no ?? refused();
  const { users, databases } = account.content(cluster);
  const isSystem = SYSTEM_USERS.includes(owner);
  const isUser = isSystem || users.some((user) => user.name === owner);
  if (databases.some((database) => database.name === name) || !isUser) return refused();
  return go({
    destructive: false,
    isInvalid: isSystem || ['postgres', 'template0', 'template1'].includes(name),
    apply: (at) => account.addDatabase(cluster, name, owner, at),
  });
}

export function judgeDatabaseDeletion(account: Account, { clusterId, name }: OnDatabase): Verdict {
  if (!isName(name)) return refused();
  const cluster = account.find(clusterId);
  const database = cluster && account.content(cluster).databases.find((one) => one.name === name);
  const no = obstacle(cluster, database !== undefined);
  if (no || !cluster) return no ?? refused();
  if (!database) return refused(MISSING);
  const basis = [clusterId, database.owner, date(database.createdAt), wayBack(account, cluster)];
  return go({ destructive: true, typed: name, basis, apply: (at) => account.removeDatabase(cluster, name, at) });
}

type Judge = (account: Account, args: never) => Verdict;

export const judges = {
  create_cluster: judgeOrder,
  update_cluster: judgeChange,
  delete_cluster: judgeDeletion,
  restore_cluster: judgeRestore,
  create_user: judgeNewUser,
  update_user: judgeNewPassword,
  delete_user: judgeUserDeletion,
  create_database: judgeNewDatabase,
  delete_database: judgeDatabaseDeletion,
} satisfies Record<string, Judge>;
