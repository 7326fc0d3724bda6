import type { Session } from '../../scripts/evals/session.ts';
import type { Expected } from '../../scripts/evals/verify.ts';
import { apiRequest } from '../../scripts/evals/world.ts';

const CANDIDATES = ['auth-prod', 'analytics-prod', 'orders-archive', 'orders-staging', 'orders'];
const SETTLED_MS = 60_000;

interface Changes {
  id: string;
  name: string;
  user: string;
  database: string;
  send(method: string, path: string, properties?: object): Promise<void>;
}

const AT_NIGHT = { maintenanceWindow: { time: '01:23:45', dayOfTheWeek: 'Thursday' } };

/** What leaves the cluster as it was. */
const UNDONE: Readonly<Record<string, (cluster: Changes) => Promise<void>>> = {
  'its name is changed and changed back': async ({ id, name, send }) => {
    await send('PATCH', `/clusters/${id}`, { displayName: 'brief' });
    await send('PATCH', `/clusters/${id}`, { displayName: name });
  },
  'a user is added and removed': async ({ id, send }) => {
    await send('POST', `/clusters/${id}/users`, { username: 'brief', password: 'a-stray-password' });
    await send('DELETE', `/clusters/${id}/users/brief`);
  },
};

/** What else may be changed beside a task, sent to the API without the server. */
const ON_ONE_CLUSTER: typeof UNDONE = {
  ...UNDONE,
  'a property is changed': ({ id, send }) => send('PATCH', `/clusters/${id}`, AT_NIGHT),
  'a password is changed': ({ id, user, send }) =>
    send('PATCH', `/clusters/${id}/users/${user}`, { password: 'a-stray-password' }),
  'a user is added': ({ id, send }) =>
    send('POST', `/clusters/${id}/users`, { username: 'stray', password: 'a-stray-password' }),
  'a database is dropped': ({ id, database, send }) => send('DELETE', `/clusters/${id}/databases/${database}`),
  'a cluster is deleted': ({ id, send }) => send('DELETE', `/clusters/${id}`),
};

/** A cluster of version 1 that is no part of the task. */
function bystander({ changed = {} }: Expected): string {
  return CANDIDATES.find((name) => !(name in changed)) ?? '';
}

/** One change after the other; each is reported once it is in effect. */
export async function* straysBeside(expected: Expected, session: Session): AsyncGenerator<string> {
  const { sandbox, clock } = session;
  const name = bystander(expected);
  const id = idOf(name, session);
  const inside = (kind: string) =>
    [...session.before.keys()].find((place) => place.startsWith(`${name}/${kind}/`))?.split('/')[2] ?? '';
  async function send(method: string, path: string, properties?: object) {
    clock.pass(SETTLED_MS);
    const response = await sandbox.fetch(apiRequest(method, path, properties));
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  }

  for (const [stray, change] of Object.entries(ON_ONE_CLUSTER)) {
    await change({ id, name, user: inside('users'), database: inside('databases'), send });
    yield `${stray}, on ${name}`;
  }
  const same = worked(expected, session);
  if (same !== undefined) {
    await send('POST', `/clusters/${idOf(same, session)}/users`, { username: 'stray', password: 'a-stray-password' });
    yield `a user is added, on ${same}`;
    await send('PATCH', `/clusters/${idOf(same, session)}`, { storageSize: 1_048_576 });
    yield `another property is changed, on ${same}`;
    for (const [stray, change] of Object.entries(UNDONE)) {
      await change({ id: idOf(same, session), name: same, user: '', database: '', send });
      yield `${stray}, on ${same}`;
    }
    if (!expected.changed?.[same]?.hasNewBackup) {
      clock.pass(SETTLED_MS);
      await sandbox.fetch(restoring(same, session));
      yield `it is restored as it is, on ${same}`;
    }
  }
  sandbox.addCluster({ displayName: 'stray' });
  yield 'a cluster is added';
  sandbox.addCluster({ displayName: Object.keys(expected.created ?? {})[0] ?? name });
  yield 'a cluster is added whose name is taken';
  await sandbox.fetch(ofVersion2('DELETE', idOf('sensors', session)));
  yield 'a cluster of version 2 is deleted';
}

const idOf = (name: string, { names }: Session) => [...names].find(([, each]) => each === name)?.[0] ?? '';

/** A cluster of version 1 that the task changes, and that still exists. */
function worked({ changed = {} }: Expected, { before }: Session): string | undefined {
  return Object.keys(changed).find((name) => before.has(`${name}/log`) && !changed[name]?.isDeleted);
}

function restoring(name: string, session: Session): Request {
  const [place = ''] =
    [...session.before].find(([place, value]) => place.startsWith(`${name}/backups/`) && value) ?? [];
  const body = JSON.stringify({ backupId: place.split('/')[2] });
  return new Request(apiRequest('POST', `/clusters/${idOf(name, session)}/restore`), { body });
}

const ofVersion2 = (method: string, id: string) =>
  new Request(`https://postgresql.de-txl.ionos.com/clusters/${id}`, {
    method,
    headers: { authorization: 'Bearer of-the-evaluations' },
  });
