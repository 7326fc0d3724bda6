import { createHash } from 'node:crypto';
import { SENDING_MS } from '../../times.ts';
import { createMemoryState } from '../memory.ts';
import { type Claimed, LAG_MS, MINUTE_MS, ONCE_MS, PLANNED_MS, type State } from '../state.ts';
import { createCounting } from './counting.ts';
import { createDatabase, type DatabaseOptions } from './database.ts';
import { SCHEMA } from './schema.ts';

const SWEEP_MS = 60_000;
const MOST_UNDROPPED = 1_000;

const ms = (parameter: string | number) => `now() + ${parameter} * interval '1 millisecond'`;

const RECALL = `SELECT text FROM ${SCHEMA}.kept WHERE key = $1 AND until > now()`;

const REMEMBER = `
  INSERT INTO ${SCHEMA}.kept (key, text, until) VALUES ($1, $2, ${ms('$3::float8')})
  ON CONFLICT (key) DO UPDATE SET text = excluded.text, until = excluded.until`;

const LEASE = `
  INSERT INTO ${SCHEMA}.leases AS old (key, holder, until) VALUES ($1, $2, ${ms('$3::float8')})
  ON CONFLICT (key) DO UPDATE SET
    holder = excluded.holder,
    until = CASE WHEN old.holder = excluded.holder THEN greatest(old.until, excluded.until) ELSE excluded.until END
  WHERE old.holder = excluded.holder OR old.until <= now()
  RETURNING 1`;

const RELEASE = `DELETE FROM ${SCHEMA}.leases WHERE key = $1 AND holder = $2`;

const CLAIMED = `
  SELECT
    coalesce((SELECT version FROM ${SCHEMA}.accounts WHERE account = $1), 0)::text AS version,
    (SELECT coalesce(json_agg(json_build_object(
        'id', id,
        'cluster', cluster,
        'once', CASE WHEN once_until > now() THEN once ELSE '{}' END,
        'data', CASE WHEN data_until > now() THEN data END
      ) ORDER BY turn), '[]')
      FROM ${SCHEMA}.claims WHERE account = $1 AND greatest(data_until, once_until) > now()) AS claims`;

const CLAIM = `
  WITH moved AS (
    INSERT INTO ${SCHEMA}.accounts AS old (account, version, touched)
    VALUES ($1, nextval('${SCHEMA}.versions'), now())
    ON CONFLICT (account) DO UPDATE SET version = excluded.version, touched = excluded.touched
    WHERE old.version = $2::bigint
    RETURNING 1
  )
  INSERT INTO ${SCHEMA}.claims (id, account, cluster, once, data, data_until, once_until)
  SELECT $3, $1, $4, $5, $6, ${ms(PLANNED_MS)}, ${ms(PLANNED_MS)} FROM moved
  RETURNING 1`;

const SETTLE = `
  UPDATE ${SCHEMA}.claims
  SET cluster = coalesce($2, cluster), data_until = ${ms(LAG_MS)}, once_until = ${ms(ONCE_MS)}
  WHERE id = $1 AND greatest(data_until, once_until) > now()`;

const UNCLAIM = `DELETE FROM ${SCHEMA}.claims WHERE id = ANY ($1::text[])`;

const FORGET = `DELETE FROM ${SCHEMA}.claims WHERE account = $1 AND cluster = $2`;

const BEGIN = `
  WITH prolonged AS (
    UPDATE ${SCHEMA}.leases SET until = greatest(until, ${ms(SENDING_MS)})
    WHERE key = $2 AND holder = $3 AND until > now()
    RETURNING 1
  ), own AS (
    SELECT 1
    WHERE ($1::text IS NULL
        OR EXISTS (SELECT FROM ${SCHEMA}.claims WHERE id = $1 AND greatest(data_until, once_until) > now()))
      AND ($2::text IS NULL OR EXISTS (SELECT FROM prolonged))
  ), spent AS (
    INSERT INTO ${SCHEMA}.kept AS old (key, text, until)
    SELECT $4, '', ${ms('$5::float8')} FROM own WHERE $4::text IS NOT NULL
    ON CONFLICT (key) DO UPDATE SET until = excluded.until WHERE old.until <= now()
    RETURNING 1
  ), begun AS (
    SELECT 1 FROM own WHERE $4::text IS NULL OR EXISTS (SELECT FROM spent)
  ), sent AS (
    UPDATE ${SCHEMA}.claims SET data_until = ${ms(SENDING_MS + LAG_MS)}, once_until = ${ms(ONCE_MS)}
    WHERE id = $1 AND EXISTS (SELECT FROM begun)
  )
  SELECT EXISTS (SELECT FROM own) AS is_own, EXISTS (SELECT FROM begun) AS is_begun`;

