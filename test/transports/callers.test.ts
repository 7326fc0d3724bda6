import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import type { Fetch } from '../../src/api/client.ts';
import { createGate } from '../../src/auth/gate.ts';
import { createTokenVerifier } from '../../src/auth/static-tokens.ts';
import { host } from '../helpers/in-process-host.ts';

const KINDS = ['modern', 'legacy', 'sse'] as const;
const ABSENT = 'the client has to send an IONOS token in the header X-IONOS-Token';

const signIn = (name: string) => `sign-in-of-${name}-`.padEnd(48, 'x');
const ionosToken = (name: string) => `ionos/token+of-${name}-`.padEnd(48, 'y');
const asCaller = (name: string): Record<string, string> => ({
  authorization: `Bearer ${signIn(name)}`,
  'x-ionos-token': ionosToken(name),
});

/** How the IDs of all clusters of an owner begin. */
const beginOf = (owner: string) => (owner === 'alice' ? 'a11ce000' : 'b0b00000');
const idOf = (owner: string, n = 1) => `${beginOf(owner)}-5d2f-4b81-9c36-${String(n).padStart(12, '0')}`;
const ALICES = idOf('alice');
const BOBS = idOf('bob');
const clusterOf = (owner: string, id = idOf(owner)) => ({ id, properties: { displayName: `cluster of ${owner}` } });

/** The API as people at IONOS find it: each token shows what belongs to its owner, by his name, and nothing else. */
const api: Fetch = async ({ url, headers }) => {
  const owner = ['alice', 'bob'].find((name) => headers.get('authorization') === `Bearer ${ionosToken(name)}`);
  if (!owner) return Response.json({ messages: [{ message: 'Who are you?' }] }, { status: 401 });
  const [, path = ''] = new URL(url).pathname.split('/databases/postgresql/');
  if (path === 'clusters') return Response.json({ type: 'collection', items: [clusterOf(owner)] });
  if (path.endsWith('versions')) return Response.json({ data: [{ name: `version of ${owner}` }] });
  return path.startsWith(`clusters/${beginOf(owner)}`)
    ? Response.json(clusterOf(owner, path.slice('clusters/'.length)))
    : Response.json({ messages: [{ message: 'No such cluster' }] }, { status: 404 });
};

/** The server for callers who sign in with tokens of their own and bring their rights at IONOS along. */
async function world(fetch: Fetch = api) {
  const text = ['alice', 'bob'].map((name) => `${name}:full:${signIn(name)}`).join();
  const gate = createGate({ mode: 'token', verify: createTokenVerifier({ name: 'tokens', text }) });
  const { requests, ...rest } = await host({ gate, fetch, callersOwnToken: true });
  const authorizations = () => requests.map(({ headers }) => headers.get('authorization'));
  return { requests, authorizations, ...rest };
}

type Connected = Awaited<ReturnType<Awaited<ReturnType<typeof world>>[(typeof KINDS)[number]]>>;

const getCluster = (client: Connected, clusterId = ALICES) =>
  client.callTool({ name: 'get_cluster', arguments: { clusterId } });

const completeId = (client: Connected) =>
  client.complete({
    ref: { type: 'ref/resource', uri: 'ionos-postgresql://clusters/{clusterId}' },
    argument: { name: 'clusterId', value: '' },
  });

