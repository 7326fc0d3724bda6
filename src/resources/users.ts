import { completeClusterId, completeUsername } from '../tools/completions.ts';
import { getUser, listUsers } from '../tools/users.ts';
import type { Resource } from './resource.ts';
import { ofCluster, ofUser } from './variables.ts';

const ttlMs = 5_000;

const users: Resource = {
  name: 'users',
  uri: 'ionos-postgresql://clusters/{clusterId}/users',
  title: 'Users of a PostgreSQL cluster',
  description: 'The first 100 users of a cluster, without passwords',
  mimeType: 'application/json',
  ttlMs,
  read: (variables, context) => listUsers.run({ ...ofCluster(variables), limit: 100 }, context),
  complete: { clusterId: completeClusterId },
};

const user: Resource = {
  name: 'user',
  uri: 'ionos-postgresql://clusters/{clusterId}/users/{username}',
  title: 'User of a PostgreSQL cluster',
  description: 'One user of a cluster, without its password',
  mimeType: 'application/json',
  ttlMs,
  read: (variables, context) => getUser.run(ofUser(variables), context),
  complete: { clusterId: completeClusterId, username: completeUsername },
};

export const userResources = [users, user];
