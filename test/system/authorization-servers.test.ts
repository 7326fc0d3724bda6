import type { JWTHeaderParameters, JWTPayload } from 'jose';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { createKey, sign, startAuthorizationServer } from '../auth/provider.ts';
import { entra, keycloak, type PlayedServer, playedServers } from '../helpers/authorization-servers.ts';
import { connectTo, startHost } from '../helpers/child-process-host.ts';
import { commands, section, textOf } from '../helpers/pages.ts';
import { listen } from '../helpers/process.ts';

const ISSUER = '--oauth-issuer';

/** The arguments of the recipe in the documentation, without those that choose the transport. */
function recipeOf({ host, name }: PlayedServer): string[] {
  const found = commands.filter(({ page, words }) => {
    const issuer = words[words.indexOf(ISSUER) + 1] ?? '';
    return page === 'docs/hosting.md' && words.includes(ISSUER) && host.test(issuer);
  });
  expect(found, name).toHaveLength(1);
  const words = found[0]?.words ?? [];
  const args = words.slice(words.indexOf('dist/index.js') + 1);
  expect(args.slice(0, 2)).toEqual(['--transport', 'http']);
  return args.slice(2);
}

/** The program as the recipe starts it, on the sandbox, with an issuer that is played on this machine. */
async function startWith(server: PlayedServer, without: readonly string[] = []) {
  const key = await createKey('1234example=');
  let documents: Record<string, object> = {};
  const { url: origin } = await listen(({ url = '' }, response) => {
    response.writeHead(documents[url] ? 200 : 404).end(JSON.stringify(documents[url] ?? {}));
  });
  const recipe = recipeOf(server).filter((arg) => !without.includes(arg));
  const at = recipe.indexOf(ISSUER) + 1;
  const issuer = recipe[at]?.replace(/^https:\/\/[^/]+/, origin) ?? '';
  const args = recipe.with(at, issuer);
  documents = server.documents(issuer, key.publicJwk);
  const program = await startHost([...args, '--sandbox']);

  const now = Math.floor(Date.now() / 1000);
  const tokenWith = (claims: JWTPayload = {}, header: Partial<JWTHeaderParameters> = {}) =>
    sign({ iss: issuer, iat: now, nbf: now, exp: now + 3600, ...server.claims, ...claims }, key, {
      ...server.header,
      ...header,
    });
  const lines = (msg: string) => z.array(z.looseObject({})).parse(program.log().filter((line) => line.msg === msg));

  return {
    issuer,
    args,
    tokenWith,
    lines,
    async warning() {
      await vi.waitUntil(() => lines('authorization server').length > 0, { timeout: 10_000, interval: 20 });
      return lines('authorization server');
    },
    /** What its caller may use, told by the tools that he is shown. */
    async classOf(token: string) {
      const client = await connectTo('modern', program.url, { headers: { authorization: `Bearer ${token}` } });
      const names = (await client.listTools()).tools.map(({ name }) => name);
      await client.close();
      if (names.includes('delete_cluster')) return 'full';
      return names.includes('create_cluster') ? 'write' : names.includes('list_clusters') ? 'read' : 'none';
    },
    /** What its caller is answered, and what the log has of that. */
    async refusalOf(token: string) {
      const before = lines('refused').length;
      const headers = {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      };
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
      const answer = await fetch(`${program.url}/mcp`, { method: 'POST', headers, body });
      await vi.waitUntil(() => lines('refused').length > before, { timeout: 10_000, interval: 20 });
      return { status: answer.status, words: await answer.text(), line: lines('refused').at(-1) };
    },
  };
}

const byName = playedServers.map((server) => [server.name, server] as const);

test.each(byName)(
  'the recipe for %s lets in whom it should, each with a class',
  { timeout: 60_000 },
  async (_, server) => {
    const { tokenWith, classOf } = await startWith(server);
    const classes: Record<string, string> = {};
    for (const [who, { claims, header }] of Object.entries(server.callers)) {
      classes[who] = await classOf(await tokenWith(claims, header));
    }
    expect(classes).toEqual(
      Object.fromEntries(Object.entries(server.callers).map(([who, { access }]) => [who, access])),
    );
  },
);

