import pg from 'pg';
import { parse, toClientConfig } from 'pg-connection-string';
import { StateError } from '../../errors.ts';
import { createThinner } from '../../log/thinning.ts';
import { within } from '../../signals.ts';
import { FOUNDATION, MIGRATIONS, SCHEMA, TABLES, TO_NEWEST } from './schema.ts';

const CONNECT_MS = 2_000;
const STATEMENT_MS = 2_000;
/** PostgreSQL has few; a statement takes about a millisecond. */
const MOST_CONNECTIONS = 8;
const PROBE_MS = 1_000;
const FIRST_PROBE_MS = 100;
/** Adds rows as writes do, which are over at once: what is full, or can only be read, is of no use. */
const PROBE = `
  WITH one AS (INSERT INTO ${SCHEMA}.kept VALUES ('probe ' || md5(random()::text), '', now())),
    two AS (INSERT INTO ${SCHEMA}.leases VALUES ('probe ' || md5(random()::text), '', now())),
    three AS (
      INSERT INTO ${SCHEMA}.claims (id, account, cluster, once, data_until, once_until)
      VALUES ('probe ' || md5(random()::text), '', '', '{}', now(), now())
    )
  SELECT nextval('${SCHEMA}.versions'), ${TABLES.map((table) => `EXISTS (SELECT FROM ${SCHEMA}.${table})`).join(', ')}`;
const CLOSE_MS = 1_000;
/** In which a statement sees what others have written while it waited for them. Each one here counts on that. */
const ISOLATION = 'read committed';
const AS_OPTION = `-c default_transaction_isolation=${ISOLATION.replace(' ', '\\ ')}`;
/** Two replicas that start at once can both be about to create the same thing. */
const MOST_FOUNDATIONS = 5;
const CREATED_BY_ANOTHER = ['23505', '42P06', '42P07', '42710'];
/** Data, constraint and rollback: what others send may well succeed. */
const OF_ONE_STATEMENT = /^(22|23|40)/;
/** A table or the schema: made again with the next statement. */
const GONE = ['42P01', '3F000'];
const LONGEST_REASON = 300;

export interface DatabaseOptions {
  /** As libpq takes it; `sslmode` too means what it means there. */
  url: string;
  /** At most once a minute, while the database cannot be used. */
  onAway(reason: string): void;
  onBack(): void;
}

interface Reachable extends DatabaseOptions {
  /** Each time it can be used again, whether that was told or not. */
  onUsable(): void;
}

/** Has no session: a pooler that hands each transaction to another one can be in between. */
export function createDatabase({ url, onAway, onBack, onUsable }: Reachable) {
  let pool = open({ statement_timeout: STATEMENT_MS, options: AS_OPTION });
  let isPooled = false;
  const thinner = createThinner(1);
  let ready: Promise<void> | undefined;
  let isAway = false;
  let isTold = false;
  let isClosed = false;
  let probing: NodeJS.Timeout | undefined;

  function open(limits: pg.ClientConfig) {
    const pool = new pg.Pool({
      ...connectionTo(url),
      ...limits,
      application_name: 'ionos-postgres-mcp',
      max: MOST_CONNECTIONS,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: STATEMENT_MS,
      keepAlive: true,
      allowExitOnIdle: true,
    });
    // An idle connection can end alone. Without a listener, that would be the end of the process.
    return pool.on('error', () => look(0));
  }

  /** A pooler has its own limit on the server's connections, and mostly refuses to set anything for them. */
  async function prepare(): Promise<void> {
    try {
      await migrate(pool);
    } catch (error) {
      if (isPooled || isClosed || !isRefusedByPooler(error)) throw error;
      isPooled = true;
      void pool.end();
      pool = open({});
      await migrate(pool);
    }
  }

  function away(error: unknown) {
    if (isClosed) return;
    // It may come back without its tables.
    ready = undefined;
    look(isAway ? PROBE_MS : FIRST_PROBE_MS);
    isAway = true;
    if (!thinner('away')) return;
    isTold = true;
    onAway(reasonOf(error).slice(0, LONGEST_REASON));
  }

  /** While it stops, some statements still succeed: only this says that it is back. */
  function look(inMs: number) {
    if (isClosed) return;
    probing ??= setTimeout(() => {
      probing = undefined;
      run(PROBE).then(back, () => {
        if (isAway) look(PROBE_MS);
      });
    }, inMs).unref();
  }

  function back() {
    if (isTold) onBack();
    isTold = false;
    isAway = false;
    onUsable();
  }

  async function run<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    try {
      ready ??= prepare().catch((error: unknown) => {
        ready = undefined;
        throw error;
      });
      await ready;
      const { rows } = await pool.query<Row>(text, values);
      return rows;
    } catch (error) {
      const code = codeOf(error);
      if (GONE.includes(code)) ready = undefined;
      else if (!OF_ONE_STATEMENT.test(code)) away(error);
      throw new StateError({ cause: error });
    }
  }

  return {
    /** Throws StateError: whether the statement took effect is not known. Nobody waits for a database that is away. */
    async query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
      if (isAway) throw new StateError();
      return run<Row>(text, values);
    },
    isReachable: () => !isAway,
    async close() {
      isClosed = true;
      clearTimeout(probing);
      await within(CLOSE_MS, pool.end());
    },
  };
}