describe.each(KINDS)('a caller with an IONOS token of his own (%s)', (kind) => {
  test('acts at IONOS with that token, whatever he asks for', async () => {
    const { requests, ...rest } = await world();
    const client = await rest[kind](asCaller('alice'));

    const { structuredContent } = await getCluster(client);
    await client.callTool({ name: 'update_cluster', arguments: { clusterId: ALICES, cores: 4 } });
    const { resources } = await client.listResources();
    const { contents } = await client.readResource({ uri: 'ionos-postgresql://versions' });
    const { completion } = await completeId(client);

    expect(structuredContent).toEqual(clusterOf('alice'));
    expect(resources).toContainEqual(expect.objectContaining({ title: 'cluster of alice' }));
    expect(contents).toMatchObject([{ text: '{"versions":["version of alice"]}' }]);
    expect(completion.values).toEqual([ALICES]);
    expect(requests.map(({ method }) => method)).toEqual(['GET', 'GET', 'GET', 'GET', 'PATCH', 'GET', 'GET', 'GET']);
    for (const { headers, method } of requests) {
      expect(Object.fromEntries(headers)).toEqual({
        authorization: `Bearer ${ionosToken('alice')}`,
        accept: 'application/json',
        'user-agent': 'ionos-postgres-mcp/test',
        ...(method === 'PATCH' && { 'content-type': 'application/json' }),
      });
    }
  });

  test.each([
    ['no', {}],
    ['an empty', { 'x-ionos-token': ' ' }],
  ])('who sends %s token is told so, and nothing is asked of IONOS', async (_, header) => {
    const { requests, ...rest } = await world();
    const client = await rest[kind]({ authorization: `Bearer ${signIn('alice')}`, ...header });

    const called = await getCluster(client);
    const written = await client.callTool({ name: 'delete_cluster', arguments: { clusterId: ALICES } });
    const { resources } = await client.listResources();
    const { completion } = await completeId(client);

    for (const { isError, content } of [called, written]) {
      expect({ isError, content }).toMatchObject({
        isError: true,
        content: [{ text: expect.stringContaining(ABSENT) }],
      });
    }
    await expect(client.readResource({ uri: `ionos-postgresql://clusters/${ALICES}` })).rejects.toThrow(ABSENT);
    expect(resources.map(({ uri }) => uri)).not.toContainEqual(expect.stringContaining('/clusters/'));
    expect(completion.values).toEqual([]);
    expect(requests).toEqual([]);
  });

  const placeholder = ['$', '{IONOS_TOKEN}'].join('');

  test.each<[string, Record<string, string>]>([
    ['The header X-IONOS-Token is blank.', { 'x-ionos-token': ' ' }],
    ['The header X-IONOS-Token is blank.', { 'x-ionos-token': 'Bearer ' }],
    ['The header X-IONOS-Token still contains a placeholder', { 'x-ionos-token': placeholder }],
    ['The header X-IONOS-Token still contains a placeholder', { 'x-ionos-token': 'Bearer YOUR_IONOS_TOKEN' }],
    ['The header X-IONOS-Token still contains a placeholder', { 'x-ionos-token': 'eyJ...' }],
    ['contains a user and password', { 'x-ionos-token': 'Basic YWxpY2U6c2VjcmV0' }],
    ['contains a character that no token has', { 'x-ionos-token': 'one, two' }],
    ['contains a character that no token has', { 'x-ionos-token': 'planted,token' }],
    ['is longer than 8192 characters', { 'x-ionos-token': 'y'.repeat(8193) }],
    ['contains the token for this server', { 'x-ionos-token': signIn('alice') }],
    ['contains the token for this server', { 'x-ionos-token': `Bearer ${signIn('bob')}` }],
  ])('whose IONOS token cannot be used is told why: %s', async (words, header) => {
    const { requests, ...rest } = await world();
    const client = await rest[kind]({ authorization: `Bearer ${signIn('alice')}`, ...header });

    const called = await getCluster(client);

    const shown = JSON.stringify(called);
    expect(called.isError).toBe(true);
    expect(shown).toContain(words);
    expect(shown).toContain(ABSENT);
    for (const sent of Object.values(header)) if (sent.trim().length > 8) expect(shown).not.toContain(sent);
    expect(requests).toEqual([]);
  });

  test.each(['Bearer', 'bearer ', 'BEARER'])('may send it as the whole header, with %s', async (scheme) => {
    const { authorizations, ...rest } = await world();
    const client = await rest[kind]({ ...asCaller('alice'), 'x-ionos-token': `${scheme} ${ionosToken('alice')}` });

    expect((await getCluster(client)).structuredContent).toEqual(clusterOf('alice'));
    expect(authorizations()).toEqual([`Bearer ${ionosToken('alice')}`]);
  });

  test('whose token IONOS refuses gets its refusal, and nobody else is tried', async () => {
    const { authorizations, ...rest } = await world();
    const client = await rest[kind]({ ...asCaller('alice'), 'x-ionos-token': ionosToken('nobody') });

    const { isError, content } = await getCluster(client);

    expect({ isError, content }).toMatchObject({
      isError: true,
      content: [
        {
          text: expect.stringMatching(
            /401: Who are you\?\nIONOS rejected the credentials; retrying will not help.*X-IONOS-Token/s,
          ),
        },
      ],
    });
    await expect(client.readResource({ uri: `ionos-postgresql://clusters/${ALICES}` })).rejects.toThrow(
      '401: Who are you?',
    );
    expect(authorizations()).toEqual(Array(2).fill(`Bearer ${ionosToken('nobody')}`));
  });

  test('acts with the token of each request, and with none that came before', async () => {
    const { authorizations, ...rest } = await world();
    // The transport reads them anew for each request.
    const headers = asCaller('alice');
    const client = await rest[kind](headers);

    const first = await getCluster(client);
    delete headers['x-ionos-token'];
    const second = await getCluster(client);
    headers['x-ionos-token'] = ionosToken('bob');
    const third = await getCluster(client, BOBS);

    expect(first.structuredContent).toEqual(clusterOf('alice'));
    expect(second).toMatchObject({ isError: true, content: [{ text: expect.stringContaining(ABSENT) }] });
    expect(third.structuredContent).toEqual(clusterOf('bob'));
    expect(authorizations()).toEqual([`Bearer ${ionosToken('alice')}`, `Bearer ${ionosToken('bob')}`]);
  });

  test('finds it in no answer and no log, even where IONOS repeats it', async () => {
    const token = ionosToken('alice');
    const forms = [token, encodeURIComponent(token), Buffer.from(token).toString('base64')];
    const answers = [
      () => Response.json({ messages: [{ message: `No: ${forms.join()}` }] }, { status: 422 }),
      () => new Response(`Authorization: Bearer ${token}`, { status: 403 }),
      () => Promise.reject(new TypeError('fetch failed', { cause: new Error(`bad header "${token}"`) })),
    ];
    for (const answer of answers) {
      const { log, ...rest } = await world(async () => answer());
      const client = await rest[kind](asCaller('alice'));

      // A write, since what is read is asked for again where no answer came.
      const called = await client.callTool({ name: 'delete_cluster', arguments: { clusterId: ALICES } });

      expect(called.isError).toBe(true);
      expect(log.filter(({ msg }) => msg === 'call')).toHaveLength(1);
      for (const form of [...forms, signIn('alice')]) expect(JSON.stringify([called, log])).not.toContain(form);
      expect(JSON.stringify(called)).toContain('[redacted]');
    }
  });
});

