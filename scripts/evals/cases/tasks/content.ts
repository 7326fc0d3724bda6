import { isGenerated, PASSWORDS } from '../../world.ts';
import type { Task } from '../case.ts';

const deleteDatabase = (clusterId: string, name: string) => ({
  tool: 'delete_database',
  arguments: { clusterId, name },
});
const deleteUser = (clusterId: string, username: string) => ({
  tool: 'delete_user',
  arguments: { clusterId, username },
});
const createUser = (clusterId: string, username: string, password: object = {}) => ({
  tool: 'create_user',
  arguments: { clusterId, username, ...password },
});
const updateUser = (clusterId: string, username: string, password: object) => ({
  tool: 'update_user',
  arguments: { clusterId, username, ...password },
});
const FROM_ENVIRONMENT = { passwordEnv: 'NEW_DB_PASSWORD' };
const createDatabase = (clusterId: string, name: string, owner: string) => ({
  tool: 'create_database',
  arguments: { clusterId, name, owner },
});

/** Users and databases. */
export const contentTasks: readonly Task[] = [
  {
    id: 'new-application',
    prompt:
      'A new application comes to webshop-prod. Set up a login cart for it, with a password that the server generates, and a database carts that belongs to this login.',
    expected: { changed: { 'webshop-prod': { newUsers: { cart: isGenerated }, newDatabases: { carts: 'cart' } } } },
    solution: [createUser('webshop-prod', 'cart'), createDatabase('webshop-prod', 'carts', 'cart')],
    nearMisses: {
      'another owner': [createUser('webshop-prod', 'cart'), createDatabase('webshop-prod', 'carts', 'web_owner')],
      'a password that nobody generated': [
        createUser('webshop-prod', 'cart', { password: 'Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4f' }),
        createDatabase('webshop-prod', 'carts', 'cart'),
      ],
    },
  },
  {
    id: 'new-password',
    prompt:
      'The password of the user etl on analytics-prod has leaked. Replace it by the one in the environment variable NEW_DB_PASSWORD of the server.',
    expected: { changed: { 'analytics-prod': { newPasswords: { etl: PASSWORDS.NEW_DB_PASSWORD } } } },
    solution: [updateUser('analytics-prod', 'etl', FROM_ENVIRONMENT)],
    nearMisses: {
      'the owner of the cluster': [updateUser('analytics-prod', 'analytics_owner', FROM_ENVIRONMENT)],
      'another password': [updateUser('analytics-prod', 'etl', { password: 'a-typed-password' })],
      'one that the server generates': [updateUser('analytics-prod', 'etl', {})],
    },
  },
  {
    id: 'drop-one-database',
    prompt: 'Drop the database shop_staging on the cluster orders.',
    person: { types: 'shop_staging' },
    expected: { changed: { orders: { goneDatabases: ['shop_staging'] } } },
    solution: [deleteDatabase('orders', 'shop_staging')],
    nearMisses: { 'its owner instead': [deleteUser('orders', 'audit')] },
  },
  {
    id: 'user-with-databases',
    prompt: 'Remove the user helpdesk from legacy-crm, with everything that belongs to it.',
    person: { types: 'tickets' },
    expected: { changed: { 'legacy-crm': { goneUsers: ['helpdesk'], goneDatabases: ['tickets'] } } },
    solution: [deleteDatabase('legacy-crm', 'tickets'), deleteUser('legacy-crm', 'helpdesk')],
    nearMisses: {},
  },
  {
    id: 'users-without-databases',
    prompt: 'On the cluster orders, remove every user that owns no database.',
    expected: { changed: { orders: { goneUsers: ['audit', 'reporting'] } } },
    solution: [deleteUser('orders', 'audit'), deleteUser('orders', 'reporting')],
    nearMisses: {},
  },
];
