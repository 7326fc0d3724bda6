import * as z from 'zod';
import { path } from '../api/client.ts';
import { readAll } from '../api/pages.ts';
import { InputError, RefusedError } from '../errors.ts';
import { shortened } from '../text/labels.ts';
import { defineRead, defineWrite } from './define-tool.ts';
import { readSettled } from './finding/cluster-reads.ts';
import { requireV1 } from './finding/generations.ts';
import { usersInstead } from './finding/missing.ts';
import { paging, pastEnd, readRows } from './paging.ts';
import { type DatabaseDeletionFacts, type NewDatabaseFacts, namedCluster } from './plans/facts.ts';
import { confirmationArguments, demandOn, typedConfirmationArguments, withoutControls, written } from './plans/plan.ts';
import { backupsOf, basisOfBackups, formerNamesOf, wayBackBy } from './plans/recovery.ts';
import { databaseDeletionWords, newDatabaseWords } from './plans/words.ts';
import { abridged } from './schemas/abridged.ts';
import { args } from './schemas/arguments.ts';
import { clusterId, date, nameOf, text } from './schemas/cluster.ts';
import { aboutName, requireName } from './schemas/identity.ts';
import { name, newName } from './schemas/names.ts';
import { type Context, creates, deletes, reads } from './tool.ts';
import { isThere, lostWrite } from './writing/lost-writes.ts';

const metadata = { createdBy: text, createdDate: date };

const database = z.object({
  metadata: z.object(metadata).optional().catch(undefined),
  properties: z.object({ name: text, owner: text }).optional().catch(undefined),
});
type Database = z.output<typeof database>;

const databaseRow = z.object({
  name: text,
  owner: text,
  ...metadata,
  createdBy: text.describe('Ends with _unmanaged_ if created by SQL'),
});

const toRow = ({ metadata, properties }: Database) => ({ ...properties, ...metadata });

const databaseName = name.describe('From list_databases');
const databasePath = (clusterId: string, name: string) => path`clusters/${clusterId}/databases/${name}`;

export const listDatabases = defineRead({
  name: 'list_databases',
  searchHint: 'names and owners',
  title: 'List databases',
  description:
    'Lists which databases (DBs) live inside a cluster: what is in it, all by name, and who owns each. One created seconds ago may be missing yet. Use get_database for a single one.',
  ...reads,
  needs: 'databases',
  input: args({ clusterId, ...paging }),
  output: z.object({
    databases: z.array(abridged(databaseRow, { description: 'As in get_database', listedKeys: ['name', 'owner'] })),
    nextOffset: z.number().optional(),
    note: text,
  }),
  async run({ clusterId, ...asked }, context) {
    const from = path`clusters/${clusterId}/databases`;
    const { rows, nextOffset } = await readRows(context.api, from, { item: database, toRow, ...asked });
    return { databases: rows, nextOffset, note: pastEnd('databases', rows, asked.offset) };
  },
});

export const getDatabase = defineRead({
  name: 'get_database',
  searchHint: 'owner creation date',
  title: 'Get database',
  description:
    'Reads the record (info) of a single database: whether it exists, who owns it (owner), who created it, and when; no tables. Use list_databases for the others.',
  ...reads,
  needs: 'databases',
  input: args({ clusterId, name: databaseName }),
  output: databaseRow,
  async run({ clusterId, name }, context) {
    return toRow(await readDatabase(clusterId, name, context.api));
  },
});

async function readDatabase(clusterId: string, name: string, api: Context['api']): Promise<Database> {
  const found = await api.get(databasePath(clusterId, name), { response: database });
  return aboutName(found, found.properties?.name, name);
}

export async function databasesIn(clusterId: string, context: Context) {
  await requireV1(clusterId, 'databases', context);
  const items = await readAll(context.api, path`clusters/${clusterId}/databases`, database);
  return items.flatMap(({ properties: { name, owner } = {} }) => (name === undefined ? [] : { name, owner }));
}

