import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { loadConfig } from '../../src/config/index.ts';
import { createPostgresState } from '../../src/state/postgres/index.ts';
import { hasServer, postgres } from '../helpers/databases.ts';
import { blocks } from '../helpers/pages.ts';

const shell = blocks.filter(({ page, language }) => page === 'docs/hosting.md' && language === 'sh');
const textWith = (begin: string) => shell.find(({ text }) => text.startsWith(begin))?.text ?? '';
const statements = [...textWith('psql').matchAll(/-c (["'])(.*?)\1(?= -c|\n)/g)].map(([, , sql = '']) => sql);
const [, url = ''] = /STATE_URL='(.*)'/.exec(textWith('export')) ?? [];
const PASSWORD = 'a-password-of-the-test';
const filled = (text: string) => text.replaceAll('<password>', PASSWORD);

test('the documented URL is accepted', () => {
  const env = { STATE_URL: filled(url), MCP_SIGNING_KEY: 'k'.repeat(64) };
  const config = loadConfig(['--sandbox', '--transport', 'http'], env, () => '');
  expect(config).toMatchObject({ http: { stateUrl: filled(url) }, warnings: [] });
});

test.runIf(hasServer)(
  'the documented database and its owner are all that the replicas need',
  async () => {
    const server = await postgres();
    onTestFinished(() => server.close());
    expect(statements).toHaveLength(3);
    // As where nobody is a superuser, IONOS's own PostgreSQL for one.
    await server.query(`CREATE ROLE manager LOGIN CREATEDB CREATEROLE PASSWORD '${PASSWORD}'`);
    const managing = new URL(server.url);
    [managing.username, managing.password] = ['manager', PASSWORD];
    const manager = new pg.Client({ connectionString: managing.href });
    await manager.connect();
    for (const statement of statements) await manager.query(filled(statement));
    await manager.end();
    const own = new URL(filled(url));
    own.host = new URL(server.url).host;
    own.search = '';
    const away: string[] = [];
    const state = createPostgresState({ url: own.href, onAway: (reason) => away.push(reason), onBack: () => {} });
    onTestFinished(() => state.close());

    await state.remember('k', 'text', 60_000);

    expect(await state.recall('k')).toBe('text');
    expect(away).toEqual([]);
  },
  60_000,
);
