import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { readFile } from '../../src/config/files.ts';
import { readStateUrl } from '../../src/config/hosted/state-url.ts';
import { StateError } from '../../src/errors.ts';
import { createPostgresState } from '../../src/state/postgres/index.ts';
import { hasPrograms } from '../helpers/databases.ts';
import { postgresWithTls } from '../helpers/postgres-tls.ts';

describe.runIf(hasPrograms)('the database of the state over TLS', () => {
  let database: Awaited<ReturnType<typeof postgresWithTls>>;
  beforeAll(async () => {
    database = await postgresWithTls();
  }, 60_000);
  afterAll(() => database.close());

  interface Given {
    sslmode: string;
    host?: string;
    from?: 'authority' | 'another';
  }

  function open({ sslmode, host = 'localhost', from }: Given) {
    const parameters = new URLSearchParams({ sslmode, ...(from && { sslrootcert: database[from] }) });
    const given = `postgres://postgres@${host}:${database.port}/postgres?${parameters}`;
    const { url } = readStateUrl('--state-url', given, { env: {}, readFile });
    const away: string[] = [];
    const state = createPostgresState({ url, onAway: (reason) => away.push(reason), onBack: () => {} });
    onTestFinished(() => state.close());
    return { state, away };
  }

  async function encrypted() {
    const { rows } = await database.query(
      `SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
        WHERE application_name = 'ionos-postgres-mcp'`,
    );
    return rows;
  }

  test.each<Given>([
    { sslmode: 'verify-full', from: 'authority' },
    { sslmode: 'verify-ca', from: 'authority', host: '127.0.0.1' },
    { sslmode: 'require', from: 'authority', host: '127.0.0.1' },
    { sslmode: 'require', host: '127.0.0.1' },
  ])('works with $sslmode, with a CA from $from, as $host', async (given) => {
    const { state } = open(given);
    await state.remember('k', 'text', 60_000);
    expect(await state.recall('k')).toBe('text');
    expect(await encrypted()).toEqual([{ ssl: true }]);
  });

  const UNTRUSTED = /unable to verify|self-signed|unable to get (local )?issuer/;
  const refused: [Given, reason: RegExp][] = [
    [{ sslmode: 'verify-full', from: 'another' }, UNTRUSTED],
    [{ sslmode: 'verify-full' }, UNTRUSTED],
    [{ sslmode: 'verify-full', from: 'authority', host: '127.0.0.1' }, /IP: 127\.0\.0\.1 is not in the cert's list/],
    [{ sslmode: 'verify-ca', from: 'another' }, UNTRUSTED],
    [{ sslmode: 'require', from: 'another' }, UNTRUSTED],
  ];

  describe.each([undefined, '0'])('where NODE_TLS_REJECT_UNAUTHORIZED is %s', (setting) => {
    test.each(refused)('is refused with %o, and the reason told', async (given, reason) => {
      vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', setting);
      onTestFinished(() => void vi.unstubAllEnvs());
      const { state, away } = open(given);
      await expect(state.recall('k')).rejects.toThrow(StateError);
      expect(away).toEqual([expect.stringMatching(reason)]);
    });
  });
});
