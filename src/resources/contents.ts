import { listClusterBackups } from '../tools/backups.ts';
import { completeClusterId, completeDatabase, completeUsername } from '../tools/completions.ts';
import { getDatabase, listDatabases } from '../tools/databases.ts';
import { getUser, listUsers } from '../tools/users.ts';
import type { Resource } from './resource.ts';
import { ofCluster, ofDatabase, ofUser } from './variables.ts';

const mimeType = 'application/json';
/** Someone who has just made something wants to see it. */
const ttlMs = 5_000;
const limit = 100;

const clusterBackups: Resource = {
  name: 'cluster-backups',
  uri: 'ionos-postgresql://clusters/{clusterId}/backups',
  title: 'Backups of a PostgreSQL cluster',
  description: 'The backups of a cluster, the first 100',
  mimeType,
  ttlMs: 60_000,
  read: (variables, context) => listClusterBackups.run({ ...ofCluster(variables), limit }, context),
  complete: { clusterId: completeClusterId },
};

const users: Resource = {
  name: 'users',
  uri: 'ionos-postgresql://clusters/{clusterId}/users',
  title: 'Users of a PostgreSQL cluster',
  description: 'The users of a cluster, the first 100, without passwords',
  mimeType,
  ttlMs,
  read: (variables, context) => listUsers.run({ ...ofCluster(variables), limit }, context),
  complete: { clusterId: completeClusterId },
};

const user: Resource = {
  name: 'user',
  uri: 'ionos-postgresql://clusters/{clusterId}/users/{username}',
  title: 'User of a PostgreSQL cluster',
  description: 'One user of a cluster, without its password',
  mimeType,
  ttlMs,
  read: (variables, context) => getUser.run(ofUser(variables), context),
  complete: { clusterId: completeClusterId, username: completeUsername },
};

const databases: Resource = {
  name: 'databases',
  uri: 'ionos-postgresql://clusters/{clusterId}/databases',
  title: 'Databases of a PostgreSQL cluster',
  description: 'The databases of a cluster, the first 100, with their owners',
  mimeType,
  ttlMs,
  read: (variables, context) => listDatabases.run({ ...ofCluster(variables), limit }, context),
  complete: { clusterId: completeClusterId },
};

const database: Resource = {
  name: 'database',
  uri: 'ionos-postgresql://clusters/{clusterId}/databases/{name}',
  title: 'Database of a PostgreSQL cluster',
  description: 'One database of a cluster, with its owner',
  mimeType,
  ttlMs,
  read: (variables, context) => getDatabase.run(ofDatabase(variables), context),
  complete: { clusterId: completeClusterId, name: completeDatabase },
};

export const backupResources = [clusterBackups];
export const userResources = [users, user];
export const databaseResources = [databases, database];
