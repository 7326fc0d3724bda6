import * as z from 'zod';
import type { Maker } from './contracts.ts';

/** Immutable, so that a past content never changes. */
interface Made {
  readonly name: string;
  readonly maker: Maker;
  readonly createdAt: number;
}

export interface User extends Made {
  readonly modifiedAt?: number;
}

export interface Database extends Made {
  readonly owner: string;
}

export interface Content {
  readonly users: readonly User[];
  readonly databases: readonly Database[];
}

export const EMPTY: Content = { users: [], databases: [] };

export const SYSTEM_USERS = ['ionos_cloud_admin', 'postgres', 'standby'];
export const SYSTEM_DATABASES = ['postgres', 'template0', 'template1'];

const name = z
  .string()
  .min(1)
  .max(63)
  .refine((text) => !/[\p{Cc}\p{Cs}]/u.test(text), 'must not have control characters');

export const userName = name.refine(
  (text) => text !== 'admin' && !SYSTEM_USERS.includes(text),
  'must not be the name of a system user',
);

export const databaseName = name.refine(
  (text) => !SYSTEM_DATABASES.includes(text),
  'must not be the name of a system database',
);

export function withPassword(content: Content, username: string, now: number): Content {
  const present = content.users.find(({ name }) => name === username);
  const user: User = present ? { ...present, modifiedAt: now } : { name: username, maker: 'account', createdAt: now };
  return { ...content, users: [...content.users.filter((other) => other !== present), user] };
}

export function statements(old: Content, fresh: Content): string[] {
  const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
  const has = (list: readonly Made[], name: string) => list.some((one) => one.name === name);
  const missing = <T extends Made>(from: readonly T[], list: readonly T[]) =>
    from.filter(({ name }) => !has(list, name));
  const altered = fresh.users.filter((user) => has(old.users, user.name) && !old.users.includes(user));
  return [
    ...missing(old.databases, fresh.databases).map(({ name }) => `DROP DATABASE ${quoted(name)}`),
    ...missing(old.users, fresh.users).map(({ name }) => `DROP ROLE ${quoted(name)}`),
    ...missing(fresh.users, old.users).map(({ name }) => `CREATE ROLE ${quoted(name)} LOGIN`),
    ...altered.map(({ name }) => `ALTER ROLE ${quoted(name)} LOGIN`),
    ...missing(fresh.databases, old.databases).map(
      ({ name, owner }) => `CREATE DATABASE ${quoted(name)} OWNER ${quoted(owner)}`,
    ),
  ];
}
