import { expect, test } from 'vitest';
import { connectTo, KINDS, startHost } from '../helpers/child-process-host.ts';
import { TOKEN } from '../helpers/connect.ts';
import { order } from '../helpers/orders.ts';
import { listen, start } from '../helpers/process.ts';

const { credentials, ...rest } = order;
const { username } = credentials;
const passwords = { APP_DB_PASSWORD: 'planted-in-the-environment' };
const named = { ...rest, credentials: { username, passwordEnv: 'APP_DB_PASSWORD' } };

test('a password by the name of its variable is allowed by --password-env, over stdio and over HTTP', async () => {
  const env = { IONOS_TOKEN: 'any', ...passwords };
  const bodies: string[] = [];
  const { url } = await listen(async (request, response) => {
    bodies.push((await request.toArray()).join(''));
    response.setHeader('content-type', 'application/json').end('{"items":[],"data":[{"name":"16"}],"id":"c-1"}');
  });
  const flags = ['--password-env', 'APP_DB_PASSWORD', '--access', 'full', '--confirm', 'destructive'];

  const { initialize, call } = start(flags, { ...env, IONOS_API_URL: url });
  await initialize();
  expect((await call('create_cluster', named)).result).toMatchObject({ structuredContent: { outcome: 'started' } });
  const hosted = await startHost(flags, { ...env, IONOS_API_URL: url });
  const client = await connectTo('modern', hosted.url);
  expect(await client.callTool({ name: 'create_cluster', arguments: named })).toMatchObject({
    structuredContent: { outcome: 'started' },
  });

  expect(bodies.filter((body) => body.includes(passwords.APP_DB_PASSWORD))).toHaveLength(2);
  expect(hosted.output.stderr + hosted.output.stdout).not.toContain(passwords.APP_DB_PASSWORD);
});

test('planted secrets are in no metric, log or answer of a hosted server', async () => {
  const { url } = await listen(async (request, response) => {
    const body = (await request.toArray()).join('');
    const message = `${request.headers.authorization} ${body}`;
    response.writeHead(request.method === 'GET' ? 200 : 422, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(request.method === 'GET' ? { items: [], data: [{ name: '16' }] } : { messages: [{ message }] }),
    );
  });
  const signingKey = 'planted-signing-key-of-some-length-0123';
  const given = 'planted-in-the-call';
  const env = { IONOS_TOKEN: TOKEN, IONOS_API_URL: url, ...passwords, MCP_SIGNING_KEY: signingKey };
  const {
    url: here,
    metricsAddress,
    output,
  } = await startHost(
    [
      '--password-env',
      'APP_DB_PASSWORD',
      '--metrics-port',
      '0',
      '--log-level',
      'trace',
      '--access',
      'full',
      '--confirm',
      'destructive',
    ],
    env,
  );
  const answers: unknown[] = [];
  for (const kind of KINDS) {
    const client = await connectTo(kind, here);
    for (const credentials of [
      { username, password: given },
      { username, passwordEnv: 'APP_DB_PASSWORD' },
    ]) {
      const connections = [{ ...rest.connections[0], cidr: `192.168.1.${100 + answers.length}/24` }];
      answers.push(await client.callTool({ name: 'create_cluster', arguments: { ...rest, connections, credentials } }));
    }
  }
  const metrics = await (await fetch(metricsAddress)).text();

  expect(metrics).toContain('mcp_calls_total{name="create_cluster",outcome="failed"} 6');
  const all = JSON.stringify(answers) + metrics + output.stdout + output.stderr;
  expect(all).toContain('[redacted]');
  for (const secret of [TOKEN, given, passwords.APP_DB_PASSWORD, signingKey]) expect(all).not.toContain(secret);
});
