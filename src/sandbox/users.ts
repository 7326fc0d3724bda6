import type { Context } from 'hono';
import * as z from 'zod';
import type { Clusters } from './clusters.ts';
import { SYSTEM_USERS, type User, userName, withPassword } from './content.ts';
import { collection, resource } from './envelopes.ts';
import { refuse } from './errors.ts';
import { readJson } from './requests.ts';
import { clusterId, type Routes } from './routes.ts';
import { check } from './validation.ts';

const password = z.string().min(10).max(63);
const userRules = z.strictObject({ properties: z.strictObject({ username: userName, password }) });
const passwordRules = z.strictObject({ properties: z.strictObject({ password }) });

export type Users = ReturnType<typeof createUsers>;

export function createUsers(clusters: Clusters, now: () => number) {
  function systemUsers(id: string): User[] {
    const createdAt = Date.parse(clusters.read(id).metadata.createdDate);
    return SYSTEM_USERS.map((name) => ({ name, maker: 'service', createdAt }));
  }

  function list(id: string, withSystem = true): User[] {
    const { users } = clusters.content(id);
    return withSystem ? [...users, ...systemUsers(id)] : [...users];
  }

  function read(id: string, username: string): User {
    return list(id).find(({ name }) => name === username) ?? refuse(404, 'the user does not exist');
  }

  function setPassword(id: string, username: string): User {
    clusters.write(id, withPassword(clusters.content(id), username, now()));
    clusters.settle(id);
    return read(id, username);
  }

  function changeable(id: string, username: string) {
    const { maker } = read(id, username);
    const content = clusters.changeableContent(id);
    if (maker === 'service') refuse(422, 'a system user cannot be changed or removed');
    return content;
  }

  return {
    list,
    read,

    create(id: string, body: unknown): User {
      const { users } = clusters.changeableContent(id);
      const { username } = check(userRules, body).properties;
      if (users.some(({ name }) => name === username)) refuse(422, 'username is that of an existing user');
      return setPassword(id, username);
    },

    change(id: string, username: string, body: unknown): User {
      changeable(id, username);
      check(passwordRules, body);
      return setPassword(id, username);
    },

    remove(id: string, username: string): void {
      const { users, databases } = changeable(id, username);
      const owned = databases.filter(({ owner }) => owner === username).map(({ name }) => name);
      if (owned.length > 0) refuse(422, `the user owns ${owned.join(', ')} and cannot be removed until these are`);
      clusters.write(id, { databases, users: users.filter(({ name }) => name !== username) });
    },
  };
}

const listRules = z.object({ system: z.enum(['true', 'false']).optional() });

export function userRoutes(users: Users, clusters: Clusters): Routes {
  const username = (c: Context) => c.req.param('username') ?? '';
  const show = (c: Context, user: User) =>
    resource(c, clusters.read(clusterId(c)), 'user', user, { username: user.name, system: user.maker === 'service' });

  return {
    '/clusters/:clusterId/users': {
      GET: (c) => {
        const cluster = clusters.read(clusterId(c));
        const { system } = check(listRules, c.req.query());
        const found = users.list(cluster.id, system === 'true');
        return c.json(collection(c, cluster, 'user', found, (user) => show(c, user)));
      },
      POST: async (c) => c.json(show(c, users.create(clusterId(c), await readJson(c)))),
    },
    '/clusters/:clusterId/users/:username': {
      GET: (c) => c.json(show(c, users.read(clusterId(c), username(c)))),
      PATCH: async (c) => c.json(show(c, users.change(clusterId(c), username(c), await readJson(c)))),
      DELETE: (c) => {
        users.remove(clusterId(c), username(c));
        return c.body(null, 204);
      },
    },
  };
}
