import { isDeepStrictEqual } from 'node:util';
import { isFields } from '../../src/text/json.ts';
import { type Difference, differences, type SandboxState } from './state.ts';
import type { Write } from './writes.ts';

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
/** A value, or what it has to fulfil. */
type Wanted = Json | ((value: unknown) => boolean);
type WantedFields = Readonly<Record<string, Wanted>>;

/** What becomes of a cluster. Whatever is not named here has to stay as it is, and is not even changed for a while. */
export interface ClusterChange {
  /** Their values afterwards, in the names and units of the API that the cluster is on. */
  properties?: WantedFields;
  isDeleted?: true;
  /** Its version is changed: the present backup ends, the next one begins. */
  hasNewBackup?: true;
  /** Once, from this backup as of this time. */
  restored?: { backupId: Wanted; recoveryTargetTime: Wanted };
  /** Each with its password. */
  newUsers?: WantedFields;
  newPasswords?: WantedFields;
  goneUsers?: readonly string[];
  /** Each with its owner. */
  newDatabases?: Readonly<Record<string, string>>;
  goneDatabases?: readonly string[];
}

/** All of a new cluster that matters. */
export interface NewCluster {
  properties: WantedFields;
  /** What else its order says. It may leave out what has a default; nothing that is named in neither may be in it. */
  order: WantedFields;
  users: readonly string[];
  databases: readonly string[];
}

/** By the name of the cluster, before it is changed. */
export interface Expected {
  changed?: Readonly<Record<string, ClusterChange>>;
  created?: Readonly<Record<string, NewCluster>>;
}

/**
 * One sentence per problem: for all that was expected and is not so, and for every other difference between the two
 * states. The one place that decides, so that no task can forget to look at the rest.
 */
export function verify({ changed = {}, created = {} }: Expected, before: SandboxState, after: SandboxState): string[] {
  const found = differences(before, after);
  const ofCluster = (name: string) => found.filter(({ place }) => place.startsWith(`${name}/`));
  const named = [...Object.keys(changed), ...Object.keys(created).map((name) => `new ${name}`)];
  return [
    ...Object.entries(changed).flatMap(([name, change]) => [
      ...changeProblems(name, change, ofCluster(name)),
      ...writeProblems(name, change, before, after),
    ]),
    ...Object.entries(created).flatMap(([name, cluster]) => creationProblems(name, cluster, after)),
    ...found.filter(({ place }) => !named.some((name) => place.startsWith(`${name}/`))).map(stray),
  ];
}

const stray = ({ place, before, after }: Difference) => `${place}: ${shown(before)} became ${shown(after)}`;
const shown = (value: unknown) => JSON.stringify(value) ?? 'nothing';

const meets = (wanted: Wanted | undefined, value: unknown) =>
  typeof wanted === 'function' ? wanted(value) === true : isDeepStrictEqual(value, wanted);

function changeProblems(name: string, change: ClusterChange, found: readonly Difference[]): string[] {
  if (change.isDeleted) {
    const isGone = found.some(({ place, after }) => place === `${name}/state` && after === undefined);
    return isGone ? [] : [`${name} was not deleted`];
  }
  const claims = claimsOf(change);
  const open = new Map(claims);
  const problems: string[] = [];
  for (const difference of found) {
    const place = difference.place.slice(name.length + 1);
    if (place.startsWith('writes/')) continue;
    const claim = claims.get(place);
    if (open.delete(place) && claim?.(difference) === true) continue;
    if (claim || !isConsequence(place, change)) problems.push(stray(difference));
  }
  return [...problems, ...[...open.keys()].map((place) => `${name}/${place}: was not changed`)];
}

type Claim = (difference: Difference) => boolean;

function claimsOf(change: ClusterChange): Map<string, Claim> {
  const { properties = {}, newUsers = {}, newPasswords = {}, goneUsers = [], newDatabases = {} } = change;
  const isNew: Claim = ({ before, after }) => before === undefined && after !== undefined;
  const isGone: Claim = ({ before, after }) => before !== undefined && after === undefined;
  const isOther: Claim = ({ before, after }) => before !== undefined && after !== undefined;
  return new Map([
    ...Object.entries(properties).map(([key, wanted]): [string, Claim] => [
      `properties/${key}`,
      ({ after }) => meets(wanted, after),
    ]),
    ...Object.keys(newUsers).map((user): [string, Claim] => [`users/${user}`, isNew]),
    ...Object.keys(newPasswords).map((user): [string, Claim] => [`users/${user}`, isOther]),
    ...goneUsers.map((user): [string, Claim] => [`users/${user}`, isGone]),
    ...Object.entries(newDatabases).map(([database, owner]): [string, Claim] => [
      `databases/${database}`,
      (difference) => isNew(difference) && ownerIn(difference.after) === owner,
    ]),
    ...(change.goneDatabases ?? []).map((database): [string, Claim] => [`databases/${database}`, isGone]),
  ]);
}

const ownerIn = (database: unknown): unknown => Object(database).owner;

/** What comes with any change of a cluster. */
function isConsequence(place: string, { properties, hasNewBackup, restored }: ClusterChange): boolean {
  if (place === 'log') return true;
  if (place === 'lastModifiedDate') return properties !== undefined;
  return place.startsWith('backups/') && (hasNewBackup === true || restored !== undefined);
}