function connectionTo(url: string): pg.ClientConfig {
  const { ssl, ...connection } = toClientConfig(parse(url, { useLibpqCompat: true }));
  // Not what NODE_TLS_REJECT_UNAUTHORIZED says.
  return { ...connection, ssl: typeof ssl === 'object' ? { rejectUnauthorized: true, ...ssl } : ssl };
}

/** A host with several addresses fails by one error for each, and by one without words for all. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

/** Words of PgBouncer, and of Amazon's RDS Proxy. */
const REFUSALS = ['unsupported startup parameter', 'command-line options'];
const isRefusedByPooler = (error: unknown) => REFUSALS.some((words) => reasonOf(error).includes(words));

/** SQLSTATE, or that of the connection; empty if there is none. */
function codeOf(error: unknown): string {
  const { code }: { code?: unknown } = Object(error);
  return typeof code === 'string' ? code : '';
}

async function migrate(pool: pg.Pool): Promise<void> {
  // The right to create is needed only where something is missing.
  if ((await versionIn(pool)) === MIGRATIONS.length) return;
  for (let left = MOST_FOUNDATIONS; ; left -= 1) {
    try {
      await pool.query(FOUNDATION);
      break;
    } catch (error) {
      if (left === 0 || !CREATED_BY_ANOTHER.includes(codeOf(error))) throw error;
    }
  }
  await pool.query(TO_NEWEST);
  await versionIn(pool);
}

const isThere = (table: string) => `to_regclass('${SCHEMA}.${table}') IS NOT NULL`;
const ARE_THERE = `
  SELECT current_setting('transaction_isolation') AS isolation,
    ${isThere('schema_version')} AS has_version, ${TABLES.map(isThere).join(' AND ')} AS has_all`;

/** Undefined before the first replica, or where something is missing; throws if a newer release was here, or writes would be wrong. */
async function versionIn(pool: pg.Pool): Promise<number | undefined> {
  const { rows: found } = await pool.query(ARE_THERE);
  const { isolation, has_version: hasVersion, has_all: hasAll } = found[0] ?? {};
  if (isolation !== ISOLATION) {
    throw new Error(
      `its transactions are ${isolation} by default, and have to be ${ISOLATION}: set default_transaction_isolation for the role`,
    );
  }
  if (!hasVersion) return undefined;
  const { rows } = await pool.query(`SELECT version FROM ${SCHEMA}.schema_version`);
  const [row] = rows;
  return row && (known(row.version) === MIGRATIONS.length && !hasAll ? undefined : known(row.version));
}

function known(version: unknown): number {
  const number = Number(version);
  if (number <= MIGRATIONS.length) return number;
  throw new Error(
    `the tables in the schema ${SCHEMA} are of version ${number}, of a newer release; this one knows version ${MIGRATIONS.length}`,
  );
}
