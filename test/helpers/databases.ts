import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import pg from 'pg';

/** A PostgreSQL of whatever kind, for one test file or one test. */
export interface TestDatabase {
  url: string;
  /** As its owner, beside the server under test. */
  query(text: string, values?: unknown[]): Promise<pg.QueryResult>;
  /** Nobody reaches it until it is started again. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

export async function queryAt(url: string, text: string, values: unknown[] = []): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  // The database may be stopped meanwhile.
  client.on('error', () => {});
  await client.connect();
  try {
    return await client.query(text, values);
  } finally {
    await client.end();
  }
}

export async function untilReached(attempt: () => Promise<unknown>): Promise<void> {
  for (let left = 400; ; left -= 1) {
    try {
      return void (await attempt());
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** In this process, from npm alone. */
export async function pglite(): Promise<TestDatabase> {
  const db = await PGlite.create();
  const port = await freePort();
  const listening = () => new PGLiteSocketServer({ db, host: '127.0.0.1', port, maxConnections: 100 });
  let server: PGLiteSocketServer | undefined;
  async function start() {
    server = listening();
    await server.start();
  }
  async function stop() {
    await server?.stop();
    server = undefined;
  }
  await start();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  return {
    url,
    query: (text, values) => queryAt(url, text, values),
    start,
    stop,
    async close() {
      await stop();
      await db.close();
    },
  };
}

const ADMIN =
  process.env.PGHOST === undefined
    ? undefined
    : `postgres://${process.env.PGUSER ?? 'postgres'}@${process.env.PGHOST}:${process.env.PGPORT ?? 5432}/postgres`;

const DEBIAN = '/usr/lib/postgresql';
const newest = existsSync(DEBIAN)
  ? readdirSync(DEBIAN).sort((one, other) => Number(other) - Number(one))[0]
  : undefined;
const programs = newest && path.join(DEBIAN, newest, 'bin');

/** Whether Debian's package is here. */
export const hasPrograms = programs !== undefined;

/** Whether a server of PGHOST is here, or that package. */
export const hasServer = ADMIN !== undefined || hasPrograms;

/** It refuses to run as root. */
export const asPostgres = () => {
  if (process.getuid?.() !== 0) return {};
  const id = (what: string) => Number(execFileSync('id', [what, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
};

/** One that the test may stop: a server where Debian's package is here, else in this process. */
export const stoppable = () => (programs ? ownServer() : pglite());

/** A server of its own, of Debian's package, which the test can stop; or a database on that of PGHOST, which it cannot. */
export async function postgres(): Promise<TestDatabase> {
  return ADMIN === undefined ? ownServer() : databaseAt(ADMIN);
}

async function databaseAt(admin: string): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await queryAt(admin, `CREATE DATABASE ${name}`);
  const url = new URL(admin);
  url.pathname = name;
  const unable = () => Promise.reject(new Error('the server of PGHOST is not ours to stop'));
  return {
    url: url.href,
    query: (text, values) => queryAt(url.href, text, values),
    start: unable,
    stop: unable,
    close: async () => void (await queryAt(admin, `DROP DATABASE ${name} WITH (FORCE)`)),
  };
}

/** `more` settings, and what they need in the server's folder. */
export async function ownServer(more: (folder: string) => readonly string[] = () => []): Promise<TestDatabase> {
  const folder = mkdtempSync(path.join(tmpdir(), 'postgres-'));
  const user = asPostgres();
  const settings = ['listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`, 'max_connections=200'];
  settings.push(...more(folder));
  for (const file of [folder, ...readdirSync(folder).map((name) => path.join(folder, name))]) {
    if (user.uid !== undefined && user.gid !== undefined) chownSync(file, user.uid, user.gid);
  }
  const data = path.join(folder, 'data');
  const program = (name: string) => path.join(programs ?? '', name);
  execFileSync(program('initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-N', '-E', 'UTF8'], {
    ...user,
    cwd: folder,
  });
  const port = await freePort();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  let server: ChildProcess | undefined;
  async function start() {
    const args = ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
    server = spawn(program('postgres'), args, { ...user, cwd: folder, stdio: 'ignore' });
    await untilReached(() => queryAt(url, 'SELECT 1'));
  }
  async function stop() {
    const ended = new Promise((resolve) => server?.once('exit', resolve));
    // Ends all sessions at once.
    server?.kill('SIGINT');
    await ended;
  }
  await start();
  return {
    url,
    query: (text, values) => queryAt(url, text, values),
    start,
    stop,
    async close() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