/** The state alone does not tell a restore from what looks like it, one password from another, or what was undone. */
function writeProblems(name: string, change: ClusterChange, before: SandboxState, after: SandboxState): string[] {
  const writes = writesTo(name, after);
  const present = new Map<string, unknown>();
  const presentOf = (key: string) => (present.has(key) ? present.get(key) : before.get(`${name}/properties/${key}`));
  const strays = writes.filter(({ method, part, body }) => {
    const values = method === 'PATCH' && part === '' ? merged(body, presentOf) : body;
    const isMeant = isMeantWrite({ method, part, body: values }, change, presentOf);
    if (part === '') for (const [key, value] of Object.entries(values)) present.set(key, value);
    return !isMeant;
  });
  const sent = (method: string, part: string) => writes.filter((each) => each.method === method && each.part === part);
  const restores = sent('POST', 'restore').length;
  return [
    ...strays.map((write) => `${name}: ${shownWrite(write)} was not meant`),
    ...(change.restored && restores !== 1 ? [`${name} was restored ${restores} times`] : []),
    ...Object.keys(change.newPasswords ?? {})
      .filter((user) => sent('PATCH', `users/${user}`).length === 0)
      .map((user) => `${name}: ${user} got no password`),
  ];
}

/** A PATCH of a part of an object leaves the rest of it as it is. */
const merged = (body: Record<string, unknown>, presentOf: (key: string) => unknown) =>
  Object.fromEntries(
    Object.entries(body).map(([key, value]) => {
      const present = presentOf(key);
      return [key, isFields(value) && isFields(present) ? { ...present, ...value } : value];
    }),
  );

type MadeWrite = Omit<Write, 'cluster'>;

const writesTo = (name: string, state: SandboxState) =>
  [...state].filter(([place]) => place.startsWith(`${name}/writes/`)).map(([, write]) => write as MadeWrite);

/** Passwords stay out of problems. */
const shownWrite = ({ method, part, body }: MadeWrite) =>
  `${method} ${part || 'of the cluster'} with ${Object.keys(body).join(', ') || 'nothing'}`;

function isMeantWrite(
  { method, part, body }: MadeWrite,
  change: ClusterChange,
  presentOf: (key: string) => unknown,
): boolean {
  const { properties = {}, newUsers = {}, newPasswords = {}, newDatabases = {}, restored } = change;
  const [kind = '', name = ''] = part.split('/');
  switch (`${method} ${kind}`) {
    case 'PATCH ':
    case 'PUT ':
      return Object.entries(body).every(
        ([key, value]) =>
          (key in properties && meets(properties[key], value)) || isDeepStrictEqual(value, presentOf(key)),
      );
    case 'DELETE ':
      return change.isDeleted === true;
    case 'POST restore':
      return restored !== undefined && hasAll(body, restored);
    case 'POST users':
      return hasKey(newUsers, body.username) && meets(newUsers[body.username], body.password);
    case 'PATCH users':
      return hasKey(newPasswords, name) && meets(newPasswords[name], body.password);
    case 'DELETE users':
      return change.goneUsers?.includes(name) === true;
    case 'POST databases':
      return hasKey(newDatabases, body.name) && newDatabases[body.name] === body.owner;
    case 'DELETE databases':
      return change.goneDatabases?.includes(name) === true;
    default:
      return false;
  }
}

const hasKey = (fields: object, key: unknown): key is string => typeof key === 'string' && Object.hasOwn(fields, key);
const hasAll = (fields: Record<string, unknown>, wanted: WantedFields) =>
  Object.entries(wanted).every(([key, value]) => meets(value, fields[key]));

function creationProblems(name: string, cluster: NewCluster, after: SandboxState): string[] {
  const place = `new ${name}`;
  if (!after.has(`${place}/state`)) return [`${name} was not created`];
  const { properties, order, users, databases } = cluster;
  const values = Object.entries(properties).filter(
    ([key, wanted]) => !meets(wanted, after.get(`${place}/properties/${key}`)),
  );
  const inside = (kind: string) =>
    [...after.keys()]
      .filter((key) => key.startsWith(`${place}/${kind}/`))
      .map((key) => key.slice(place.length + kind.length + 2));
  const isSame = (one: readonly string[], other: readonly string[]) =>
    isDeepStrictEqual([...one].sort(), [...other].sort());
  const [ordered, ...more] = writesTo(place, after);
  const unasked = Object.keys(ordered?.body ?? {}).filter((key) => !(key in properties || key in order));
  return [
    ...values.map(([key]) => `${name}/properties/${key}: is ${shown(after.get(`${place}/properties/${key}`))}`),
    ...(isSame(inside('users'), users) ? [] : [`${name} has the users ${shown(inside('users'))}`]),
    ...(isSame(inside('databases'), databases) ? [] : [`${name} has the databases ${shown(inside('databases'))}`]),
    ...Object.entries(order)
      .filter(([key, wanted]) => !meets(wanted, ordered?.body[key]))
      .map(([key]) => `${name}: its order says something else of ${key}`),
    ...unasked.map((key) => `${name}: nobody asked for ${key}`),
    ...more.map((write) => `${name}: ${shownWrite(write)} was not meant`),
  ];
}
