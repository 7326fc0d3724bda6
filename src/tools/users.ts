import * as z from 'zod';
import { path } from '../api/client.ts';
import { readAll } from '../api/pages.ts';
import { isUndone, RefusedError } from '../errors.ts';
import { shortened } from '../text/labels.ts';
import { sentences } from '../text/sentences.ts';
import { databasesIn } from './databases.ts';
import { defineRead, defineWrite } from './define-tool.ts';
import { readCluster, readSettled } from './finding/cluster-reads.ts';
import { requireV1 } from './finding/generations.ts';
import { paging, pastEnd, readRows } from './paging.ts';
import { type NewPasswordFacts, type NewUserFacts, namedCluster, type UserDeletionFacts } from './plans/facts.ts';
import { confirmationArguments, demandOn, withoutControls, written } from './plans/plan.ts';
import { newUserWords, passwordChangeWords, userDeletionWords } from './plans/words.ts';
import { abridged } from './schemas/abridged.ts';
import { args } from './schemas/arguments.ts';
import { clusterId, date, nameOf, text } from './schemas/cluster.ts';
import { notReserved, password, passwordEnv } from './schemas/credentials.ts';
import { aboutName, requireName } from './schemas/identity.ts';
import { name, newName } from './schemas/names.ts';
import { type Context, changes, creates, deletes, reads } from './tool.ts';
import { isThere, lostWrite } from './writing/lost-writes.ts';

const metadata = { createdBy: text, createdDate: date, lastModifiedDate: date };
const isSystem = z.boolean().optional().catch(undefined).describe("One of the service's own, which cannot be changed");

const user = z.object({
  metadata: z.object(metadata).optional().catch(undefined),
  properties: z.object({ username: text, system: isSystem }).optional().catch(undefined),
});
type User = z.output<typeof user>;

const userRow = z.object({
  username: text,
  system: isSystem,
  ...metadata,
  createdBy: text.describe('Ends with _unmanaged_ if created by SQL'),
});

const toRow = ({ metadata, properties }: User) => ({ ...properties, ...metadata });

const username = name.describe('From list_users');
const userPath = (clusterId: string, username: string) => path`clusters/${clusterId}/users/${username}`;

export const listUsers = defineRead({
  name: 'list_users',
  searchHint: 'logins roles accounts',
  title: 'List database users',
  description:
    'Lists all who can log in to a cluster: its users (logins, accounts, roles) with access, system ones only if asked for. Use get_user for one.',
  ...reads,
  needs: 'users',
  input: args({
    clusterId,
    system: z.boolean().optional().describe("true includes the service's own roles"),
    ...paging,
  }),
  output: z.object({
    users: z.array(abridged(userRow, { description: 'As in get_user', listedKeys: ['username'] })),
    nextOffset: z.number().optional(),
    note: text,
  }),
  async run({ clusterId, system, ...asked }, context) {
    const query = { system: system ? 'true' : undefined };
    const from = path`clusters/${clusterId}/users`;
    const { rows, nextOffset } = await readRows(context.api, from, { item: user, toRow, ...asked, query });
    return { users: rows, nextOffset, note: pastEnd('users', rows, asked.offset) };
  },
});

export async function usernamesIn(clusterId: string, context: Context): Promise<string[]> {
  await requireV1(clusterId, 'users', context);
  const items = await readAll(context.api, path`clusters/${clusterId}/users`, user);
  return items.flatMap(({ properties }) => properties?.username ?? []);
}

export const getUser = defineRead({
  name: 'get_user',
  searchHint: 'login role details',
  title: 'Get database user',
  description:
    'Reads the details of a single user (login, account): does it exist, is it a system one, when it was created and by whom, its latest change. Use list_users for the others.',
  ...reads,
  needs: 'users',
  input: args({ clusterId, username }),
  output: userRow,
  async run({ clusterId, username }, context) {
    return toRow(await readUser(clusterId, username, context.api));
  },
});

async function readUser(clusterId: string, username: string, api: Context['api']): Promise<User> {
  const found = await api.get(userPath(clusterId, username), { response: user });
  return aboutName(found, found.properties?.username, username);
}

