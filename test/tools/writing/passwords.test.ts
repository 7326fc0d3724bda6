import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createPasswords } from '../../../src/tools/writing/passwords.ts';
import { KINDS } from '../../helpers/child-process-host.ts';
import { connect, errorOf, TOKEN, type World } from '../../helpers/connect.ts';
import { hurried } from '../../helpers/fake-clock.ts';
import { host } from '../../helpers/in-process-host.ts';
import { order } from '../../helpers/orders.ts';
import { factsOf } from '../../helpers/plans.ts';
import { PROGRAM } from '../../helpers/process.ts';
import { SOME_CLUSTER } from '../../helpers/some-cluster.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const { credentials, ...rest } = order;
const placeOf = (n: number) => ({ ...order.connections[0], cidr: `192.168.1.${100 + n}/24` });
const { username } = credentials;
/** An order that leaves the password to the server. */
const without = { ...rest, credentials: { username } };

interface Kept {
  cluster: string;
  location: string;
  username: string;
  password: string;
  clusterId?: string;
}

const filesIn = (place: string) => (existsSync(place) ? readdirSync(place).map((name) => path.join(place, name)) : []);
const read = (file: string): Kept => JSON.parse(readFileSync(file, 'utf8'));
const noteOf = ({ structuredContent }: { structuredContent?: unknown }) => String(Object(structuredContent).note);

/** A world whose server keeps new passwords in a folder that is not there yet. */
async function keeping(world: World = {}) {
  const credentialsDir = path.join(temporaryFolder('passwords'), 'state', 'credentials');
  return { credentialsDir, ...(await connect({ credentialsDir, ...world })) };
}

test('where the user has no home directory, the call that needs a folder says how to name one', () => {
  const { plan } = createPasswords({ isHomeless: true, passwordEnv: { APP: 'ten characters' } });

  expect(() => plan({})).toThrow(/^password: is missing\. .*--credentials-dir.* no home directory .*APP$/);
  expect(plan({ password: 'given by hand' })).toBeUndefined();
  expect(plan({ passwordEnv: 'APP' })).toBeUndefined();
});

