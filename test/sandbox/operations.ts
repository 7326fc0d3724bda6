import { order } from './world.ts';

export const EXAMPLE = 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041';
export const BACKUP = `${EXAMPLE}-q7m2x9a-16`;
export const PASSWORD = 'correct-horse-battery';

export interface Operation {
  method: string;
  path: string;
}

const VALUES: Record<string, string> = {
  clusterId: EXAMPLE,
  backupId: BACKUP,
  username: 'reporting',
  databasename: 'shop',
};

/** The path of an operation, for the example cluster `orders` unless told otherwise. */
export const address = ({ path }: Operation, values: Record<string, string> = {}) =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? VALUES[name] ?? '');

export const BODIES: Record<string, unknown> = {
  'POST /clusters': order(),
  'PATCH /clusters/{clusterId}': { properties: { cores: 4 } },
  'POST /clusters/{clusterId}/restore': { backupId: BACKUP },
  'POST /clusters/{clusterId}/users': { properties: { username: 'blog', password: PASSWORD } },
  'PATCH /clusters/{clusterId}/users/{username}': { properties: { password: PASSWORD } },
  'POST /clusters/{clusterId}/databases': { properties: { name: 'blog', owner: 'reporting' } },
};

export const bodyFor = ({ method, path }: Operation) => BODIES[`${method} ${path}`];

export function success({ method, path }: Operation): number {
  if (path.endsWith('/restore')) return 202;
  return method === 'DELETE' && path.includes('name}') ? 204 : 200;
}
