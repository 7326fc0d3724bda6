import { idKey } from '../../text/ids.ts';
import { type ChangeEffect, INTERRUPTIONS, type Interruption, type Order } from './facts.ts';

export type Properties = Partial<Order>;

interface EffectRow {
  name: ChangeEffect;
  of: readonly (keyof Order)[];
  when?(before: Properties, after: Properties): boolean;
  says: string;
  interruption: Interruption;
  isGrave?: boolean;
}

const firstOf = ({ connections: [first] = [] }: Properties) => first;
const isDetached = ({ connections }: Properties) => connections?.length === 0;
const lanOf = (properties: Properties) => {
  const { datacenterId, lanId } = firstOf(properties) ?? {};
  return datacenterId === undefined || lanId === undefined ? undefined : `${idKey(datacenterId)} ${lanId}`;
};
/** A connection in an unknown form, or a second one, may be one to another LAN. */
const stays = (before: Properties, after: Properties) =>
  before.connections?.length === 1 && lanOf(before) !== undefined && lanOf(before) === lanOf(after);

export const CHANGE_EFFECTS: readonly EffectRow[] = [
  {
    name: 'upgrade',
    of: ['postgresVersion'],
    says: 'The upgrade to another major version cannot be undone, takes minutes, and starts a new backup. The only way back is a new cluster from the present backup (fromBackup of create_cluster), as long as that is kept.',
    interruption: 'unknown',
    isGrave: true,
  },
  {
    name: 'detach',
    of: ['connections'],
    when: (_, after) => !firstOf(after),
    says: 'The cluster is detached from its network: its databases are unreachable until it is attached again.',
    interruption: 'unreachable',
    isGrave: true,
  },
  {
    name: 'attach',
    of: ['connections'],
    when: (before, after) => isDetached(before) && firstOf(after) !== undefined,
    says: 'The cluster is attached to this LAN.',
    interruption: 'none',
  },
  {
    name: 'move',
    of: ['connections'],
    when: (before, after) => !isDetached(before) && firstOf(after) !== undefined && !stays(before, after),
    says: 'The cluster leaves its present LAN: clients there lose the connection. Its DNS name follows the new address within minutes.',
    interruption: 'connections-break',
    isGrave: true,
  },
  {
    name: 'readdress',
    of: ['connections'],
    when: (before, after) => firstOf(after) !== undefined && stays(before, after),
    says: 'The address changes: open connections break. The DNS name follows within minutes.',
    interruption: 'connections-break',
  },
  {
    name: 'grow-storage',
    of: ['storageSize'],
    says: 'Storage grows online, without downtime, and can never be reduced.',
    interruption: 'none',
    isGrave: true,
  },
  {
    name: 'replace-nodes',
    of: ['cores', 'ram'],
    when: (before) => Number(before.instances) > 1,
    says: 'The nodes are replaced with one switchover: open connections break once.',
    interruption: 'switchover',
  },
  {
    name: 'replace-only-node',
    of: ['cores', 'ram'],
    when: (before) => !(Number(before.instances) > 1),
    // The manual mentions a switchover, but there is nothing to switch to.
    says: 'The only instance is replaced, with no standby to switch over to: open connections break.',
    interruption: 'unknown',
  },
  {
    name: 'remove-standbys',
    of: ['instances'],
    when: (before, after) => !(Number(after.instances) >= Number(before.instances)),
    says: 'Instances are removed. If one is the primary, a switchover follows, and open connections break once.',
    interruption: 'possible-switchover',
  },
  {
    name: 'last-standby',
    of: ['instances'],
    when: (before, after) => Number(before.instances) > 1 && after.instances === 1,
    says: 'No standby is left: if the only instance fails, the databases are unreachable until it is replaced.',
    interruption: 'none',
  },
  {
    name: 'pooler-off',
    of: ['connectionPooler'],
    when: ({ connectionPooler: before }, { connectionPooler: after }) =>
      before?.enabled !== false && after?.enabled === false,
    says: 'Programs that connect through the pooler, on port 6432, lose the connection and get none as long as it is off.',
    interruption: 'connections-break',
    isGrave: true,
  },
  {
    name: 'pooler-mode',
    of: ['connectionPooler'],
    when: ({ connectionPooler: before }, { connectionPooler: after }) =>
      before?.poolMode === 'session' && after?.poolMode === 'transaction' && after.enabled !== false,
    says: 'In transaction mode no session state outlasts a transaction, such as LISTEN or SET of a session.',
    interruption: 'unknown',
  },
  {
    name: 'rename',
    of: ['displayName'],
    says: 'Calls, rules and URLs that name the cluster as before no longer find it.',
    interruption: 'unknown',
  },
  {
    name: 'scale-before-mode',
    of: ['synchronizationMode'],
    when: (before, after) => after.synchronizationMode === 'STRICTLY_SYNCHRONOUS' && !(Number(before.instances) >= 3),
    says: 'IONOS advises scaling to 3 instances first, waiting, and then switching the mode: with fewer the database can become read-only.',
    interruption: 'unknown',
  },
];

export function effectsOf(changed: readonly string[], before: Properties, after: Properties): readonly EffectRow[] {
  return CHANGE_EFFECTS.filter(
    ({ of, when }) => of.some((property) => changed.includes(property)) && (!when || when(before, after)),
  );
}

/** The worst known one; unknown if no effect covers a property. */
export function interruptionBy(changed: readonly string[], effects: readonly EffectRow[]): Interruption {
  const isTold = (property: string) => effects.some(({ of }) => of.some((each) => each === property));
  const each = effects.map(({ interruption }) => interruption);
  const all: Interruption[] = changed.every(isTold) ? each : [...each, 'unknown'];
  return INTERRUPTIONS[Math.max(...all.map((one) => INTERRUPTIONS.indexOf(one)))] ?? 'unknown';
}

export const wordsOfEffect = (name: ChangeEffect) => CHANGE_EFFECTS.find((row) => row.name === name)?.says ?? '';

export function wordsOfInterruption(interruption: Interruption): string | undefined {
  if (interruption === 'none') return 'The service is not interrupted.';
  if (interruption === 'unknown')
    return 'IONOS does not document whether, or for how long, this interrupts the service.';
  return undefined;
}