const COUNT = `
  INSERT INTO ${SCHEMA}.counts AS old (key, points, until) VALUES ($1, $2, ${ms(MINUTE_MS)})
  ON CONFLICT (key) DO UPDATE SET
    points = CASE WHEN old.until > now() THEN old.points + excluded.points ELSE excluded.points END,
    until = CASE WHEN old.until > now() THEN old.until ELSE excluded.until END
  RETURNING points::float8, (extract(epoch FROM until - now()) * 1000)::float8 AS ms_left`;

/** Old rows count no more in any case. An account that nobody used for an hour has no claims left. */
export const SWEEP = `
  WITH one AS (DELETE FROM ${SCHEMA}.kept WHERE until <= now()),
    two AS (DELETE FROM ${SCHEMA}.leases WHERE until <= now()),
    three AS (DELETE FROM ${SCHEMA}.claims WHERE greatest(data_until, once_until) <= now()),
    four AS (DELETE FROM ${SCHEMA}.accounts WHERE touched <= now() - interval '1 hour')
  DELETE FROM ${SCHEMA}.counts WHERE until <= now()`;

/** Shared by all replicas that have the same database; its clock is the only one that counts. */
export function createPostgresState(options: DatabaseOptions): State {
  const { query, isReachable, close } = createDatabase({ ...options, onUsable: dropAgain });
  const own = createMemoryState();
  /** Claims of what was not sent, whose end could not be told. */
  const undropped = new Set<string>();

  function dropAgain() {
    const ids = [...undropped];
    undropped.clear();
    if (ids.length > 0) void unclaim(ids).catch(() => {});
  }

  async function unclaim(ids: readonly string[]) {
    try {
      await query(UNCLAIM, [ids]);
    } catch (error) {
      for (const id of ids.slice(0, MOST_UNDROPPED - undropped.size)) undropped.add(id);
      throw error;
    }
  }

  const sweeping = setInterval(() => void query(SWEEP).catch(() => {}), SWEEP_MS).unref();
  // Nobody has to wait for the first connection.
  void query('SELECT 1').catch(() => {});
  const countAgainst = createCounting(async (key, points) => {
    const [row] = await query<{ points: number; ms_left: number }>(COUNT, [key, points]);
    return { points: row?.points ?? points, msLeft: row?.ms_left ?? MINUTE_MS };
  });
  const has = async (text: string, values: unknown[]) => (await query(text, values)).length > 0;

  return {
    async recall(key) {
      const [row] = await query<{ text: string }>(RECALL, [digestOf(key)]);
      return row?.text;
    },
    async remember(key, text, lasting) {
      await query(REMEMBER, [digestOf(key), text, lasting]);
    },

    lease: (key, holder, lasting) => has(LEASE, [digestOf(key), holder, lasting]),
    async release(key, holder) {
      await query(RELEASE, [digestOf(key), holder]);
    },

    async claimed(account) {
      const [row] = await query<{ version: string; claims: Claimed['claims'] }>(CLAIMED, [account]);
      return { version: row?.version ?? '0', claims: row?.claims ?? [] };
    },
    claim: ({ id, account, cluster, once, data }, version) =>
      has(CLAIM, [account, version, id, cluster, [...once], JSON.stringify(data)]),
    async settle(id, cluster) {
      await query(SETTLE, [id, cluster]);
    },
    unclaim: (id) => unclaim([id]),
    async forget(account, cluster) {
      await query(FORGET, [account, cluster]);
    },

    async begin({ claim, lease, agreement }) {
      const [row] = await query<{ is_own: boolean; is_begun: boolean }>(BEGIN, [
        claim,
        lease && digestOf(lease.key),
        lease?.holder,
        agreement && digestOf(agreement.key),
        agreement?.ms,
      ]);
      if (row?.is_begun) return 'begun';
      return row?.is_own ? 'spent' : 'lost';
    },

    count: (key, points, limit) => {
      if (!isReachable()) return own.count(key, points, limit);
      return countAgainst(digestOf(key), points, limit).catch(() => own.count(key, points, limit));
    },

    isReachable,
    async close() {
      clearInterval(sweeping);
      await close();
    },
  };
}

/** Of one length, and no name or address of a caller. */
const digestOf = (key: string) => createHash('sha256').update(key).digest('base64url');