const LONGEST_PASSWORD = 63;

const newPassword = {
  password: password
    .max(LONGEST_PASSWORD)
    .optional()
    .describe('10 to 63 characters; default: generated into a file (not over HTTP)'),
  passwordEnv: passwordEnv.optional().describe('Instead: environment variable of the server'),
};

const answer = written({ user: abridged(userRow, { description: 'As in get_user' }).optional() });

interface Given {
  clusterId: string;
  username: string;
  password?: string;
  passwordEnv?: string;
}

/** Discards a generated password if the API rejects the write, and keeps it otherwise. */
async function sendPassword({ clusterId, username, ...given }: Given, sent: Sent, context: Context) {
  const details = { clusterId, username };
  const password = await context.passwords.take(given, { label: `${username}-${clusterId}`, details });
  const passwordNote = password.place && `The password of ${shortened(username)} is in ${password.place}.`;
  try {
    const user = await sent.send(password.value);
    return {
      outcome: 'started' as const,
      user: user && toRow(user),
      note: sentences(sent.done, passwordNote),
    };
  } catch (error) {
    if (isUndone(error)) await password.discard();
    throw await lostWrite(error, { look: sent.look, passwordNote }, context);
  }
}

interface Sent {
  done: string;
  send(password: string): Promise<User | undefined>;
  look(): Promise<string>;
}

const BUSY_NOW = 'The cluster is BUSY for a moment: call wait_for_cluster before the next change.';
const CHECK_MS = 4_000;

/** The write makes the cluster BUSY for a moment; AVAILABLE means that it is over. */
async function checkBusy<Answer extends { outcome: string; note?: string }>(
  { clusterId }: { clusterId: string },
  answer: Answer,
  context: Context,
): Promise<Answer> {
  const check = readCluster(clusterId, context).catch(() => undefined);
  const seen = await context.orUndefinedAfter(CHECK_MS, check).catch(() => undefined);
  if (seen?.metadata?.state === 'AVAILABLE') return { ...answer, outcome: 'done' };
  return { ...answer, note: sentences(answer.note, BUSY_NOW) };
}

const createUser = defineWrite({
  name: 'create_user',
  searchHint: 'add login role',
  title: 'Create database user',
  description:
    'Adds (sets up) a new user (login, account) with a password (pw) and access of its own to an AVAILABLE cluster, then BUSY for a moment. Returns the user and where a generated password is kept. Use create_database for databases, update_user for an existing user.',
  ...creates,
  needs: 'users',
  input: args({
    clusterId,
    username: notReserved(newName).describe('Login name, e.g. "app"'),
    ...newPassword,
    ...confirmationArguments,
  }),
  output: answer,

  async plan({ clusterId, username, password, passwordEnv }, context) {
    const newPassword = context.passwords.plan({ password, passwordEnv }, { longest: LONGEST_PASSWORD });
    const [cluster, isTaken] = await Promise.all([
      readSettled(clusterId, context),
      isThere(context.api, userPath(clusterId, username)),
    ]);
    if (isTaken) {
      throw new RefusedError(
        `The cluster ${nameOf(cluster)} already has a user ${shortened(username)}. update_user sets another password.`,
      );
    }
    const facts: NewUserFacts = { kind: 'new-user', cluster: namedCluster(cluster), username, newPassword };
    return {
      facts,
      ...newUserWords(facts),
      destructive: false,
      basis: cluster.id,
      demand: demandOn(cluster, 'change'),
    };
  },

  run(args, context) {
    const { clusterId, username } = withoutControls(args);
    const send = async (password: string) => {
      const made = await context.api.post(path`clusters/${clusterId}/users`, {
        body: { properties: { username, password } },
        response: user.optional(),
      });
      return aboutName(made, made?.properties?.username, username, 'POST');
    };
    const look = async () =>
      (await isThere(context.api, userPath(clusterId, username)))
        ? 'A check of the API found the user: it was created.'
        : 'A check of the API found no such user. It may have been created anyway: check get_user in a minute, and call again if there is none.';
    return sendPassword(withoutControls(args), { send, look, done: 'Created.' }, context);
  },

  follow: checkBusy,
});