test.each(byName)(
  'with the recipe for %s others are refused, and the log says why without telling them',
  { timeout: 60_000 },
  async (_, server) => {
    const { tokenWith, refusalOf } = await startWith(server);
    for (const [who, { claims, token, reason, value }] of Object.entries(server.strangers)) {
      const { status, words, line } = await refusalOf(token ?? (await tokenWith(claims)));
      const isKnown = reason.startsWith('InsufficientScopeError');
      expect({ status, line }, who).toEqual({ status: isKnown ? 403 : 401, line: expect.objectContaining({ reason }) });
      expect(line?.value, who).toBe(value);
      expect(words, who).toContain(reason.replace(/^\w+: /, ''));
      if (value !== undefined && !value.endsWith('absent'))
        expect(words, who).not.toContain(value.replace(/^\w+: /, ''));
    }
  },
);

test.each(byName)('at the start %s is told to lack what its clients will miss', async (_, server) => {
  const { issuer, warning } = await startWith(server);
  expect(await warning()).toEqual([
    {
      level: 'warn',
      time: expect.any(String),
      issuer,
      metadata: expect.stringContaining('/.well-known/'),
      reason: server.warning,
      msg: 'authorization server',
    },
  ]);
});

test('without --oauth-scopes-claim Entra ID gives everyone the class that the client asked for', async () => {
  const { tokenWith, classOf, args } = await startWith(entra, ['--oauth-scopes-claim', 'roles']);
  expect(args).not.toContain('roles');
  expect(await classOf(await tokenWith({ roles: undefined }))).toBe('full');
  expect(await classOf(await tokenWith({ roles: undefined, scp: 'clusters:read' }))).toBe('read');
});

test('one that is away holds up no start, and is checked when a caller shows that it is back', async () => {
  const server = await startAuthorizationServer();
  const token = await server.issue();
  await server.stop();
  const flags = ['--auth', 'oauth', '--oauth-issuer', server.issuer, '--public-url', 'https://mcp.example.com'];
  const { url, log, ready } = await startHost(['--sandbox', ...flags]);
  const lines = () => log().filter(({ msg }) => msg === 'authorization server');
  expect(await ready()).toBe(200);
  await vi.waitUntil(() => lines().length === 1, { timeout: 10_000, interval: 20 });

  await server.start();
  await connectTo('modern', url, { headers: { authorization: `Bearer ${token}` } });

  await vi.waitUntil(() => lines().length === 2, { timeout: 10_000, interval: 20 });
  expect(lines()).toMatchObject([
    { level: 'warn', reason: expect.stringMatching(/cannot be read.*cannot be reached \(ECONNREFUSED\)/) },
    { level: 'warn', metadata: `${server.issuer}/.well-known/oauth-authorization-server` },
  ]);
});

test('the line of a refused token is as the documentation shows it', async () => {
  const { tokenWith, refusalOf } = await startWith(keycloak);
  const block = /^```text\n(.*?)^```$/ms.exec(section('docs/troubleshooting.md', '### Refused tokens'))?.[1] ?? '';
  const shown = z.looseObject({}).parse(JSON.parse(block));

  const { line } = await refusalOf(await tokenWith({ aud: 'account' }));

  expect(line).toEqual({ ...shown, time: expect.any(String) });
});

test('each recipe is marked as tested against what a test plays', () => {
  const text = section('docs/hosting.md', '## Authorization servers').replaceAll('\n', ' ');
  expect(text).toContain(
    'tested against metadata and tokens of the documented shape, which a test plays, not against the live services',
  );
  expect(playedServers.map(({ name }) => name)).toEqual(
    [...text.matchAll(/<summary>([^<]+)<\/summary>/g)].map(([, name]) => name),
  );
  expect(text.match(/- Cannot: /g)?.length).toBeGreaterThanOrEqual(playedServers.length);
  expect(textOf('docs/hosting.md')).toContain('[Authorization servers](#authorization-servers)');
});