describe('a password that is left out', () => {
  test('is generated, sent and kept in a file only its user can read, and only the path is reported', async () => {
    const { call, credentialsDir, sent, log } = await keeping();

    const result = await call('create_cluster', without);

    const [file = '', ...others] = filesIn(credentialsDir);
    const kept = read(file);
    expect(others).toEqual([]);
    expect(kept).toMatchObject({
      cluster: 'shop',
      location: 'de/txl',
      username,
      clusterId: Object(result.structuredContent).cluster.id,
    });
    expect(kept.password).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(sent()[0]?.body).toMatchObject({ properties: { credentials: { username, password: kept.password } } });
    expect(noteOf(result)).toContain(`The password of ${username} is in ${file}.`);
    expect(JSON.stringify([result, log])).not.toContain(kept.password);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(credentialsDir).mode & 0o777).toBe(0o700);
  });

  test('is another one each time', async () => {
    const { call, credentialsDir } = await keeping();
    for (let n = 0; n < 20; n += 1) {
      await call('create_cluster', { ...without, displayName: `shop ${n}`, connections: [placeOf(20 + n)] });
    }

    expect(new Set(filesIn(credentialsDir).map((file) => read(file).password)).size).toBe(20);
  });

  test('is safe before the order goes out', async () => {
    let atOrder: Kept[] = [];
    const { call, sandbox, credentialsDir } = await keeping();
    const whole = sandbox.fetch;
    sandbox.fetch = async (request) => {
      if (request.method === 'POST') atOrder = filesIn(credentialsDir).map(read);
      return whole(request);
    };

    await call('create_cluster', without);

    expect(atOrder).toMatchObject([{ cluster: 'shop', username, password: expect.any(String) }]);
    expect(atOrder[0]?.password).toBe(read(filesIn(credentialsDir)[0] ?? '').password);
  });

  test('leaves no file behind where nothing is ordered', async () => {
    const { call, credentialsDir, sandbox } = await keeping({ confirm: 'writes' });

    expect((await call('create_cluster', { ...without, dryRun: true })).structuredContent).toMatchObject({
      outcome: 'preview',
    });
    const { newPassword } = await factsOf('order', 'create_cluster', without, { ...sandbox, credentialsDir });
    expect(newPassword).toEqual({ folder: credentialsDir });
    const { structuredContent } = await call('create_cluster', without);
    expect(filesIn(credentialsDir)).toEqual([]);

    const { confirmationToken } = Object(structuredContent);
    const whole = sandbox.fetch;
    sandbox.fetch = async (request) =>
      request.method === 'POST' ? Response.json({ messages: [{ message: 'quota' }] }, { status: 422 }) : whole(request);
    expect(errorOf(await call('create_cluster', { ...without, confirmationToken }))).toMatch(/422/);
    expect(filesIn(credentialsDir)).toEqual([]);
  });

  test('stays where its order may have been carried out, and the answer says where', async () => {
    const { call, credentialsDir, sandbox } = await keeping();
    const whole = sandbox.fetch;
    sandbox.fetch = async (request) => {
      if (request.method !== 'POST') return whole(request);
      await whole(request);
      throw new TypeError('fetch failed', { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) });
    };

    const text = errorOf(await call('create_cluster', without));

    const [file = ''] = filesIn(credentialsDir);
    expect(text).toContain(`The password of ${username} is in ${file}.`);
    expect(text).not.toContain(read(file).password);
  });

  test.runIf(process.platform === 'linux')('that cannot be kept below /proc is not sent either', async () => {
    const { call, sent } = await connect({ credentialsDir: '/proc/none' });

    expect(errorOf(await call('create_cluster', without))).toContain(
      'The new password cannot be written to /proc/none',
    );
    expect(sent()).toEqual([]);
  });

  test('that cannot be kept is not sent', async () => {
    const place = temporaryFolder('passwords');
    writeFileSync(path.join(place, 'file'), '');
    const { call, sent, log } = await connect({ credentialsDir: path.join(place, 'file', 'sub') });

    const text = errorOf(await call('create_cluster', without));

    expect(text).toMatch(
      /^Nothing was sent\. The new password cannot be written to .*\(ENOTDIR\)\..*--credentials-dir/,
    );
    expect(sent()).toEqual([]);
    expect(log).toMatchObject([{ outcome: 'refused' }]);
  });

  test.each(['../../etc/passwd', 'C:\\x', '.', '', ' ', 'ä/ö', '\u0000', 'x'.repeat(5_000), 'CON', '-rf'])(
    'stays in its folder, whatever the cluster is called: %j',
    async (displayName) => {
      const { call, credentialsDir } = await keeping();

      const result = await call('create_cluster', { ...without, displayName });

      const files = filesIn(credentialsDir);
      expect(files).toHaveLength(displayName === '' ? 0 : 1);
      if (displayName !== '') expect(result.structuredContent).toMatchObject({ outcome: 'started' });
      for (const file of files) expect(path.basename(file)).toMatch(/^[\w.-]{1,80}\.json$/);
    },
  );

  test.each(KINDS)('is refused over HTTP, where nobody could read it (%s)', async (kind) => {
    const world = await host();
    const client = await world[kind]();

    const result = await client.callTool({ name: 'create_cluster', arguments: without });

    expect(result).toMatchObject({
      isError: true,
      content: [
        { text: expect.stringMatching(/^Nothing was sent.*\n.*password: is missing\. Over HTTP.*passwordEnv/) },
      ],
    });
    expect(world.requests).toEqual([]);
  });
});

