import { type Contract, resourceUrn } from '../contracts.ts';
import { refuse } from '../errors.ts';
import { date } from '../times.ts';
import type { createV2Backups, V2Backup } from './backups.ts';
import { DEFAULTS, type V2Properties } from './properties.ts';

type V2State = 'PROVISIONING' | 'AVAILABLE' | 'UPDATING' | 'DESTROYING' | 'FAILED';

/** Times are milliseconds since the epoch. */
export interface V2Entry {
  id: string;
  region: string;
  dnsName: string;
  createdAt: number;
  modifiedAt?: number;
  readyAt: number;
  busyUntil: number;
  goneAt: number;
  /** In place of what follows from the times, as long as it is there. */
  state?: V2State;
  statusMessage?: string;
  properties: V2Properties;
  backup: V2Backup;
}

export interface V2Given extends Partial<Pick<V2Entry, 'id' | 'region' | 'dnsName' | 'createdAt' | 'state'>> {
  /** Of a cluster that FAILED. */
  statusMessage?: string;
  /** How long it is PROVISIONING. */
  settlesIn?: number;
}

export function createV2Store(
  contract: Contract,
  now: () => number,
  settleMs: number,
  backups: ReturnType<typeof createV2Backups>,
) {
  const { owner } = contract;
  let entries: V2Entry[] = [];

  /** Of one region, or of all. */
  function inRegion(region?: string): V2Entry[] {
    entries = entries.filter(({ goneAt }) => now() < goneAt);
    return entries.filter((entry) => region === undefined || entry.region === region);
  }

  const lookUp = (id: string, region?: string) => inRegion(region).find((entry) => entry.id === id);

  function insert(properties: Partial<V2Properties>, given: V2Given = {}): V2Entry {
    const { id = crypto.randomUUID(), region = 'de-txl', createdAt = now(), settlesIn = 0, ...more } = given;
    const dnsName = `pg-${id.replaceAll('-', '').slice(0, 16)}.postgresql.${region}.ionos.com`;
    const readyAt = createdAt + settlesIn;
    const times = { createdAt, readyAt, busyUntil: readyAt, goneAt: Infinity };
    const whole = { ...DEFAULTS, ...structuredClone(properties) };
    const named = { dnsName, ...more, ...times, id, region, properties: whole };
    const entry: V2Entry = Object.assign(named, { backup: backups.begin(named, times) });
    entries.push(entry);
    return entry;
  }

  function stateOf({ state, readyAt, busyUntil, goneAt }: V2Entry): V2State {
    if (goneAt < Infinity) return 'DESTROYING';
    if (state !== undefined) return state;
    if (now() < readyAt) return 'PROVISIONING';
    return now() < busyUntil ? 'UPDATING' : 'AVAILABLE';
  }

  function show(entry: V2Entry, state = stateOf(entry)) {
    const { id, region, dnsName, createdAt, modifiedAt, readyAt, statusMessage, properties } = entry;
    return {
      id,
      type: 'cluster',
      metadata: {
        createdDate: date(createdAt),
        createdBy: owner.name,
        createdByUserId: owner.id,
        ...(modifiedAt !== undefined && {
          lastModifiedDate: date(modifiedAt),
          lastModifiedBy: owner.name,
          lastModifiedByUserId: owner.id,
        }),
        resourceURN: resourceUrn(contract, region, `clusters/${id}`),
        state,
        ...(statusMessage !== undefined && { statusMessage }),
        ...(now() >= readyAt && { dnsName }),
      },
      properties: structuredClone(properties),
    };
  }

  return {
    inRegion,
    lookUp,
    find: (id: string, region?: string) => lookUp(id, region) ?? refuse(404, 'the cluster does not exist'),
    insert,
    stateOf,
    show,

    /** After an upgrade or a restore. */
    beginBackup(entry: V2Entry): void {
      backups.end(entry.backup);
      entry.backup = backups.begin(entry, { createdAt: now(), readyAt: now() + settleMs });
    },
  };
}
