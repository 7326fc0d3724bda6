import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { createPostgresState } from '../../src/state/postgres/index.ts';
import { SCHEMA } from '../../src/state/postgres/schema.ts';
import { hasServer, postgres } from '../helpers/databases.ts';

test.runIf(hasServer)(
  'a table that somebody locks keeps no more sessions waiting than there are connections',
  async () => {
    const database = await postgres();
    onTestFinished(() => database.close());
    const state = createPostgresState({ url: database.url, onAway: () => {}, onBack: () => {} });
    onTestFinished(() => state.close());
    await state.remember('k', 'text', 60_000);
    const somebody = new pg.Client({ connectionString: database.url });
    await somebody.connect();
    onTestFinished(() => somebody.end());
    await somebody.query(`BEGIN; LOCK ${SCHEMA}.kept, ${SCHEMA}.leases, ${SCHEMA}.counts IN ACCESS EXCLUSIVE MODE`);

    const sessions: number[] = [];
    for (const end = Date.now() + 9_000; Date.now() < end; ) {
      const asking = Array.from({ length: 16 }, (_, n) => state.recall(`k${n}`).catch(() => undefined));
      await Promise.all([...asking, new Promise((resolve) => setTimeout(resolve, 500))]);
      const { rows } = await database.query(
        "SELECT count(*)::int AS count FROM pg_stat_activity WHERE application_name = 'ionos-postgres-mcp'",
      );
      sessions.push(rows[0]?.count);
    }

    expect(Math.max(...sessions)).toBeLessThanOrEqual(9);
    await somebody.query('COMMIT');
    await expect.poll(() => state.recall('k').catch(() => undefined), { timeout: 10_000 }).toBe('text');
  },
  60_000,
);
