import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { asPostgres, freePort, queryAt, type TestDatabase, untilReached } from './databases.ts';

const PROGRAM = '/usr/sbin/pgbouncer';

/** Whether Debian's package is here. */
export const hasPgBouncer = existsSync(PROGRAM);

/** Fewer than the clients, so that each transaction can get another session than the one before. */
const SESSIONS = 3;

/** The same database behind a pooler in transaction mode; `query` goes past it. */
export async function behindPgBouncer(database: TestDatabase): Promise<TestDatabase> {
  const { hostname, port, username, password, pathname } = new URL(database.url);
  const folder = mkdtempSync(path.join(tmpdir(), 'pgbouncer-'));
  const user = asPostgres();
  if (user.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid);
  const own = await freePort();
  const server = { host: hostname, port: port || 5432, dbname: pathname.slice(1), user: username, password };
  const pairs = Object.entries(server).filter(([, value]) => value !== '');
  const file = path.join(folder, 'pgbouncer.ini');
  writeFileSync(
    file,
    `[databases]
     pooled = ${pairs.map(([name, value]) => `${name}=${value}`).join(' ')}
     [pgbouncer]
     listen_addr = 127.0.0.1
     listen_port = ${own}
     unix_socket_dir =
     auth_type = any
     pool_mode = transaction
     default_pool_size = ${SESSIONS}
     max_client_conn = 200`.replaceAll(/^ +/gm, ''),
  );
  const pooler = spawn(PROGRAM, [file], { ...user, cwd: folder, stdio: 'ignore' });
  const url = `postgres://${username}@127.0.0.1:${own}/pooled`;
  await untilReached(() => queryAt(url, 'SELECT 1'));
  return {
    ...database,
    url,
    async close() {
      const ended = once(pooler, 'exit');
      pooler.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true });
      await database.close();
    },
  };
}
