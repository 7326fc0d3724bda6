import { costWords } from '../../prices/words.ts';
import { labelOf, shortened } from '../../text/labels.ts';
import { cut } from '../../text/visible.ts';
import { doubtWords } from '../places/place-words.ts';
import { warningWords } from '../schemas/cluster-properties.ts';
import { excessWords } from '../writing/quota.ts';
import {
  deletionWayBackWords,
  formerWords,
  listWords,
  lostDatabaseWords,
  ownerWords,
  replayWords,
} from './backup-words.ts';
import { wordsOfEffect, wordsOfInterruption } from './change-effects.ts';
import type {
  ChangeFacts,
  DatabaseDeletionFacts,
  DeletionFacts,
  NewDatabaseFacts,
  NewPasswordFacts,
  NewPasswordFile,
  NewUserFacts,
  OrderFacts,
  Size,
  SizeFacts,
  UserDeletionFacts,
} from './facts.ts';
import type { Change, PlanWords } from './plan.ts';

const isSentence = (sentence: string | undefined): sentence is string => sentence !== undefined;

export function orderWords(facts: OrderFacts): PlanWords {
  const { api, order, size, filledFrom, newPassword, lookalike, warnings } = facts;
  const { displayName, postgresVersion, location } = order;
  const where = `${shortened(location)}${api ? " on IONOS's API v2" : ''}`;
  return {
    summary: `Order the PostgreSQL ${shortened(postgresVersion)} cluster ${shortened(displayName)} in ${where}, which costs money until it is deleted.`,
    changes: orderValues(facts),
    effects: [
      sizeWords(size),
      ...costWords(facts.cost),
      facts.preset.length > 0
        ? `Chosen by this server, because nothing else was said: ${facts.preset.join(', ')}.`
        : undefined,
      ...(facts.copied ? copyWords(facts.copied) : []),
      ...facts.doubts.map((doubt) => doubtWords(doubt, order.connections?.[0]?.cidr)),
      supportWords(postgresVersion, facts.supportStatus),
      order.maintenanceWindow && IN_UTC,
      hasTelemetry(order) ? WITHOUT_EFFECT : undefined,
      ...(filledFrom ? replayWords(filledFrom) : []),
      filledFrom && facts.preset.includes('storageSize') ? DEFAULT_ROOM : undefined,
      newPassword && newPasswordWords(newPassword),
      lookalike && `Without allowDuplicate it would not be sent: ${lookalikeWords(lookalike)}`,
      silenceWords(facts.silent),
      ...warnings.map(warningWords),
      ...(facts.quota ?? []).map(excessWords),
    ].filter(isSentence),
  };
}

const DEFAULT_ROOM =
  'storageSize is only the default: the backup does not tell how much storage its cluster has or had; while that exists, get_cluster does.';

function silenceWords(regions: readonly string[]): string | undefined {
  if (regions.length === 0) return undefined;
  return `A cluster of this name may exist in a region of API v2 that does not answer (${regions.join(', ')}).`;
}

function copyWords({ from, properties, left, unfit }: NonNullable<OrderFacts['copied']>): string[] {
  return [
    ...(properties.length > 0 ? [`Taken from ${labelOf(from)}: ${properties.join(', ')}.`] : []),
    ...(left.length > 0 ? [`Not copied, because API v1 and v2 differ here: ${left.join(', ')}.`] : []),
    ...(unfit.length > 0
      ? [`Not copied, because this server takes no such value, or none so long: ${unfit.join(', ')}.`]
      : []),
  ];
}

/** Statuses that say nothing that a person has to weigh. */
const SUPPORTED = ['SUPPORTED', 'RECOMMENDED'];

function supportWords(version: string | undefined, status: string | undefined): string | undefined {
  if (version === undefined || status === undefined || SUPPORTED.includes(status)) return undefined;
  return `IONOS says of PostgreSQL ${shortened(version)}: ${shortened(status)}.`;
}

const hasTelemetry = ({ logsEnabled, metricsEnabled }: { logsEnabled?: boolean; metricsEnabled?: boolean }) =>
  logsEnabled === true || metricsEnabled === true;
const WITHOUT_EFFECT =
  "logsEnabled and metricsEnabled have no effect until IONOS's Logging or Monitoring Service is active on the contract.";

const IN_UTC = 'The maintenance window is in UTC.';
const CHOSEN_BY_IONOS = 'chosen by IONOS';

function orderValues({ order, defaults, username, database }: OrderFacts): Change[] {
  const given = Object.entries(order).filter(([, value]) => value !== undefined);
  return [
    ...given.map(([property, to]) => ({ property, to: bounded(to) })),
    { property: 'username', to: bounded(username) },
    ...(database === undefined ? [] : [{ property: 'database', to: bounded(database) }]),
    ...defaults.map((property) => ({ property, to: CHOSEN_BY_IONOS })),
  ];
}

export function lookalikeWords(lookalike: NonNullable<OrderFacts['lookalike']>): string {
  return `${labelOf(lookalike)} was ordered in this location less than 10 minutes ago, at ${shortened(lookalike.createdDate)}.`;
}

function sizeWords({ each, total }: SizeFacts): string {
  const amounts = ({ cores, ram, storageSize }: Partial<Size>) =>
    `${cores ?? '?'} cores, ${ram ?? '?'} MB of memory and ${storageSize ?? '?'} MB of storage`;
  const one = `${each.instances ?? '?'} × ${amounts(each)}`;
  return total && total.instances > 1 ? `Size: ${one}; in total ${amounts(total)}.` : `Size: ${one}.`;
}