/** Throws RefusedError for the service's own users. */
async function readOwn(clusterId: string, username: string, { api }: Context): Promise<User> {
  const user = await readUser(clusterId, username, api);
  requireName(user.properties?.username, username);
  if (user.properties?.system) {
    throw new RefusedError(
      `${shortened(username)} is one of the service's own users, which cannot be changed or deleted.`,
    );
  }
  return user;
}

const updateUser = defineWrite({
  name: 'update_user',
  searchHint: 'reset rotate password',
  title: 'Change password of database user',
  description:
    'Changes (sets, resets, rotates) the password (pw) of a user right away, and returns the user. Programs with the previous password can no longer log in. The cluster is then BUSY for a moment. Use create_user for a new user.',
  ...changes,
  needs: 'users',
  input: args({ clusterId, username, ...newPassword, ...confirmationArguments }),
  output: answer,

  async plan({ clusterId, username, password, passwordEnv }, context) {
    const newPassword = context.passwords.plan({ password, passwordEnv }, { longest: LONGEST_PASSWORD });
    const [cluster, { metadata }] = await Promise.all([
      readSettled(clusterId, context),
      readOwn(clusterId, username, context),
    ]);
    const facts: NewPasswordFacts = { kind: 'new-password', cluster: namedCluster(cluster), username, newPassword };
    return {
      facts,
      ...passwordChangeWords(facts),
      destructive: true,
      basis: [cluster.id, metadata],
      demand: demandOn(cluster, 'change'),
    };
  },

  run(args, context) {
    const { clusterId, username } = withoutControls(args);
    // The API's dates have whole seconds.
    const sent = new Date().toISOString().replace(/\.\d+/, '');
    const send = async (password: string) => {
      const changed = await context.api.patch(userPath(clusterId, username), {
        body: { properties: { password } },
        response: user.optional(),
      });
      return aboutName(changed, changed?.properties?.username, username, 'PATCH');
    };
    const look = async () => {
      const { metadata } = await readUser(clusterId, username, context.api);
      const seen = shortened(metadata?.lastModifiedDate ?? 'none');
      return `It may have taken effect: check with get_user. A lastModifiedDate of ${sent} or later means that the new password is in use; currently it is ${seen}. Retrying does no harm; if the server generates the password, it generates a new one, and the last one counts.`;
    };
    return sendPassword(withoutControls(args), { send, look, done: 'Changed.' }, context);
  },

  follow: checkBusy,
});

/** Failing to read them is no reason to stop. */
async function databasesOf(clusterId: string, username: string, context: Context): Promise<string[] | undefined> {
  try {
    const databases = await databasesIn(clusterId, context);
    return databases.filter(({ owner }) => owner === username).map(({ name }) => name);
  } catch (error) {
    if (context.signal.aborted) throw error;
    return undefined;
  }
}

const deleteUser = defineWrite({
  name: 'delete_user',
  searchHint: 'revoke login access',
  title: 'Delete database user',
  description:
    'Removes (drops) the account (login role) of a user, such as one who left, for good, and takes away its access: programs with it can no longer log in. May be refused while it owns databases. Use update_user to replace its password.',
  ...deletes,
  needs: 'users',
  input: args({ clusterId, username, ...confirmationArguments }),
  output: written({}),

  async plan({ clusterId, username }, context) {
    const [cluster, { metadata }, owns] = await Promise.all([
      readSettled(clusterId, context),
      readOwn(clusterId, username, context),
      databasesOf(clusterId, username, context),
    ]);
    const facts: UserDeletionFacts = { kind: 'user-deletion', cluster: namedCluster(cluster), username, owns };
    return {
      facts,
      ...userDeletionWords(facts),
      destructive: true,
      basis: [cluster.id, metadata, owns],
      demand: demandOn(cluster, 'change'),
    };
  },

  async run({ clusterId, username }, { api }) {
    await api.delete(userPath(clusterId, username), { response: z.unknown() });
    return { outcome: 'done' as const, note: 'Deleted.' };
  },
});

export const userTools = [listUsers, getUser, createUser, updateUser, deleteUser];