/** The API, holding its answers until as many are asked for, and then giving the last one first. */
function inBatches(size: number): Fetch {
  let held: (() => void)[] = [];
  return async (request, init) => {
    await new Promise<void>((release) => {
      held.push(release);
      if (held.length < size) return;
      for (const each of held.reverse()) each();
      held = [];
    });
    return api(request, init);
  };
}

test('two callers at once, over every kind of client, never see anything of each other', async () => {
  const names = ['alice', 'bob'];
  const { requests, log, ...rest } = await world(inBatches(names.length * KINDS.length * 10));
  const seats = await Promise.all(
    names.flatMap((name) => KINDS.map(async (kind) => ({ name, client: await rest[kind](asCaller(name)) }))),
  );
  const call = ({ name, client }: (typeof seats)[number], n: number) => {
    const clusterId = idOf(name, n);
    if (n % 3 === 0) return client.callTool({ name: 'list_clusters', arguments: { name: clusterId } });
    if (n % 3 === 1) return getCluster(client, clusterId);
    return client.readResource({ uri: `ionos-postgresql://clusters/${clusterId}` });
  };

  for (let round = 0; round < 5; round += 1) {
    const turns = Array.from({ length: 10 }, (_, n) => seats.map((seat) => ({ seat, n: round * 10 + n }))).flat();
    const answers = await Promise.all(turns.map(async ({ seat, n }) => ({ ...seat, answer: await call(seat, n) })));

    for (const { name, answer } of answers) {
      const [other = ''] = names.filter((each) => each !== name);
      expect(JSON.stringify(answer)).toContain(`cluster of ${name}`);
      expect(JSON.stringify(answer)).not.toContain(other);
    }
  }

  expect(requests).toHaveLength(300);
  for (const { path, headers } of requests) {
    const [owner = 'nobody'] = names.filter((name) => path.includes(beginOf(name)));
    expect(headers.get('authorization'), path).toBe(`Bearer ${ionosToken(owner)}`);
  }
  const lines = log.filter(({ msg }) => msg === 'call');
  expect(lines).toHaveLength(300);
  for (const { caller, target } of lines) if (target) expect(target).toMatch(beginOf(String(caller)));
});

