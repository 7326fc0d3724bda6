import type { Backups, StoredBackup } from './backups.ts';
import type { ClusterProperties } from './cluster-properties.ts';
import type { Content } from './content.ts';
import type { Contract } from './contracts.ts';
import { refuse } from './errors.ts';
import { createHistory, type History } from './history.ts';
import { date, latest, type Timeline } from './times.ts';

export interface SandboxCluster {
  type: 'cluster';
  id: string;
  metadata: {
    createdDate: string;
    createdBy: string;
    createdByUserId: string;
    lastModifiedDate?: string;
    lastModifiedBy?: string;
    lastModifiedByUserId?: string;
    state: ClusterState;
  };
  properties: ClusterProperties;
}

type ClusterState = 'AVAILABLE' | 'BUSY' | 'DESTROYING';

/** Times are milliseconds since the epoch. The state follows from them and the clock, without timers. */
export interface ClusterEntry {
  id: string;
  properties: ClusterProperties;
  createdAt: number;
  modifiedAt?: number;
  readyAt: number;
  busyUntil: number;
  goneAt: number;
  backup: StoredBackup;
  history: History;
}

export interface Past {
  id?: string;
  createdAt?: number;
  modifiedAt?: number;
  backupWord?: string;
  contents?: Timeline<Content>;
}

export function createClusterStore({ owner }: Contract, now: () => number, settleMs: number, backups: Backups) {
  const entries = new Map<string, ClusterEntry>();

  function present(): Map<string, ClusterEntry> {
    for (const [id, { goneAt }] of entries) if (now() >= goneAt) entries.delete(id);
    return entries;
  }

  function find(id: string): ClusterEntry {
    return present().get(id) ?? refuse(404, 'the cluster does not exist');
  }

  function insert(properties: ClusterProperties, settlesIn: number, content: Content, past: Past = {}): ClusterEntry {
    const { id = crypto.randomUUID(), createdAt = now(), modifiedAt, backupWord } = past;
    const { location, dnsName = dnsNameOf(id, location) } = properties;
    const named = { ...structuredClone(properties), dnsName };
    const readyAt = createdAt + settlesIn;
    const entry: ClusterEntry = {
      id,
      properties: named,
      createdAt,
      modifiedAt,
      readyAt,
      busyUntil: readyAt,
      goneAt: Infinity,
      backup: backups.begin({ ...begun(id, named), createdAt, readyAt, word: backupWord }, content),
      history: createHistory(named, readyAt),
    };
    entries.set(id, entry);
    return entry;
  }

  function write(entry: ClusterEntry, content: Content, at = now()): void {
    entry.history.altered(at, latest(entry.backup.contents), content);
    backups.write(entry.backup, content, at);
  }

  function succeed(entry: ClusterEntry, content: Content): void {
    backups.end(entry.backup);
    const times = { createdAt: now(), readyAt: now() + settleMs };
    entry.backup = backups.begin({ ...begun(entry.id, entry.properties), ...times }, content);
  }

  function changeable(id: string): ClusterEntry {
    const entry = find(id);
    const state = stateOf(entry);
    if (state !== 'AVAILABLE') refuse(422, `the cluster is ${state}; it can be changed only while it is AVAILABLE`);
    return entry;
  }

  function stateOf({ goneAt, busyUntil }: ClusterEntry): ClusterState {
    if (goneAt < Infinity) return 'DESTROYING';
    return now() < busyUntil ? 'BUSY' : 'AVAILABLE';
  }

  function show(entry: ClusterEntry, state = stateOf(entry)): SandboxCluster {
    const { dnsName, ...properties } = structuredClone(entry.properties);
    return {
      type: 'cluster',
      id: entry.id,
      metadata: {
        createdDate: date(entry.createdAt),
        createdBy: owner.name,
        createdByUserId: owner.id,
        ...(entry.modifiedAt !== undefined && {
          lastModifiedDate: date(entry.modifiedAt),
          lastModifiedBy: owner.name,
          lastModifiedByUserId: owner.id,
        }),
        state,
      },
      properties: now() < entry.readyAt ? properties : { ...properties, dnsName },
    };
  }

  /** Without an end: it lives on elsewhere. */
  function forget(id: string): void {
    entries.delete(find(id).id);
  }

  return { forget, all: () => [...present().values()], find, insert, write, succeed, changeable, show };
}

function begun(
  clusterId: string,
  { postgresVersion: version, backupLocation: location, storageSize }: ClusterProperties,
) {
  return { clusterId, version, location, storageSize };
}

function dnsNameOf(id: string, location: string): string {
  const region = location.toLowerCase().split('/').slice(0, 2).join('-');
  return `pg-${id.replaceAll('-', '').slice(0, 16)}.postgresql.${region}.ionos.com`;
}
