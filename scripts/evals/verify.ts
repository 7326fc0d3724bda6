import { isDeepStrictEqual } from 'node:util';
import { type Difference, differences, type SandboxState } from './state.ts';

/** A value, or what it has to fulfil. */
type Wanted = unknown | ((value: unknown) => boolean);

/** What becomes of a cluster. Whatever is not named here has to stay as it is. */
export interface ClusterChange {
  /** Their values afterwards, in the names and units of the API that the cluster is on. */
  properties?: Readonly<Record<string, Wanted>>;
  isDeleted?: true;
  /** A restore or an upgrade: the present backup ends, the next one begins. */
  hasNewBackup?: true;
  newUsers?: readonly string[];
  newPasswords?: readonly string[];
  goneUsers?: readonly string[];
  /** Each with its owner. */
  newDatabases?: Readonly<Record<string, string>>;
  goneDatabases?: readonly string[];
}

/** All of a new cluster that matters. */
export interface NewCluster {
  properties: Readonly<Record<string, Wanted>>;
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
    ...Object.entries(changed).flatMap(([name, change]) => changeProblems(name, change, ofCluster(name))),
    ...Object.entries(created).flatMap(([name, cluster]) => creationProblems(name, cluster, after)),
    ...found.filter(({ place }) => !named.some((name) => place.startsWith(`${name}/`))).map(stray),
  ];
}

const stray = ({ place, before, after }: Difference) => `${place}: ${shown(before)} became ${shown(after)}`;
const shown = (value: unknown) => JSON.stringify(value) ?? 'nothing';

const meets = (wanted: Wanted, value: unknown) =>
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
    const claim = claims.get(place);
    if (open.delete(place) && claim?.(difference) === true) continue;
    if (claim || !isConsequence(place, change)) problems.push(stray(difference));
  }
  return [...problems, ...[...open.keys()].map((place) => `${name}/${place}: was not changed`)];
}

type Claim = (difference: Difference) => boolean;

function claimsOf(change: ClusterChange): Map<string, Claim> {
  const { properties = {}, newUsers = [], newPasswords = [], goneUsers = [], newDatabases = {} } = change;
  const isNew: Claim = ({ before, after }) => before === undefined && after !== undefined;
  const isGone: Claim = ({ before, after }) => before !== undefined && after === undefined;
  const isOther: Claim = ({ before, after }) => before !== undefined && after !== undefined;
  return new Map([
    ...Object.entries(properties).map(([key, wanted]): [string, Claim] => [
      `properties/${key}`,
      ({ after }) => meets(wanted, after),
    ]),
    ...newUsers.map((user): [string, Claim] => [`users/${user}`, isNew]),
    ...newPasswords.map((user): [string, Claim] => [`users/${user}`, isOther]),
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
function isConsequence(place: string, { properties, hasNewBackup }: ClusterChange): boolean {
  if (place === 'log') return true;
  if (place === 'lastModifiedDate') return properties !== undefined;
  return place.startsWith('backups/') && hasNewBackup === true;
}

function creationProblems(name: string, { properties, users, databases }: NewCluster, after: SandboxState): string[] {
  const place = `new ${name}`;
  if (!after.has(`${place}/state`)) return [`${name} was not created`];
  const values = Object.entries(properties).filter(
    ([key, wanted]) => !meets(wanted, after.get(`${place}/properties/${key}`)),
  );
  const inside = (kind: string) =>
    [...after.keys()]
      .filter((key) => key.startsWith(`${place}/${kind}/`))
      .map((key) => key.slice(place.length + kind.length + 2));
  const isSame = (one: readonly string[], other: readonly string[]) =>
    isDeepStrictEqual([...one].sort(), [...other].sort());
  return [
    ...values.map(([key]) => `${name}/properties/${key}: is ${shown(after.get(`${place}/properties/${key}`))}`),
    ...(isSame(inside('users'), users) ? [] : [`${name} has the users ${shown(inside('users'))}`]),
    ...(isSame(inside('databases'), databases) ? [] : [`${name} has the databases ${shown(inside('databases'))}`]),
  ];
}
