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
    says: 'The upgrade to another major version cannot be undone, takes minutes, and starts a new backup.',
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
