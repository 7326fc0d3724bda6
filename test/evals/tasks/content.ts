import type { Task } from '../../../scripts/evals/cases.ts';

const deleteDatabase = (clusterId: string, name: string) => ({
  tool: 'delete_database',
  arguments: { clusterId, name },
});
const deleteUser = (clusterId: string, username: string) => ({
  tool: 'delete_user',
  arguments: { clusterId, username },
});
const createUser = (clusterId: string, username: string) => ({
  tool: 'create_user',
  arguments: { clusterId, username },
});
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
    expected: { changed: { 'webshop-prod': { newUsers: ['cart'], newDatabases: { carts: 'cart' } } } },
    solution: [createUser('webshop-prod', 'cart'), createDatabase('webshop-prod', 'carts', 'cart')],
    nearMisses: {
      'another owner': [createUser('webshop-prod', 'cart'), createDatabase('webshop-prod', 'carts', 'web_owner')],
    },
  },
  {
    id: 'new-password',
    prompt:
      'The password of the user etl on analytics-prod has leaked. Replace it by the one in the environment variable NEW_DB_PASSWORD of the server.',
    expected: { changed: { 'analytics-prod': { newPasswords: ['etl'] } } },
    solution: [
      {
        tool: 'update_user',
        arguments: { clusterId: 'analytics-prod', username: 'etl', passwordEnv: 'NEW_DB_PASSWORD' },
      },
    ],
    nearMisses: {
      'the owner of the cluster': [
        {
          tool: 'update_user',
          arguments: { clusterId: 'analytics-prod', username: 'analytics_owner', passwordEnv: 'NEW_DB_PASSWORD' },
        },
      ],
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