describe('a password by the name of its variable', () => {
  const passwords = { APP_DB_PASSWORD: 'planted-in-the-environment' };
  const named = { ...rest, credentials: { username, passwordEnv: 'APP_DB_PASSWORD' } };

  test('is sent, and shown to nobody', async () => {
    const { call, sent, log } = await connect({ passwords });

    const result = await call('create_cluster', named);

    expect(result.structuredContent).toMatchObject({ outcome: 'started' });
    expect(sent()[0]?.body).toMatchObject({
      properties: { credentials: { username, password: passwords.APP_DB_PASSWORD } },
    });
    expect(sent()[0]?.body).not.toHaveProperty('properties.credentials.passwordEnv');
    expect(JSON.stringify([result, log])).not.toContain(passwords.APP_DB_PASSWORD);
  });

  test.each(['IONOS_TOKEN', 'PATH', 'app_db_password', '__proto__', 'constructor', 'x'])(
    'is refused for %s, which the operator has not allowed',
    async (passwordEnv) => {
      const { call, requests } = await connect({ passwords });

      const text = errorOf(await call('create_cluster', { ...rest, credentials: { username, passwordEnv } }));

      expect(text).toMatch(
        /credentials\.passwordEnv: must be one of the variables that the operator allows: APP_DB_PASSWORD/,
      );
      expect(requests).toEqual([]);
    },
  );

  test('is no secret itself: only its value is', async () => {
    const { call, log } = await connect({ passwords: { MY_APP_PASSWORD: 'planted-in-the-environment' } });

    const text = errorOf(
      await call('create_cluster', { ...rest, credentials: { username, passwordEnv: 'APP_PASSWORD' } }),
    );
    const named = {
      ...rest,
      displayName: 'MY_APP_PASSWORD',
      credentials: { username, passwordEnv: 'MY_APP_PASSWORD' },
    };
    const result = await call('create_cluster', named);

    expect(text).toContain('allows: MY_APP_PASSWORD');
    expect(result.structuredContent).toMatchObject({ cluster: { properties: { displayName: 'MY_APP_PASSWORD' } } });
    expect(log[1]).toMatchObject({ target: 'MY_APP_PASSWORD' });
  });

  test('goes together with no other', async () => {
    const { call, requests } = await connect({ passwords });
    const both = { username, password: 'given as well', passwordEnv: 'APP_DB_PASSWORD' };

    expect(errorOf(await call('create_cluster', { ...rest, credentials: both }))).toMatch(
      /password or passwordEnv, not both/,
    );
    expect(requests).toEqual([]);
  });
});