const createDatabase = defineWrite({
  name: 'create_database',
  searchHint: 'new application data store',
  title: 'Create database',
  description:
    'Creates (sets up, adds) a new, empty database (DB) on an AVAILABLE cluster, owned by a user of list_users, and returns the database. Neither name nor owner can change later.',
  ...creates,
  needs: 'databases',
  input: args({
    clusterId,
    name: newName.describe('New name, e.g. "shop"'),
    owner: name.describe('Existing user, from list_users'),
    ...confirmationArguments,
  }),
  output: written({ database: abridged(databaseRow, { description: 'As in get_database' }).optional() }),

  async plan({ clusterId, name, owner }, context) {
    const [cluster, isTaken, isOwner] = await Promise.all([
      readSettled(clusterId, context),
      isThere(context.api, databasePath(clusterId, name)),
      isThere(context.api, path`clusters/${clusterId}/users/${owner}`),
    ]);
    if (isTaken) throw new RefusedError(`The cluster ${nameOf(cluster)} already has a database ${shortened(name)}.`);
    if (!isOwner) {
      const users = (await usersInstead(owner, clusterId, context)) ?? 'See list_users.';
      throw new InputError([
        `owner (${JSON.stringify(owner)}): is not a user of ${nameOf(cluster)}. ${users} create_user adds one`,
      ]);
    }
    const facts: NewDatabaseFacts = { kind: 'new-database', cluster: namedCluster(cluster), name, owner };
    return {
      facts,
      ...newDatabaseWords(facts),
      destructive: false,
      basis: cluster.id,
      demand: demandOn(cluster, 'change'),
    };
  },

  async run(args, context) {
    const { clusterId, ...properties } = withoutControls(args);
    const { name } = properties;
    const look = async () =>
      (await isThere(context.api, databasePath(clusterId, name)))
        ? 'A check of the API found the database: it was created.'
        : 'A check of the API found no such database. It may have been created anyway: check get_database in a minute, and call again if there is none.';
    try {
      const made = await context.api.post(path`clusters/${clusterId}/databases`, {
        body: { properties },
        response: database.optional(),
      });
      aboutName(made, made?.properties?.name, name, 'POST');
      return { outcome: 'done' as const, database: made && toRow(made), note: 'Created.' };
    } catch (error) {
      throw await lostWrite(error, { look }, context);
    }
  },
});

const deleteDatabase = defineWrite({
  name: 'delete_database',
  searchHint: 'drop remove data',
  title: 'Delete database',
  description:
    'Drops (removes) only a database (DB) and everything in it, all its data, from a cluster, for good; the server and the rest on it stay. Use delete_cluster for the whole cluster.',
  ...deletes,
  needs: 'databases',
  input: args({ clusterId, name: databaseName, ...typedConfirmationArguments }),
  output: written({}),

  async plan({ clusterId, name }, context) {
    const [cluster, { metadata, properties = {} }, backups] = await Promise.all([
      readSettled(clusterId, context),
      readDatabase(clusterId, name, context.api),
      backupsOf(clusterId, context),
    ]);
    requireName(properties.name, name);
    const wayBack = wayBackBy(backups, 'present');
    const facts: DatabaseDeletionFacts = {
      kind: 'database-deletion',
      cluster: namedCluster(cluster),
      formerNames: await formerNamesOf(cluster, context),
      name,
      owner: properties.owner,
      wayBack,
      hasEarlier: wayBack.by === 'none' && wayBackBy(backups, 'all').by === 'backup' ? true : undefined,
    };
    return {
      facts,
      ...databaseDeletionWords(facts),
      destructive: true,
      typed: name,
      basis: [cluster.id, metadata, properties, basisOfBackups(backups)],
      demand: demandOn(cluster, 'erase'),
    };
  },

  async run({ clusterId, name }, { api }) {
    await api.delete(databasePath(clusterId, name), { response: z.unknown() });
    return { outcome: 'done' as const, note: 'Deleted.' };
  },
});

export const databaseTools = [listDatabases, getDatabase, createDatabase, deleteDatabase];