test('without sign-in an IONOS token in Authorization is not used, and the answer says where it belongs', async () => {
  const { modern, requests } = await host({ callersOwnToken: true, fetch: api });
  const jwt = [{ alg: 'RS256' }, { identity: { contractNumber: 1 } }]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const client = await modern({ authorization: `Bearer ${jwt}.AAAA` });

  const { isError, content } = await getCluster(client);

  expect({ isError, content }).toMatchObject({
    isError: true,
    content: [{ text: expect.stringMatching(/The IONOS token is in the header Authorization.*X-IONOS-Token/) }],
  });
  expect(requests).toEqual([]);
});

describe('a header that decides who calls', () => {
  const CALL = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} });
  const [first = '', second = ''] = ['alice', 'bob'].map((name) => `Bearer ${signIn(name)}`);

  test.each<[string, Record<string, string | string[]>]>([
    ['Authorization', { authorization: [first, second] }],
    ['Authorization with the same value', { authorization: [first, first] }],
    ['Authorization, one of them blank', { authorization: ['', first] }],
    ['Authorization in two cases', { authorization: first, AUTHORIZATION: second }],
    ['X-IONOS-Token', { authorization: first, 'x-ionos-token': ['one', 'two'] }],
    ['X-IONOS-Token with the same value', { authorization: first, 'X-Ionos-Token': ['one', 'one'] }],
  ])('is refused when it is sent twice: %s', async (_, headers) => {
    const { port, requests } = await world();
    for (const [method, path] of [
      ['POST', '/mcp'],
      ['GET', '/sse'],
      ['POST', '/messages?sessionId=x'],
    ]) {
      const lines = Object.entries(headers).flatMap(([name, values]) =>
        [values].flat().map((each) => `${name}: ${each}`),
      );
      const common = ['Host: localhost', 'Content-Type: application/json', `Content-Length: ${CALL.length}`];
      const socket = connect(port, '127.0.0.1');
      const head = [`${method} ${path} HTTP/1.1`, ...common, 'Connection: close', ...lines].join('\r\n');
      socket.end(`${head}\r\n\r\n${CALL}`);
      const answer = await text(socket);
      expect(answer).toMatch(/^HTTP\/1.1 400 /);
      expect(answer).toContain('may each be sent once');
      expect(answer).not.toContain('sign-in-of');
    }
    expect(requests).toEqual([]);
  });
});

test('an unknown path answers as an OAuth client reads it', async () => {
  const { url } = await world();
  for (const path of ['/.well-known/oauth-authorization-server', '/register', '/token', '/nowhere']) {
    const answer = await fetch(url + path);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toEqual({ error: 'not_found', error_description: expect.any(String) });
  }
});

test('what a caller reads is cached for him alone', async () => {
  const { modern } = await world();
  const client = await modern(asCaller('alice'));

  const answers = [
    await client.listTools(),
    await client.listResources(),
    await client.listResourceTemplates(),
    await client.readResource({ uri: 'ionos-postgresql://versions' }),
    await client.readResource({ uri: `ionos-postgresql://clusters/${ALICES}` }),
  ];

  for (const answer of answers) expect(answer).toMatchObject({ cacheScope: 'private' });
});
