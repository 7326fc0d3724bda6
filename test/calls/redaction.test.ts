import { describe, expect, test } from 'vitest';
import { ORDERS } from '../helpers/backups.ts';
import { connect, errorOf, TOKEN } from '../helpers/connect.ts';
import { order } from '../helpers/orders.ts';
import { SOME_CLUSTER } from '../helpers/some-cluster.ts';

const PASSWORD = 'planted-Pass/word & more';
const user = { clusterId: ORDERS, username: 'app', password: PASSWORD };

describe('what a caller sends takes no word out of what this server says', () => {
  const SUMMARY = /^Delete the PostgreSQL cluster "orders" \(.*\) with all its databases, users and data\.(\n|$)/;

  test.each([
    { chatInput: { secret: 'Delete', token: 'PostgreSQL cluster' } },
    { action: { token: 'cannot be undone', password: ORDERS } },
    { sessionId: { authorization: ['databases', 'orders'], credentials: { password: 'orders' } } },
    { confirmationToken: 'Delete the PostgreSQL cluster orders' },
    { toolCallId: Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`secret${n}`, `word ${n} Delete the`])) },
  ])('%j', async (more) => {
    const questions: string[] = [];
    const { call, log } = await connect({
      confirm: 'destructive',
      onQuestion({ message }) {
        questions.push(message);
        return { action: 'decline' };
      },
    });

    await call('delete_cluster', { clusterId: ORDERS, ...more });
    const preview = await call('delete_cluster', { clusterId: ORDERS, dryRun: true, ...more });

    expect(questions).toHaveLength(1);
    expect(questions[0]).toMatch(SUMMARY);
    expect(Object(preview.structuredContent).plan.summary).toMatch(SUMMARY);
    expect(JSON.stringify([questions, preview, log])).not.toContain('[redacted]');
    expect(log.map(({ target }) => target)).toEqual([ORDERS, ORDERS, ORDERS]);
  });

  test.each([
    ['a word of the plan', 'Create the user'],
    ['the name of the user', 'application'],
    ['the ID of the cluster', ORDERS],
    ['a part of it', ORDERS.slice(0, 12)],
    ['what a person is told to do', 'Yes, do this'],
  ])('a password that is %s is refused, and nothing is sent', async (_, password) => {
    const { call, sent, log } = await connect({ confirm: 'writes', onQuestion: () => ({ action: 'accept' }) });

    const text = errorOf(await call('create_user', { clusterId: ORDERS, username: 'application', password }));

    expect(text).toMatch(/^Nothing was sent\. The password or token of this call also occurs in/);
    expect(sent()).toEqual([]);
    expect(log).toMatchObject([{ outcome: 'refused' }]);
  });

  test('nor is a name of the API taken for another, where a password hides it', async () => {
    const policy = '{"neverChange": ["customer-prod"]}';
    const { call, sandbox, sent } = await connect({ policy });
    const { id } = sandbox.addCluster({ displayName: 'customer-prod' });

    for (const password of ['customer-prod', 'customer-pr', 'DESTROYING']) {
      const text = errorOf(await call('create_user', { clusterId: id, username: 'app', password }));
      expect(text).toMatch(/also occurs in a name|customer-prod/);
    }
    expect(sent()).toEqual([]);
  });
});

describe('a password of the call shows nowhere', () => {
  test.each([
    ['in a refusal', (secret: string) => ({ messages: [{ errorCode: 'e', message: `${secret} is weak` }] })],
    ['across the cut of a refusal', (secret: string) => ({ message: `${'m'.repeat(1_990)}${secret}` })],
    ['in JSON by codes', (secret: string) => ({ message: JSON.stringify(secret).replaceAll('&', '\\u0026') })],
  ])('%s', async (_, body) => {
    const { call, log } = await connect({
      fetch: async ({ method, url }) => {
        if (method === 'POST') return Response.json(body(PASSWORD), { status: 422 });
        if (url.includes('/users/')) return Response.json({}, { status: 404 });
        return Response.json({ id: ORDERS, metadata: { state: 'AVAILABLE' }, properties: { displayName: 'orders' } });
      },
    });

    const result = await call('create_user', user);

    expect(errorOf(result)).toContain('[redacted]');
    expect(JSON.stringify([result, log])).not.toMatch(/planted|Pass\/word/);
  });

  test('nor half of it where a property is cut', async () => {
    const echo = `${'p'.repeat(1_990)}${PASSWORD} ${TOKEN}`;
    const cluster = { id: 'c-9', metadata: { state: 'BUSY' }, properties: { displayName: echo, location: echo } };
    const { call, log } = await connect({
      fetch: async ({ method, url }) => {
        if (method === 'POST') return Response.json(cluster, { status: 202 });
        return Response.json(url.includes('versions') ? { data: [{ name: '16' }] } : { items: [] });
      },
    });
    const credentials = { username: 'app', password: PASSWORD };

    const result = await call('create_cluster', { ...order, postgresVersion: '16', credentials });

    expect(Object(result.structuredContent).cluster.properties.displayName).toMatch(/^p{1990}\[redacted\]/);
    expect(JSON.stringify([result, log])).not.toMatch(/planted|eyJhbG/);
  });

  test('whatever else is wrong with the call', async () => {
    const { call, log } = await connect();
    for (const more of [{ username: PASSWORD, x: PASSWORD }, { [PASSWORD]: 1 }, { clusterId: PASSWORD }]) {
      expect(JSON.stringify(await call('create_user', { ...user, ...more }))).not.toContain('planted');
    }
    expect(JSON.stringify(log)).not.toContain('planted');
  });
});

test('half a token shows neither in a line of the log of a cluster nor in a name in a sentence', async () => {
  const messages = [{ time: new Date().toISOString(), message: `${'m'.repeat(1_990)}${TOKEN}` }];
  const name = `${'n'.repeat(195)}${TOKEN}`;
  const { call } = await connect({
    fetch: async ({ url }) =>
      Response.json(
        url.includes('/logs')
          ? { instances: [{ name: 'i-1', messages }] }
          : { id: SOME_CLUSTER, metadata: { state: 'BUSY' }, properties: { displayName: name } },
      ),
  });

  const lines = await call('get_cluster_logs', { clusterId: SOME_CLUSTER });
  const busy = errorOf(await call('delete_user', { clusterId: SOME_CLUSTER, username: 'app' }));

  expect(JSON.stringify([lines, busy])).not.toContain('eyJ');
  expect(busy).toContain('nnn\\u{5B}red');
});
