import type { Context } from 'hono';
import * as z from 'zod';
import type { Clusters } from './clusters.ts';
import { type Database, databaseName } from './content.ts';
import { collection, resource } from './envelopes.ts';
import { refuse } from './errors.ts';
import { readJson } from './requests.ts';
import { clusterId, type Routes } from './routes.ts';
import { check } from './validation.ts';

const rules = z.strictObject({
  properties: z.strictObject({ name: databaseName, owner: z.string().min(1).max(63) }),
});

export type Databases = ReturnType<typeof createDatabases>;

export function createDatabases(clusters: Clusters, now: () => number) {
  function read(id: string, databasename: string): Database {
    const found = clusters.content(id).databases.find(({ name }) => name === databasename);
    return found ?? refuse(404, 'the database does not exist');
  }

  return {
    list: (id: string) => clusters.content(id).databases,

    read,

    create(id: string, body: unknown): Database {
      const { users, databases } = clusters.changeableContent(id);
      const { name, owner } = check(rules, body).properties;
      const complaints = [
        ...(databases.some((other) => other.name === name) ? ['name is that of an existing database'] : []),
        ...(users.some((user) => user.name === owner)
          ? []
          : ['owner must be a user of the cluster, not of the service']),
      ];
      if (complaints.length > 0) refuse(422, ...complaints);
      const database: Database = { name, owner, maker: 'account', createdAt: now() };
      clusters.write(id, { users, databases: [...databases, database] });
      return database;
    },

    remove(id: string, databasename: string): void {
      const database = read(id, databasename);
      const { users, databases } = clusters.changeableContent(id);
      clusters.write(id, { users, databases: databases.filter((other) => other !== database) });
    },
  };
}

export function databaseRoutes(databases: Databases, clusters: Clusters): Routes {
  const databasename = (c: Context) => c.req.param('databasename') ?? '';
  const show = (c: Context, database: Database) => {
    const { name, owner } = database;
    return resource(c, clusters.read(clusterId(c)), 'database', database, { name, owner });
  };

  return {
    '/clusters/:clusterId/databases': {
      GET: (c) => {
        const cluster = clusters.read(clusterId(c));
        return c.json(collection(c, cluster, 'database', databases.list(cluster.id), (database) => show(c, database)));
      },
      POST: async (c) => c.json(show(c, databases.create(clusterId(c), await readJson(c)))),
    },
    '/clusters/:clusterId/databases/:databasename': {
      GET: (c) => c.json(show(c, databases.read(clusterId(c), databasename(c)))),
      DELETE: (c) => {
        databases.remove(clusterId(c), databasename(c));
        return c.body(null, 204);
      },
    },
  };
}
