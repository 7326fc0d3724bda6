import { completeClusterId, completeDatabase } from '../tools/completions.ts';
import { getDatabase, listDatabases } from '../tools/databases.ts';
import type { Resource } from './resource.ts';
import { ofCluster, ofDatabase } from './variables.ts';

const ttlMs = 5_000;

const databases: Resource = {
  name: 'databases',
  uri: 'ionos-postgresql://clusters/{clusterId}/databases',
  title: 'Databases of a PostgreSQL cluster',
  description: 'The first 100 databases of a cluster, with their owners',
  mimeType: 'application/json',
  ttlMs,
  read: (variables, context) => listDatabases.run({ ...ofCluster(variables), limit: 100 }, context),
  complete: { clusterId: completeClusterId },
};

const database: Resource = {
  name: 'database',
  uri: 'ionos-postgresql://clusters/{clusterId}/databases/{name}',
  title: 'Database of a PostgreSQL cluster',
  description: 'One database of a cluster, with its owner',
  mimeType: 'application/json',
  ttlMs,
  read: (variables, context) => getDatabase.run(ofDatabase(variables), context),
  complete: { clusterId: completeClusterId, name: completeDatabase },
};

export const databaseResources = [databases, database];
