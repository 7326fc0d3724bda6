import type { SandboxCluster } from '../cluster-store.ts';
import type { Contract } from '../contracts.ts';
import { refuse } from '../errors.ts';
import { check } from '../validation.ts';
import { createV2Backups } from './backups.ts';
import { stored, type V2Properties } from './properties.ts';
import { createV2Store, type V2Entry, type V2Given } from './store.ts';
import { createRules, orderRules, replaceRules, type V2Order } from './validation.ts';

const MB_PER_GB = 1024;

export type V2Clusters = ReturnType<typeof createV2Clusters>;

interface V2ClustersOptions {
  contract: Contract;
  now: () => number;
  settleMs: number;
  /** Of a data center; undefined if there is none of this ID. */
  locationOf(datacenterId: string): string | undefined;
}

export function createV2Clusters({ contract, now, settleMs, locationOf }: V2ClustersOptions) {
  const backups = createV2Backups(now, settleMs);
  const store = createV2Store(contract, now, settleMs, backups);
  const { inRegion, lookUp, find, insert, stateOf, show, beginBackup } = store;

  const add = (properties: Partial<V2Properties> = {}, given: V2Given = {}) => show(insert(properties, given));

  function order(properties: V2Order, region?: string, id?: string) {
    const { version, restoreFromBackup, connection } = properties;
    if (restoreFromBackup) backups.mustFill(restoreFromBackup, version, region);
    const place = region ?? regionOf(locationOf(connection.datacenterId));
    return show(insert(stored(properties), { id, region: place, settlesIn: settleMs }), 'PROVISIONING');
  }

  function replace(entry: V2Entry, body: unknown) {
    const state = stateOf(entry);
    // What the service does is not known; of the codes that it documents for a PUT, this one says it best.
    if (state !== 'AVAILABLE') refuse(409, `the cluster is ${state}; it can be changed only while it is AVAILABLE`);
    const { properties: old } = entry;
    const { properties } = check(replaceRules(entry.id, old, now), body);
    const { restoreFromBackup } = properties;
    if (restoreFromBackup) backups.mustReach(entry, restoreFromBackup.recoveryTargetDatetime);
    const fresh = stored(properties, old.credentials);
    Object.assign(entry, { properties: fresh, modifiedAt: now(), busyUntil: now() + settleMs });
    if (restoreFromBackup || fresh.version !== old.version) beginBackup(entry);
    return show(entry, 'UPDATING');
  }

  return {
    add,
    list: (region?: string) => inRegion(region).map((entry) => show(entry)),
    read: (id: string, region?: string) => show(find(id, region)),
    backups: backups.list,

    order: (body: unknown, region?: string) => order(check(orderRules(now), body).properties, region),

    /** Of an ID that the region does not have, it makes a cluster. */
    put(id: string, body: unknown, region?: string) {
      const present = lookUp(id, region);
      if (present) return { isNew: false, cluster: replace(present, body) };
      return { isNew: true, cluster: order(check(createRules(id, now), body).properties, region, id) };
    },

    remove(id: string, region?: string): void {
      const entry = find(id, region);
      if (entry.goneAt < Infinity) return;
      entry.goneAt = now() + settleMs;
      backups.end(entry.backup);
    },

    /** A cluster of v1 under the same ID and host name. */
    adopt({ id, metadata: { createdDate }, properties }: SandboxCluster): void {
      const [connection] = properties.connections;
      const { datacenterId, lanId, cidr } = connection ?? refuse(422, 'a cluster without connection cannot move');
      const { enabled, poolMode } = properties.connectionPooler;
      add(
        {
          name: properties.displayName.replaceAll(/[^A-Za-z0-9._-]/g, '-'),
          version: properties.postgresVersion,
          instances: {
            count: properties.instances,
            cores: properties.cores,
            ram: Math.ceil(properties.ram / MB_PER_GB),
            storageSize: Math.ceil(properties.storageSize / MB_PER_GB),
          },
          connection: { datacenterId, lanId, primaryInstanceAddress: cidr },
          maintenanceWindow: properties.maintenanceWindow,
          replicationMode: properties.synchronizationMode,
          connectionPooler: enabled ? poolMode.toUpperCase() : 'DISABLED',
          backup: { location: properties.backupLocation, retentionDays: 7 },
        },
        {
          id,
          region: regionOf(properties.location),
          createdAt: Date.parse(createdDate),
          ...(properties.dnsName !== undefined && { dnsName: properties.dnsName }),
        },
      );
    },
  };
}

const regionOf = (location = 'de/txl') => location.split('/').slice(0, 2).join('-');