describe('planted secrets', () => {
  const SIGNING_KEY = 'planted-signing-key-of-some-length-0123';
  const IN_ENV = 'planted-in-the-environment';
  const GIVEN = 'planted-in-the-call';

  test('are in no output, whatever is called and however the API answers', async () => {
    const credentialsDir = temporaryFolder('passwords');
    const messages: unknown[] = [];
    const passwords = { APP_DB_PASSWORD: IN_ENV };
    const bodies: string[] = [];
    /** Says everything that it was told, in the place of names and in refusals. */
    const telling = (status: number) => async (request: Request) => {
      const body = await request.clone().text();
      if (body) bodies.push(body);
      const echo = `${[...request.headers].join(' ')} ${body}`;
      const cluster = {
        id: SOME_CLUSTER,
        metadata: { state: 'AVAILABLE', createdBy: echo },
        properties: { displayName: echo, dnsName: echo, cores: 2, connections: [{ lanId: echo }] },
      };
      if (status !== 200 && request.method !== 'GET')
        return Response.json({ messages: [{ errorCode: echo, message: echo }] }, { status });
      const { pathname } = new URL(request.url);
      if (pathname.endsWith('versions')) return Response.json({ data: [{ name: '16' }] });
      return Response.json(pathname.endsWith('/clusters') && request.method === 'GET' ? { items: [cluster] } : cluster);
    };
    const calls: [tool: string, args: object][] = [
      ...[{ username, password: GIVEN }, { username }, { username, passwordEnv: 'APP_DB_PASSWORD' }].flatMap(
        (credentials, n): [string, object][] =>
          [{}, { dryRun: true }, { ram: 1 }].map((more) => [
            'create_cluster',
            { ...rest, ...more, credentials, allowDuplicate: true, connections: [placeOf(n)] },
          ]),
      ),
      ['update_cluster', { clusterId: SOME_CLUSTER, displayName: GIVEN }],
      ['delete_cluster', { clusterId: SOME_CLUSTER }],
      ['get_cluster', { clusterId: SOME_CLUSTER }],
      ['list_clusters', { detail: 'full' }],
      ['wait_for_cluster', { clusterId: SOME_CLUSTER, until: 'BUSY', wait: 1 }],
    ];

    for (const status of [200, 422, 500]) {
      for (const era of ['2025', '2026'] as const) {
        const { call, client, log } = await connect({
          ...{
            fetch: telling(status),
            credentialsDir,
            passwords,
            era,
            confirm: 'destructive',
            signingKey: SIGNING_KEY,
            logLevel: 'trace',
          },
          onQuestion(question) {
            messages.push(question);
            return { action: 'accept', content: { confirm: true, name: 'x' } };
          },
        });
        for (const [tool, args] of calls) {
          const onprogress = (step: object) => void messages.push(step);
          messages.push(await hurried(() => call(tool, { ...args }, { onprogress })));
        }
        messages.push(
          await client.listResources(),
          await client.readResource({ uri: `ionos-postgresql://clusters/${SOME_CLUSTER}` }),
          log,
        );
      }
    }

    const made = filesIn(credentialsDir).map((file) => read(file).password);
    expect(made).toHaveLength(4);
    const output = JSON.stringify(messages);
    expect(output.length).toBeGreaterThan(20_000);
    for (const secret of [TOKEN, SIGNING_KEY, IN_ENV, ...made]) {
      for (const form of [
        secret,
        encodeURIComponent(secret),
        Buffer.from(secret).toString('base64').replace(/=+$/, ''),
      ]) {
        expect(output).not.toContain(form);
      }
    }
    // Of a password that came with a call, none of its own outputs tells.
    expect(bodies.join()).toContain(GIVEN);
    expect(JSON.stringify(messages)).not.toContain(`"password":"${GIVEN}"`);
  }, 60_000);
});

test.skipIf(process.platform === 'win32').each([0, 1])(
  'a file that cannot be written whole (at most %i blocks) leaves nothing, and nothing is sent',
  async (blocks) => {
    const place = temporaryFolder('passwords');
    const limited = ['-c', `ulimit -f ${blocks}; exec "$@"`, 'bash', process.execPath, PROGRAM];
    const child = spawn('bash', [...limited, '--sandbox', '--confirm', 'destructive', '--credentials-dir', place], {
      env: {},
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const clientInfo = { name: 'test', version: '0.0.0' };
    const messages = [
      { id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo } },
      { method: 'notifications/initialized' },
      // The name makes the file larger than a block.
      {
        id: 2,
        method: 'tools/call',
        params: { name: 'create_cluster', arguments: { ...without, displayName: 'x'.repeat(2_000) } },
      },
    ];
    for (const message of messages) child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
    let output = '';
    for await (const chunk of child.stdout) {
      output += chunk;
      if (output.includes('"id":2')) break;
    }

    expect(output).toMatch(/Nothing was sent\. The new password cannot be written to .*EFBIG/);
    expect(readdirSync(place)).toEqual([]);
  },
);

test('a folder for passwords that is there already keeps its rights', async () => {
  const place = path.join(temporaryFolder('passwords'), 'shared');
  mkdirSync(place);
  chmodSync(place, 0o750);
  const { call } = await connect({ credentialsDir: place });

  await call('create_cluster', without);

  expect(statSync(place).mode & 0o777).toBe(0o750);
});
