import { literal } from '../text/visible.ts';
import { completeDatabase, completeUsername } from '../tools/completions.ts';
import { cluster, type Prompt } from './prompt.ts';

export const onboardApplication: Prompt = {
  name: 'onboard_application',
  title: 'Onboard an application',
  description: 'Creates a user, a database and a connection string without password for an application',
  arguments: [
    cluster,
    {
      name: 'username',
      title: 'User',
      description: 'Login name of the application',
      required: true,
      complete: completeUsername,
    },
    {
      name: 'database',
      title: 'Database',
      description: 'Name of the database; by default that of the user',
      required: false,
      complete: completeDatabase,
    },
  ],
  tools: [
    'list_clusters',
    'get_cluster',
    'list_users',
    'create_user',
    'list_databases',
    'create_database',
    'wait_for_cluster',
  ],
  text: ({ cluster, username, database = username }) =>
    [
      `Set an application up in the PostgreSQL cluster ${literal(cluster)}: the user ${literal(username)} and the database ${literal(database)}.`,
      '1. Read the cluster with get_cluster, which takes its name; list_clusters shows similar ones. It must be AVAILABLE. If it has api v2, its users and databases are created with SQL: write the statements for me, without a password, and stop there.',
      '2. list_users and list_databases: if either already exists, ask me whether to use it.',
      '3. create_user without a password if the server can generate one, otherwise with passwordEnv. Never ask me to type a password here. Then wait_for_cluster.',
      '4. create_database with that user as its owner.',
      '5. Tell me where the password is kept, and write the connection string without it: postgresql://<user>@<dnsName>:5432/<database>?sslmode=verify-full&sslrootcert=system (libpq 16 or later; in older versions sslrootcert names a file with CA certificates), names percent-encoded; port 6432 if connectionPooler is enabled (transaction mode keeps no session state, such as LISTEN or session-level SET).',
      '6. Remind me that the host name resolves only inside the LAN of the cluster, and that the password goes into PGPASSWORD or a .pgpass file.',
    ].join('\n'),
};
