import { completeDatacenterId } from '../tools/completions.ts';
import { listNetworkOptions } from '../tools/networks/list-network-options.ts';
import type { Resource } from './resource.ts';
import { ofDatacenter } from './variables.ts';

const datacenters: Resource = {
  name: 'datacenters',
  uri: 'ionos-postgresql://datacenters',
  title: 'Data centers',
  description: 'The first 100 data centers in which a cluster can be placed',
  mimeType: 'application/json',
  ttlMs: 60_000,
  read: (_, context) => listNetworkOptions.run({ limit: 100 }, context),
};

const lans: Resource = {
  name: 'lans',
  uri: 'ionos-postgresql://datacenters/{datacenterId}/lans',
  title: 'LANs of a data center',
  description: 'The first 100 LANs of a data center, with addresses that are free for a cluster',
  mimeType: 'application/json',
  ttlMs: 5_000,
  read: (variables, context) => listNetworkOptions.run({ ...ofDatacenter(variables), limit: 100 }, context),
  complete: { datacenterId: completeDatacenterId },
};

export const networkResources = [datacenters, lans];