export function changeWords(facts: ChangeFacts): PlanWords {
  const { cluster, values, effects, interruption, size, owner, newPassword, doubts = [], warnings } = facts;
  const to = Object.fromEntries(values.map(({ property, to }) => [property, to]));
  return {
    summary: `Change the PostgreSQL cluster ${labelOf(cluster)}.`,
    changes: values.map(({ property, from, to }) => ({ property, from: bounded(from), to: bounded(to) })),
    effects: [
      ...effects.map(wordsOfEffect),
      namesakeWords(facts.namesakes),
      wordsOfInterruption(interruption),
      size && sizeWords(size),
      ...(facts.cost ? costWords(facts.cost) : []),
      typeof to.postgresVersion === 'string' ? supportWords(to.postgresVersion, facts.supportStatus) : undefined,
      'maintenanceWindow' in to ? IN_UTC : undefined,
      hasTelemetry(to) ? WITHOUT_EFFECT : undefined,
      ...(owner ? ownerWords(owner) : []),
      newPassword && newPasswordWords(newPassword),
      ...doubts.map((doubt) => doubtWords(doubt, cidrIn(to.connections))),
      ...warnings.map(warningWords),
      ...(facts.quota ?? []).map(excessWords),
    ].filter(isSentence),
  };
}

function namesakeWords(others: ChangeFacts['namesakes'] = []): string | undefined {
  if (others.length === 0) return undefined;
  return `The name is also that of ${listWords(others.map(({ id }) => shortened(id)))}: no call finds any of them by it, until only one has it.`;
}

function cidrIn(connections: unknown): string | undefined {
  const [first]: { cidr?: unknown }[] = Array.isArray(connections) ? connections : [];
  return typeof first?.cidr === 'string' ? first.cidr : undefined;
}

const MAX_VALUE = 500;

function bounded(value: unknown): unknown {
  if (typeof value === 'string') return cut(value, MAX_VALUE);
  if (Array.isArray(value)) return value.map(bounded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, bounded(item)]));
}

export function deletionWords(facts: DeletionFacts): PlanWords {
  const { cluster, at, postgresVersion, location, createdDate, size, wayBack } = facts;
  const version = shortened(postgresVersion) || '(unknown version)';
  const since = createdDate ? `, created ${shortened(createdDate)}${ageWords(createdDate, at)}` : '';
  return {
    summary: `Delete the PostgreSQL cluster ${labelOf(cluster)} with all its databases, users and data.`,
    effects: [
      ...formerWords(facts.formerNames),
      `PostgreSQL ${version} in ${shortened(location) || 'an unknown location'}${since}.`,
      sizeWords(size),
      ...costWords(facts.cost),
      deletionWayBackWords(wayBack),
    ],
  };
}

const DAY_MS = 86_400_000;

function ageWords(date: string, at: string): string {
  const days = Math.floor((Date.parse(at) - Date.parse(date)) / DAY_MS);
  if (!(days >= 1)) return '';
  return days === 1 ? ', 1 day ago' : `, ${days} days ago`;
}

export function newDatabaseWords({ cluster, name, owner }: NewDatabaseFacts): PlanWords {
  return {
    summary: `Create the database ${shortened(name)}, owned by ${shortened(owner)}, in the PostgreSQL cluster ${labelOf(cluster)}.`,
    effects: [],
  };
}

export function databaseDeletionWords(facts: DatabaseDeletionFacts): PlanWords {
  const { cluster, name, owner, wayBack, hasEarlier } = facts;
  return {
    summary: `Delete the database ${shortened(name)} of the PostgreSQL cluster ${labelOf(cluster)} with everything in it.`,
    effects: [
      ...formerWords(facts.formerNames),
      `Its owner is ${shortened(owner)}.`,
      lostDatabaseWords(wayBack, hasEarlier),
    ],
  };
}

export function newUserWords({ cluster, username, newPassword }: NewUserFacts): PlanWords {
  return {
    summary: `Create the user ${shortened(username)} in the PostgreSQL cluster ${labelOf(cluster)}.`,
    effects: newPassword ? [newPasswordWords(newPassword)] : [],
  };
}

export function passwordChangeWords({ cluster, username, newPassword }: NewPasswordFacts): PlanWords {
  return {
    summary: `Change the password of the user ${shortened(username)} in the PostgreSQL cluster ${labelOf(cluster)}.`,
    effects: [
      'Programs that use the old password can no longer log in. It cannot be read, so nobody can bring it back.',
      ...(newPassword ? [newPasswordWords(newPassword)] : []),
    ],
  };
}

function newPasswordWords({ folder }: NewPasswordFile): string {
  return `A strong password is generated and written to a new file in ${folder}, which only the user of this server can read.`;
}

export function userDeletionWords({ cluster, username, owns }: UserDeletionFacts): PlanWords {
  return {
    summary: `Delete the user ${shortened(username)} of the PostgreSQL cluster ${labelOf(cluster)}. This cannot be undone.`,
    effects: ['Programs that use it can no longer log in.', ownedWords(owns)].filter(isSentence),
  };
}

function ownedWords(owns: readonly string[] | undefined): string | undefined {
  if (owns === undefined)
    return 'It is not known which databases this user owns; IONOS may refuse to delete a user who owns one.';
  if (owns.length === 0) return undefined;
  return `It owns ${listWords(owns.map((name) => shortened(name)))}; IONOS may refuse to delete an owner. Another owner takes SQL (ALTER DATABASE … OWNER TO, REASSIGN OWNED); update_user with a new password locks it out at once.`;
}
