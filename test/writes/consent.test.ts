import type { Client, ElicitResult } from '@modelcontextprotocol/client';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createGate } from '../../src/auth/gate.ts';
import { createTokenVerifier } from '../../src/auth/static-tokens.ts';
import type { Sandbox, SandboxCluster } from '../../src/sandbox/index.ts';
import { createMemoryState } from '../../src/state/memory.ts';
import type { State } from '../../src/state/state.ts';
import { tools } from '../../src/tools/index.ts';
import type { Plan } from '../../src/tools/plans/plan.ts';
import { type ConsentSubject, createAgreements, spendingOf } from '../../src/writes/agreements.ts';
import { createConsent } from '../../src/writes/consent.ts';
import { createSigner } from '../../src/writes/signing.ts';
import { takingAnySpelling } from '../helpers/any-spelling.ts';
import { OF_ANALYTICS, ORDERS } from '../helpers/backups.ts';
import { ASKABLE, type Settings, type Way, world, writtenIn } from '../helpers/client-kinds.ts';
import { connect, errorOf, type OnQuestion } from '../helpers/connect.ts';
import { hurried } from '../helpers/fake-clock.ts';
import { host } from '../helpers/in-process-host.ts';
import { unplaced as order } from '../helpers/orders.ts';
import { changeOutside } from '../helpers/outside-change.ts';
import { SOME_CLUSTER } from '../helpers/some-cluster.ts';

/** The API shows the cluster with these properties. */
function showing(sandbox: Sandbox, id: string, properties: () => object) {
  const whole = sandbox.fetch;
  sandbox.fetch = async (request) => {
    const response = await whole(request);
    if (request.method !== 'GET' || !request.url.endsWith(id)) return response;
    const cluster = (await response.json()) as SandboxCluster;
    return Response.json({ ...cluster, properties: { ...cluster.properties, ...properties() } });
  };
}

const outcomesIn = (log: Record<string, unknown>[]) =>
  log.filter(({ msg }) => msg === 'call').map(({ outcome }) => outcome);

describe.each(ASKABLE)('a client that can ask (%s)', (way) => {
  /** A world in which the person gives these answers, one after the other. */
  async function asked(answers: ElicitResult[], settings: Settings = {}) {
    const questions: Parameters<OnQuestion>[0][] = [];
    const rest = await world(way, settings, (question) => {
      questions.push(question);
      return answers.shift() ?? { action: 'cancel' };
    });
    return { questions, ...rest };
  }

  /** A new cluster's backup can be restored from one moment to the next. */
  function hideBackups(sandbox: Awaited<ReturnType<typeof connect>>['sandbox']) {
    const whole = sandbox.fetch;
    sandbox.fetch = async (request) =>
      request.url.includes('/backups') ? Response.json({ type: 'collection', items: [] }) : whole(request);
  }

  test('shows the words of the plan before a delete, and deletes when the person types the name', async () => {
    const { call, sandbox, questions, sent, log } = await asked([{ action: 'accept', content: { name: 'orders-eu' } }]);
    const { id } = sandbox.addCluster({ displayName: 'orders-eu', location: 'fr/par', postgresVersion: '15' });
    hideBackups(sandbox);

    const result = await call('delete_cluster', { clusterId: id });

    expect(writtenIn(result)).toMatchObject({ outcome: 'started', cluster: { metadata: { state: 'DESTROYING' } } });
    expect(questions).toHaveLength(1);
    const { message, requestedSchema } = questions[0] ?? { message: '' };
    for (const word of ['orders-eu', id, 'fr/par', 'PostgreSQL 15', 'cannot be undone', '20480 MB', 'type this name']) {
      expect(message).toContain(word);
    }
    expect(requestedSchema).toMatchObject({ type: 'object', properties: { name: { type: 'string' } } });
    expect(message).not.toMatch(/password|token/i);
    expect(sent()).toMatchObject([{ method: 'DELETE' }]);
    expect(outcomesIn(log)).toEqual(['asked', 'started']);
  });

  test.each([
    ['declines', { action: 'decline' as const }, 'declined'],
    ['declines with the name in the form', { action: 'decline' as const, content: { name: 'orders-eu' } }, 'declined'],
    ['closes the question', { action: 'cancel' as const }, 'closed the question'],
    ['closes it with a name in it', { action: 'cancel' as const, content: { name: 'orders' } }, 'closed the question'],
  ])('takes it for final when the person %s', async (_, answer, words) => {
    const { call, sandbox, questions, sent, log } = await asked([answer]);
    const { id } = sandbox.addCluster({ displayName: 'orders-eu' });

    const result = await call('delete_cluster', { clusterId: id });

    expect(result.isError).toBeFalsy();
    expect(writtenIn(result)).toEqual({
      outcome: 'declined',
      note: expect.stringMatching(new RegExp(`${words}.*Nothing was sent\\. Do not ask again`)),
    });
    expect(questions).toHaveLength(1);
    expect(sent()).toEqual([]);
    expect(sandbox.cluster(id).metadata.state).toBe('AVAILABLE');
    expect(outcomesIn(log)).toEqual(['asked', 'declined']);
    expect(log.filter(({ msg }) => msg === 'call')).toMatchObject([{ audit: true }, { audit: true, target: id }]);
  });

  const [inLan2] = order.connections;
  const inLan7 = { ...inLan2, lanId: '7', cidr: '10.7.0.5/24' };
  const present = { connections: [{ ...inLan2, cidr: '192.168.1.100/24' }] };
  test.each<[change: Record<string, unknown>, asks: boolean, present?: object]>([
    [{ postgresVersion: '17' }, true],
    [{ connections: [] }, true],
    [{ connections: [inLan2] }, true, { connections: [inLan7] }],
    [{ storageSize: 40_960 }, true],
    [{ connections: [{ ...inLan2, cidr: '192.168.1.7/24' }] }, false, present],
    [{ cores: 4, ram: 8192, instances: 2, displayName: 'x' }, false],
    [{ maintenanceWindow: { time: '01:00:00', dayOfTheWeek: 'Sunday' }, connectionPooler: { enabled: true } }, false],
  ])('is asked about %j: %s', async (change, asks, present) => {
    const { call, sandbox, questions } = await asked([{ action: 'accept', content: { confirm: true } }]);
    const { id } = sandbox.addCluster({ postgresVersion: '16', storageSize: 20_480, ...present });

    const result = await call('update_cluster', { clusterId: id, ...change });

    expect(writtenIn(result)).toMatchObject({ outcome: 'started' });
    expect(questions).toHaveLength(asks ? 1 : 0);
  });

  test.each([false, 'false'])('takes an unticked box for a no: %j', async (confirm) => {
    const { call, sandbox, sent } = await asked([{ action: 'accept', content: { confirm } }]);
    const { id } = sandbox.addCluster({ postgresVersion: '16' });

    const result = await call('update_cluster', { clusterId: id, postgresVersion: '17' });

    expect(writtenIn(result)).toMatchObject({ outcome: 'declined' });
    expect(sent()).toEqual([]);
  });

  test.each([true, 'true'])('takes a ticked box for a yes: %j', async (confirm) => {
    const { call, sandbox } = await asked([{ action: 'accept', content: { confirm } }]);
    const { id } = sandbox.addCluster({ postgresVersion: '16' });

    const result = await call('update_cluster', { clusterId: id, postgresVersion: '17' });

    expect(writtenIn(result)).toMatchObject({ outcome: 'started' });
  });

  test('is named as the cause with --require-human where its form cannot answer', async () => {
    const { call, sandbox, sent } = await asked([{ action: 'accept', content: { title: 'x' } }], {
      requireHuman: true,
    });
    const { id } = sandbox.addCluster({ displayName: 'x' });

    expect(errorOf(await call('delete_cluster', { clusterId: id }))).toMatch(
      /this client cannot ask one: it (sent the person's answer without the field "name"|answered the question with the error -32602).*--require-human/,
    );
    expect(sent()).toEqual([]);
  });

  test.each([
    ['with blanks around it', 'orders-é', '  orders-é\t'],
    ['composed otherwise', 'orders-é', 'orders-e\u0301'],
    ['in quotes', 'orders-é', '"orders-é"'],
    ['as it is shown', '*a_b*', '\\u{2A}a_b\\u{2A}'],
  ])('can type the name %s', async (_, displayName, typed) => {
    const { call, sandbox } = await asked([{ action: 'accept', content: { name: typed } }]);
    const { id } = sandbox.addCluster({ displayName });

    expect(writtenIn(await call('delete_cluster', { clusterId: id }))).toMatchObject({ outcome: 'started' });
  });

  const typing = (name: string) => ({ action: 'accept' as const, content: { name } });

  test('can mistype the name twice', async () => {
    const { call, sandbox, questions } = await asked(['order', '', 'orders'].map(typing));
    const { id } = sandbox.addCluster({ displayName: 'orders' });

    expect(writtenIn(await call('delete_cluster', { clusterId: id }))).toMatchObject({ outcome: 'started' });
    const again = questions.map(({ message }) => message.startsWith('The typed name did not match'));
    expect(again).toEqual([false, true, true]);
  });

  test.each([
    [['order', 'order', 'order', 'orders']],
    [['', '', '', 'orders']],
    [['ORDERS', 'orders ,', 'other', 'orders']],
    [['"', '""', '"orders', 'orders']],
  ])('is not asked a fourth time: %j', async (names) => {
    const { call, sandbox, sent, questions, log } = await asked(names.map(typing));
    const { id } = sandbox.addCluster({ displayName: 'orders' });

    const result = writtenIn(await call('delete_cluster', { clusterId: id }));

    expect(result).toMatchObject({ outcome: 'declined', note: expect.stringContaining('did not match 3 times') });
    expect(questions).toHaveLength(3);
    expect(sent()).toEqual([]);
    expect(outcomesIn(log)).toEqual(['asked', 'asked', 'asked', 'declined']);
  });

  test.each(['decline', 'cancel'] as const)('is not asked the same within a minute after %s', async (action) => {
    const { call, sandbox, sent, questions } = await asked([{ action }, { action }, typing('y')]);
    const { id } = sandbox.addCluster({ displayName: 'x' });
    const other = sandbox.addCluster({ displayName: 'y' });
    const remove = (clusterId: string) => call('delete_cluster', { clusterId });
    takingAnySpelling(sandbox, id);

    await remove(id);
    for (const spelled of [id, id.toUpperCase(), id.replaceAll('-', ''), id]) {
      expect(writtenIn(await remove(spelled))).toMatchObject({
        outcome: 'declined',
        note: expect.stringMatching(/The person .*at \d\d:\d\d:\d\d UTC.* not asked again within a minute/),
      });
    }
    expect(questions).toHaveLength(1);
    // Something else may be asked.
    await call('update_cluster', { clusterId: id, connections: [] });
    expect(questions).toHaveLength(2);
    expect(writtenIn(await remove(other.id))).toMatchObject({ outcome: 'started' });
    expect(sent()).toHaveLength(1);
  });

  test('is asked about every write with --confirm writes, about none with never', async () => {
    const yes = { action: 'accept' as const, content: { confirm: true } };
    const all = await asked([yes, yes], { confirm: 'writes' });
    const { id } = all.sandbox.addCluster();
    expect(writtenIn(await all.call('create_cluster', order))).toMatchObject({ outcome: 'started' });
    expect(writtenIn(await all.call('update_cluster', { clusterId: id, cores: 4 }))).toMatchObject({
      outcome: 'started',
    });
    expect(all.questions).toHaveLength(2);

    const none = await asked([], { confirm: 'never' });
    const other = none.sandbox.addCluster();
    expect(writtenIn(await none.call('delete_cluster', { clusterId: other.id }))).toMatchObject({ outcome: 'started' });
    expect(none.questions).toEqual([]);
  });

  test('is asked again where the cluster has changed while the person thought', async () => {
    const messages: string[] = [];
    let changes = 1;
    const { call, sandbox, sent, log } = await world(way, {}, async ({ message }) => {
      messages.push(message);
      if (changes > 0) await changeOutside(sandbox, id, { cores: 16 + messages.length });
      changes -= 1;
      return { action: 'accept', content: { name: 'orders-eu' } };
    });
    const { id } = sandbox.addCluster({ displayName: 'orders-eu' });

    expect(writtenIn(await call('delete_cluster', { clusterId: id }))).toMatchObject({ outcome: 'started' });
    expect(messages).toHaveLength(2);
    expect(messages[1]).toMatch(/^The target or its price has changed.*17 cores/s);

    expect(sent()).toHaveLength(1);
    expect(outcomesIn(log)).toEqual(['asked', 'asked', 'started']);
  });

  test('says so if a cluster changes each time while the person thinks', async () => {
    let cores = 16;
    const { call, sandbox, sent, log } = await world(way, {}, () => {
      cores += 1;
      return { action: 'accept', content: { name: 'orders-eu' } };
    });
    const { id } = sandbox.addCluster({ displayName: 'orders-eu' });
    showing(sandbox, id, () => ({ cores }));

    const result = writtenIn(await call('delete_cluster', { clusterId: id }));

    expect(result).toMatchObject({ outcome: 'needs_confirmation', note: expect.stringContaining('asked 3 times') });
    expect(result.plan?.effects.join()).toContain('19 cores');
    expect(sent()).toEqual([]);
    expect(outcomesIn(log)).toEqual(['asked', 'asked', 'asked', 'needs_confirmation']);
  });

  test('is not asked twice, and a token from elsewhere does not save it the question', async () => {
    const { call, sandbox, questions, sent } = await asked([{ action: 'decline' }]);
    const { id } = sandbox.addCluster({ displayName: 'x' });

    const result = await call('delete_cluster', {
      clusterId: id,
      confirmationToken: 'A'.repeat(27),
      confirmationName: 'x',
    });

    expect(writtenIn(result)).toMatchObject({ outcome: 'declined' });
    expect(questions).toHaveLength(1);
    expect(sent()).toEqual([]);
  });

  test('with --require-human works as without', async () => {
    const { call, sandbox } = await asked([{ action: 'accept', content: { name: 'x' } }], { requireHuman: true });
    const { id } = sandbox.addCluster({ displayName: 'x' });

    expect(writtenIn(await call('delete_cluster', { clusterId: id }))).toMatchObject({ outcome: 'started' });
  });

  test('shows a name with hidden characters spelled out, and takes it either way', async () => {
    const name = 'or\u202eders\nx\u001b[31m';
    const spelledOut = 'or\\u{202E}ders\\u{A}x\\u{1B}[31m';
    const shownAs = 'or\\u{202E}ders\\u{A}x\\u{1B}\\u{5B}31m';
    for (const typed of [name, spelledOut, shownAs, `"${shownAs}"`, 'ordersx[31m']) {
      const { call, sandbox, questions } = await asked([{ action: 'accept', content: { name: typed } }]);
      const { id } = sandbox.addCluster({ displayName: name });

      expect(writtenIn(await call('delete_cluster', { clusterId: id }))).toMatchObject({ outcome: 'started' });
      const lines = questions[0]?.message.split('\n') ?? [];
      expect(lines).toHaveLength(8);
      expect(lines.slice(6)).toEqual(['To agree, type this name, without the quotes:', `"${shownAs}"`]);
    }
  });

  test('types the ID where the name is too long to type', async () => {
    const answers = [{ action: 'accept' as const, content: { name: '' } }];
    const { call, sandbox, questions } = await asked(answers);
    const { id } = sandbox.addCluster({ displayName: 'x'.repeat(400_000) });
    Object.assign(answers[0]?.content ?? {}, { name: id });

    expect(writtenIn(await call('delete_cluster', { clusterId: id }))).toMatchObject({ outcome: 'started' });
    expect(questions[0]?.message).toMatch(new RegExp(`\n"${id}"$`));
    expect(questions[0]?.message.length).toBeLessThan(2_000);
  });
});

/** What forms send that hold no answer, as far as clients send it on. */
const WITHOUT_FIELD: [what: string, content: unknown][] = [
  ['nothing', undefined],
  ['null for it all', null],
  ['an empty object', {}],
  ['null', { name: null, confirm: null }],
  ['a number', { name: 1, confirm: 1 }],
  ['an object', { name: { toString: 1 }, confirm: { valueOf: 1 } }],
  ['a list', { name: ['x'], confirm: [true] }],
  ['other fields', { title: 'x', yes: true }],
  ['a field of every object', { toString: 'x', __proto__: { name: 'x', confirm: true } }],
  ['a word', { name: null, confirm: 'yes' }],
];

describe.each(ASKABLE)('a form (%s)', (way) => {
  test.each(WITHOUT_FIELD)(
    'that sends %s holds no answer of a person, who is asked through a token',
    async (_, content) => {
      const { call, client, sandbox, sent } = await world(way, {}, () => ({ action: 'accept' }));
      const { id } = sandbox.addCluster({ displayName: 'x', postgresVersion: '16' });
      const upgrade = { clusterId: id, postgresVersion: '17' };
      const answer = { action: 'accept', content };
      const ask = way.startsWith('modern')
        ? answerByHand(client as Client, answer)
        : rewriteAnswers(client, answer, call);

      const first = await ask('update_cluster', upgrade);
      const second = await ask('delete_cluster', { clusterId: id });

      for (const each of [first, second]) {
        expect(writtenIn(each)).toMatchObject({
          outcome: 'needs_confirmation',
          confirmationToken: expect.any(String),
          note: expect.stringMatching(/The client sent the person's answer without the field "(confirm|name)"/),
        });
      }
      expect(sent()).toEqual([]);
      const { confirmationToken } = writtenIn(first);
      expect(writtenIn(await call('update_cluster', { ...upgrade, confirmationToken }))).toMatchObject({
        outcome: 'started',
      });
    },
  );
});

type Call = (name: string, args: Record<string, unknown>) => Promise<object>;

/** The SDK's clients check what forms send; others hand it on. */
function answerByHand(client: Client, answer: object): Call {
  return async (name, args) => {
    const request = (more: object = {}) =>
      client.request(
        { method: 'tools/call', params: { name, arguments: args, ...more } },
        { allowInputRequired: true },
      );
    const { requestState } = Object(await request());
    return request({ requestState, inputResponses: { consent: answer } });
  };
}

function rewriteAnswers(client: { transport?: unknown }, answer: object, call: Call): Call {
  const transport = client.transport as { send(message: object, options?: object): Promise<void> };
  const send = transport.send.bind(transport);
  transport.send = (message, options) =>
    send('result' in message && 'action' in Object(message.result) ? { ...message, result: answer } : message, options);
  return call;
}

describe('a question that nobody answers', () => {
  const never = () => new Promise<ElicitResult>(() => {});

  test('ends after five minutes in words of this server, with a client of 2025 over stdio', async () => {
    const { call, sandbox, sent, log } = await connect({ era: '2025', confirm: 'destructive', onQuestion: never });
    const { id } = sandbox.addCluster();

    const result = await hurried(() => call('delete_cluster', { clusterId: id }, { timeout: 900_000 }));

    expect(errorOf(result)).toBe(
      'Nothing was sent. A person had to agree to this first, but nobody answered within 5 minutes.',
    );
    expect(sent()).toEqual([]);
    expect(outcomesIn(log)).toEqual(['asked', 'refused']);
  });

  test('is asked again by a client of 2026 where the answer comes too late', async () => {
    const messages: string[] = [];
    const { call, sandbox, sent } = await connect({
      confirm: 'destructive',
      onQuestion: async ({ message }) => {
        messages.push(message);
        if (messages.length === 1) await new Promise((resolve) => setTimeout(resolve, 602_000));
        return { action: 'accept', content: { name: 'x' } };
      },
    });
    const { id } = sandbox.addCluster({ displayName: 'x' });

    const result = await hurried(() => call('delete_cluster', { clusterId: id }, { timeout: 900_000 }));

    expect(writtenIn(result)).toMatchObject({ outcome: 'started' });
    expect(messages).toHaveLength(2);
    expect(messages[1]).toMatch(/^The answer came more than 10 minutes after the question/);
    expect(sent()).toHaveLength(1);
  });

  test.each(ASKABLE)('ends when the client leaves, and nothing was sent (%s)', async (way) => {
    let ask = () => {};
    const asked = new Promise<void>((resolve) => {
      ask = resolve;
    });
    const { client, call, sandbox, sent, log } = await world(way, {}, () => {
      ask();
      return never();
    });
    const { id } = sandbox.addCluster();

    const answer = call('delete_cluster', { clusterId: id });
    answer.catch(() => {});
    await asked;
    await client.close();

    // With a client of 2026 no call waits for the answer that could be cancelled.
    const ends = way.startsWith('modern') ? ['asked'] : ['asked', 'cancelled'];
    await expect.poll(() => outcomesIn(log)).toEqual(ends);
    expect(sent()).toEqual([]);
    expect(sandbox.cluster(id).metadata.state).toBe('AVAILABLE');
  });
});

describe.each(['2025 over stdio', 'SSE'] as const)('a client that declares elicitation and refuses it (%s)', (way) => {
  /** As its SDK makes them an error of JSON-RPC. */
  const failing = (code?: number) => () => Promise.reject(Object.assign(new Error('no window'), { code }));

  test.each([-32_601, -32_600, -32_602, -32_603, -32_700, undefined])(
    'with %s is asked once, and then gets a plan and a token',
    async (code) => {
      let questions = 0;
      const { call, sandbox, sent } = await world(way, {}, () => {
        questions += 1;
        return failing(code)();
      });
      const { id } = sandbox.addCluster({ displayName: 'x', postgresVersion: '16' });
      const upgrade = { clusterId: id, postgresVersion: '17' };

      const first = writtenIn(await call('update_cluster', upgrade));
      const second = writtenIn(await call('update_cluster', upgrade));

      for (const each of [first, second]) {
        expect(each).toMatchObject({
          outcome: 'needs_confirmation',
          note: expect.stringMatching(
            /The client answered the question with the error -32\d\d\d, so nobody has agreed/,
          ),
        });
      }
      expect(questions).toBe(1);
      expect(sent()).toEqual([]);
      const { confirmationToken } = first;
      const third = await call('update_cluster', { ...upgrade, confirmationToken });
      expect(writtenIn(third)).toMatchObject({ outcome: 'started' });
    },
  );

  test('is refused with --require-human, and named as the cause, each time', async () => {
    const { call, sandbox, sent } = await world(way, { requireHuman: true }, failing(-32_601));
    const { id } = sandbox.addCluster();

    for (let n = 0; n < 2; n += 1) {
      expect(errorOf(await call('delete_cluster', { clusterId: id }))).toMatch(
        /this client cannot ask one: it answered the question with the error -32601.*--require-human/,
      );
    }
    expect(sent()).toEqual([]);
  });

  test.each([-1, -32_000, -32_042])('with %s, which proves nothing, gets no token', async (code) => {
    const { call, sandbox, sent } = await world(way, {}, failing(code));
    const { id } = sandbox.addCluster();

    expect(errorOf(await call('delete_cluster', { clusterId: id }))).toMatch(
      new RegExp(`the error ${code}, and whether a person saw it is not known`),
    );
    expect(sent()).toEqual([]);
  });
});

test.each(['modern over stdio', 'modern over HTTP'] as const)(
  'a client of 2026 that comes back without an answer gets a plan and a token (%s)',
  async (way) => {
    const { client, call, sandbox, sent } = await world(way, {}, () => ({ action: 'cancel' }));
    const { id } = sandbox.addCluster({ displayName: 'x' });
    const request = (more: object = {}) =>
      (client as Client).request(
        { method: 'tools/call', params: { name: 'delete_cluster', arguments: { clusterId: id }, ...more } },
        { allowInputRequired: true },
      );

    const { requestState } = Object(await request());
    const forms = [
      { requestState },
      { requestState, inputResponses: {} },
      { requestState, inputResponses: { consent: {} } },
      { requestState, inputResponses: { consent: { action: 'maybe' } } },
      { requestState, inputResponses: { consent: { method: 'elicitation/create', result: { action: 'accept' } } } },
      { inputResponses: { consent: { action: 'accept', content: { name: 'x' } } } },
    ];
    const answers = [];
    for (const form of forms) answers.push(writtenIn(await request(form)));

    for (const answer of answers) {
      expect(answer).toMatchObject({
        outcome: 'needs_confirmation',
        note: expect.stringMatching(/The client came back with(out)? an answer/),
      });
    }
    expect(sent()).toEqual([]);
    const [{ confirmationToken } = {}] = answers;
    const done = await call('delete_cluster', { clusterId: id, confirmationToken, confirmationName: ' x ' });
    expect(writtenIn(done)).toMatchObject({ outcome: 'started' });
  },
);

/** With the client's part in the second column: a client of 2025 over stateless HTTP cannot be asked, whatever it declares. */
const UNASKABLE: [way: Way, onQuestion?: OnQuestion][] = [
  ['modern over stdio'],
  ['2025 over stdio'],
  ['modern over HTTP'],
  ['SSE'],
  ['2025 over HTTP'],
  ['2025 over HTTP', () => ({ action: 'accept', content: { name: 'orders-eu' } })],
];

describe.each(UNASKABLE)('a client that cannot ask (%s)', (way, onQuestion) => {
  const worldWith = (settings: Settings = {}) => world(way, settings, onQuestion);
  const named = { displayName: 'orders-eu' };

  test('gets a plan and a token, and the second call with both deletes', async () => {
    const { call, sandbox, sent, log } = await worldWith();
    const { id } = sandbox.addCluster(named);

    const first = writtenIn(await call('delete_cluster', { clusterId: id }));

    expect(first).toMatchObject({
      outcome: 'needs_confirmation',
      confirmationToken: expect.stringMatching(/^[\w-]{43}$/),
      plan: { summary: expect.stringContaining('orders-eu'), effects: expect.any(Array) },
      note: expect.stringMatching(/Nothing was sent.*within 10 minutes.*confirmationName/),
    });
    expect(sent()).toEqual([]);

    const { confirmationToken } = first;
    const agreed = { confirmationToken, confirmationName: 'orders-eu' };
    const second = writtenIn(await call('delete_cluster', { clusterId: id, ...agreed }));

    expect(second).toMatchObject({ outcome: 'started', cluster: { id } });
    expect(sent()).toMatchObject([{ method: 'DELETE' }]);
    expect(outcomesIn(log)).toEqual(['needs_confirmation', 'started']);
    expect(JSON.stringify(log)).not.toContain(confirmationToken);
  });

  test.each([undefined, '', ' '])('reports a missing name: %j', async (confirmationName) => {
    const { call, sandbox, sent } = await worldWith();
    const { id } = sandbox.addCluster(named);
    const { confirmationToken } = writtenIn(await call('delete_cluster', { clusterId: id }));

    const result = writtenIn(await call('delete_cluster', { clusterId: id, confirmationToken, confirmationName }));

    expect(result).toMatchObject({
      outcome: 'needs_confirmation',
      note: expect.stringContaining('confirmationName is missing'),
    });
    expect(sent()).toEqual([]);
  });

  test.each([' orders-eu', 'orders-eu\n', '\u00a0orders-eu ', '"orders-eu"'])(
    'can hand on the name with what stands around it: %j',
    async (confirmationName) => {
      const { call, sandbox } = await worldWith();
      const { id } = sandbox.addCluster(named);
      const { confirmationToken } = writtenIn(await call('delete_cluster', { clusterId: id }));

      const result = await call('delete_cluster', { clusterId: id, confirmationToken, confirmationName });

      expect(writtenIn(result)).toMatchObject({ outcome: 'started' });
    },
  );

  test.each(['orders', 'ORDERS-EU', 'orders eu', 'orders-eu2'])(
    'is refused for good with the name %j',
    async (confirmationName) => {
      const { call, sandbox, sent } = await worldWith();
      const { id } = sandbox.addCluster(named);
      const { confirmationToken } = writtenIn(await call('delete_cluster', { clusterId: id }));

      const result = await call('delete_cluster', { clusterId: id, confirmationToken, confirmationName });

      expect(writtenIn(result)).toMatchObject({
        outcome: 'declined',
        note: expect.stringContaining('Nothing was sent'),
      });
      expect(sent()).toEqual([]);
    },
  );

  test('needs no name where nothing is destroyed', async () => {
    const { call, sandbox, sent } = await worldWith();
    const { id } = sandbox.addCluster({ postgresVersion: '16' });
    const change = { clusterId: id, postgresVersion: '17' };

    const { confirmationToken, plan } = writtenIn(await call('update_cluster', change));
    const done = writtenIn(await call('update_cluster', { ...change, confirmationToken }));

    expect(plan?.changes).toEqual([{ property: 'postgresVersion', from: '16', to: '17' }]);
    expect(done).toMatchObject({ outcome: 'started' });
    expect(sent()).toMatchObject([{ method: 'PATCH' }]);
  });

  test('is refused with --require-human', async () => {
    const { call, sandbox, sent, log } = await worldWith({ requireHuman: true });
    const { id } = sandbox.addCluster(named);

    for (const token of [undefined, 'A'.repeat(27)]) {
      const result = await call('delete_cluster', {
        clusterId: id,
        confirmationToken: token,
        confirmationName: 'orders-eu',
      });
      expect(errorOf(result)).toMatch(/A person has to agree.*this client cannot ask one.*--require-human/);
    }
    expect(sent()).toEqual([]);
    expect(outcomesIn(log)).toEqual(['refused', 'refused']);
    expect(writtenIn(await call('update_cluster', { clusterId: id, cores: 4 }))).toMatchObject({ outcome: 'started' });
  });
});

describe('a confirmation token', () => {
  const name = 'orders-eu';

  /** A world with a cluster and a token to delete it. */
  async function withToken(settings: Settings = {}) {
    const rest = await connect({ confirm: 'destructive', ...settings });
    const { id } = rest.sandbox.addCluster({ displayName: name });
    const { confirmationToken } = writtenIn(await rest.call('delete_cluster', { clusterId: id }));
    return { ...rest, id, agreed: { confirmationToken, confirmationName: name } };
  }

  /** The present plan with a token of its own, and why the one that was sent does not count. */
  const again = (why: RegExp) => ({
    outcome: 'needs_confirmation',
    confirmationToken: expect.stringMatching(/^[\w-]{43}$/),
    plan: { summary: expect.any(String) },
    note: expect.stringMatching(why),
  });
  const OTHER = again(/^Nothing was sent\. The confirmationToken is not valid for this call/);
  const CHANGED = again(
    /^Nothing was sent\. The target or its price has changed since the confirmationToken was given; the plan/,
  );
  const LATE = again(/^Nothing was sent\. The confirmationToken is older than 10 minutes/);
  const SPENT = again(/^Nothing was sent\. This confirmation has already been used/);

  test.each<[tool: string, args: object, settings?: Settings]>([
    ['delete_cluster', {}],
    ['delete_database', { name: 'shop' }],
  ])('does not count once the way back that %s showed is gone', async (tool, args) => {
    const { call, sandbox, sent, pass } = await connect({ confirm: 'destructive' });
    pass(3_600_000);
    const call_ = { clusterId: ORDERS, ...args };
    const { confirmationToken, plan } = writtenIn(await call(tool, call_));
    expect(JSON.stringify(plan)).toMatch(/backup/i);
    const whole = sandbox.fetch;
    sandbox.fetch = async (request) =>
      request.url.includes('/backups') ? Response.json({ type: 'collection', items: [] }) : whole(request);

    const result = await call(tool, {
      ...call_,
      confirmationToken,
      confirmationName: 'name' in args ? 'shop' : 'orders',
    });

    expect(writtenIn(result)).toMatchObject(CHANGED);
    expect(sent()).toEqual([]);
  });

  test('to destroy what was renamed says under which name it was known', async () => {
    const { call, pass } = await connect({ confirm: 'destructive' });
    await call('update_cluster', { clusterId: 'analytics-prod', displayName: 'tmp-test' });
    pass(3_600_000);

    for (const [tool, args] of [
      ['delete_cluster', {}],
      ['restore_cluster', { backupId: OF_ANALYTICS }],
      ['delete_database', { name: 'events' }],
    ] as const) {
      const { plan } = writtenIn(await call(tool, { clusterId: 'tmp-test', ...args, dryRun: true }));
      expect(plan?.effects, tool).toContainEqual(
        expect.stringMatching(/^Until \d{4}-.*Z this cluster was named analytics-prod; this server renamed it\.$/),
      );
    }
    await call('update_cluster', { clusterId: 'tmp-test', displayName: 'analytics-prod' });
    const { plan } = writtenIn(await call('delete_cluster', { clusterId: 'analytics-prod', dryRun: true }));
    expect(JSON.stringify(plan)).not.toContain('was named analytics-prod');
  });

  test('is for one target', async () => {
    const { call, sandbox, sent, agreed } = await withToken();
    const twin = sandbox.addCluster({ displayName: name });

    expect(writtenIn(await call('delete_cluster', { clusterId: twin.id, ...agreed }))).toMatchObject(OTHER);
    expect(sent()).toEqual([]);
  });

  test('that is used says so where the cluster is busy with what it was used for, or gone', async () => {
    const { call, sandbox, sent, pass } = await connect({ confirm: 'destructive', replicas: 2 });
    const { id } = sandbox.addCluster({ displayName: name });
    pass(3_600_000);
    const backups = await call('list_backups', { clusterId: id });
    const restore = { clusterId: id, backupId: Object(backups.structuredContent).backups[0].id };
    const asked = writtenIn(await call('restore_cluster', restore));
    const given = { ...restore, confirmationToken: asked.confirmationToken, confirmationName: name };

    const both = await Promise.all([call('restore_cluster', given), call('restore_cluster', given)]);

    expect(both.filter(({ isError }) => !isError).map((each) => writtenIn(each).outcome)).toEqual(['started']);
    expect(both.filter(({ isError }) => isError).map(errorOf)).toEqual([
      'Nothing was sent. This confirmation has already been used; each covers one write. Check the result of that write first.',
    ]);
    expect(sent()).toHaveLength(1);
    pass(3_600_000);
    const { confirmationToken } = writtenIn(await call('delete_cluster', { clusterId: id }));
    const agreed = { clusterId: id, confirmationToken, confirmationName: name };
    await call('delete_cluster', agreed);
    pass(3_600_000);
    expect(errorOf(await call('delete_cluster', agreed))).toContain('This confirmation has already been used');
    // Not what it was used for.
    const another = { ...agreed, clusterId: SOME_CLUSTER };
    expect(errorOf(await call('delete_cluster', another))).toMatch(/^The API answered 404/);
    expect(sent()).toHaveLength(2);
  });

  test('is for one tool', async () => {
    const { call, id, sent, agreed } = await withToken();
    const { confirmationToken } = agreed;

    const other = await call('update_cluster', { clusterId: id, connections: [], confirmationToken });
    expect(writtenIn(other)).toMatchObject(OTHER);
    expect(sent()).toEqual([]);
  });

  test('is for one set of arguments, in whatever order they come', async () => {
    const { call, sandbox, sent } = await world('modern over stdio');
    const { id } = sandbox.addCluster({ storageSize: 20_480 });
    const change = { clusterId: id, storageSize: 40_960, cores: 4 };
    const { confirmationToken } = writtenIn(await call('update_cluster', change));

    const other = await call('update_cluster', { ...change, storageSize: 81_920, confirmationToken });
    expect(writtenIn(other)).toMatchObject(OTHER);
    const more = await call('update_cluster', { ...change, ram: 8192, confirmationToken });
    expect(writtenIn(more)).toMatchObject(OTHER);
    expect(sent()).toEqual([]);

    const same = { cores: 4, confirmationToken, storageSize: '40960', clusterId: id, wait: 0 };
    expect(writtenIn(await call('update_cluster', same))).toMatchObject({ outcome: 'started' });
  });

  test('is for the cluster as it was, even if it changed within the same second', async () => {
    const { call, sandbox, id, sent, agreed } = await withToken();
    const { lastModifiedDate } = sandbox.cluster(id).metadata;
    await changeOutside(sandbox, id, { cores: 16 });

    const result = writtenIn(await call('delete_cluster', { clusterId: id, ...agreed }));
    expect(result).toMatchObject(CHANGED);
    expect(result.plan?.effects.join()).toContain('16 cores');
    expect(lastModifiedDate).toBeUndefined();
    expect(sent()).toEqual([]);
  });

  test('is for ten minutes, and the plan of one that is late has another one', async () => {
    const { call, id, sent, agreed } = await withToken();
    await hurried(async () => {
      await new Promise((resolve) => setTimeout(resolve, 602_000));
      const late = writtenIn(await call('delete_cluster', { clusterId: id, ...agreed }));
      expect(late).toMatchObject(LATE);
      expect(sent()).toEqual([]);
      const { confirmationToken } = late;
      const done = await call('delete_cluster', { clusterId: id, ...agreed, confirmationToken });
      expect(writtenIn(done)).toMatchObject({ outcome: 'started' });
    });
  });

  test.each(['x', 'A'.repeat(27), 'A'.repeat(43), 'A'.repeat(100_000), '%00', 'null'])(
    'cannot be made up: %s',
    async (made) => {
      const { call, id, sent } = await withToken();

      const result = await call('delete_cluster', { clusterId: id, confirmationToken: made, confirmationName: name });

      expect(writtenIn(result)).toMatchObject(OTHER);
      expect(sent()).toEqual([]);
    },
  );

  test('changed in any character is none', async () => {
    const { call, id, sent, agreed } = await withToken();
    const { confirmationToken = '' } = agreed;

    const last = confirmationToken.slice(-1);
    const others = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'];
    const changes = [
      ...others.filter((letter) => letter !== last).map((letter) => confirmationToken.slice(0, -1) + letter),
      ...Array.from(confirmationToken, (letter, at) => {
        return confirmationToken.slice(0, at) + (letter === 'A' ? 'B' : 'A') + confirmationToken.slice(at + 1);
      }),
    ];
    for (const changed of changes) {
      const result = await call('delete_cluster', { clusterId: id, ...agreed, confirmationToken: changed });
      expect(writtenIn(result), changed).toMatchObject(OTHER);
    }
    expect(sent()).toEqual([]);
  });

  test('does no harm when it comes twice', async () => {
    const { call, id, sent, agreed } = await withToken();

    const first = writtenIn(await call('delete_cluster', { clusterId: id, ...agreed }));
    const second = writtenIn(await call('delete_cluster', { clusterId: id, ...agreed }));

    expect([first.outcome, second.outcome]).toEqual(['started', 'started']);
    expect(second.note).toContain('already being deleted. Nothing was sent');
    expect(sent()).toHaveLength(1);
  });

  test.each(['at once', 'one after the other, while the API does not list the first'])(
    'for an order is good for one cluster: twice %s',
    async (when) => {
      const { call, sandbox, sent } = await connect({ confirm: 'writes' });
      const twice = { ...order, allowDuplicate: true };
      const { confirmationToken } = writtenIn(await call('create_cluster', twice));
      const whole = sandbox.fetch;
      sandbox.fetch = async (request) =>
        request.url.includes('filter.name') ? Response.json({ items: [] }) : whole(request);
      const send = () => call('create_cluster', { ...twice, confirmationToken });

      const results = when === 'at once' ? await Promise.all([send(), send()]) : [await send(), await send()];

      const answers = results.map(writtenIn);
      expect(answers.filter(({ outcome }) => outcome === 'started')).toHaveLength(1);
      expect(answers.filter(({ outcome }) => outcome !== 'started')).toMatchObject([SPENT]);
      expect(sent()).toHaveLength(1);
    },
  );

  test('is spent even where the API refused what it was for', async () => {
    const { call, sandbox, sent } = await connect({ confirm: 'writes' });
    const { confirmationToken } = writtenIn(await call('create_cluster', order));
    const whole = sandbox.fetch;
    let refuse = true;
    sandbox.fetch = async (request) => {
      if (request.method !== 'POST' || !refuse) return whole(request);
      refuse = false;
      return Response.json({ messages: [{ message: 'quota' }] }, { status: 422 });
    };

    expect(errorOf(await call('create_cluster', { ...order, confirmationToken }))).toMatch(/quota/);
    const next = writtenIn(await call('create_cluster', { ...order, confirmationToken }));
    expect(next).toMatchObject(SPENT);
    expect(sent()).toHaveLength(1);
    const done = await call('create_cluster', { ...order, confirmationToken: next.confirmationToken });
    expect(writtenIn(done).outcome).toBe('started');
  });

  test.each([
    ['delete_cluster', { confirmationName: name }, 'DELETE', 'AVAILABLE'],
    ['update_cluster', { connections: [] }, 'PATCH', 'AVAILABLE'],
    ['delete_cluster', { confirmationName: name }, 'DELETE', 'BUSY'],
    ['delete_cluster', { confirmationName: `${name} ` }, 'DELETE', 'DEGRADED'],
  ])(
    'is for one write of three calls at once, though the API shows none of it: %s',
    async (tool, args, method, state) => {
      const { call, sandbox, sent } = await connect({ confirm: 'destructive' });
      const { id } = sandbox.addCluster({ displayName: name });
      const before = sandbox.cluster(id);
      const whole = sandbox.fetch;
      sandbox.fetch = async (request) => {
        const isCluster = request.method === 'GET' && request.url.endsWith(id);
        return isCluster ? Response.json({ ...before, metadata: { ...before.metadata, state } }) : whole(request);
      };
      const first = await call(tool, { clusterId: id, ...args });
      const { confirmationToken } = writtenIn(first);

      const calls = [1, 2, 3].map(() => call(tool, { clusterId: id, ...args, confirmationToken }));
      const outcomes = (await Promise.all(calls)).map((result) => writtenIn(result));

      expect(sent().map((request) => request.method)).toEqual([method]);
      expect(outcomes.filter(({ outcome }) => outcome !== 'started')).toMatchObject([SPENT, SPENT]);
    },
  );

  /** The same API, but the connection breaks at the first DELETE before anything was done. */
  function breakFirstDelete(sandbox: Awaited<ReturnType<typeof connect>>['sandbox']) {
    const whole = sandbox.fetch;
    let breaks = true;
    sandbox.fetch = async (request) => {
      if (request.method !== 'DELETE' || !breaks) return whole(request);
      breaks = false;
      throw new TypeError('fetch failed', { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) });
    };
  }

  test('is good once even where nobody knows what came of it, however it is spelled; the next one counts', async () => {
    const { call, sandbox, id, sent, agreed } = await withToken();
    breakFirstDelete(sandbox);

    const first = errorOf(await call('delete_cluster', { clusterId: id, ...agreed }));
    const spelled = { ...agreed, confirmationToken: `${agreed.confirmationToken}=` };
    const second = writtenIn(await call('delete_cluster', { clusterId: id, ...spelled }));
    const { confirmationToken } = second;
    const third = await call('delete_cluster', { clusterId: id, ...agreed, confirmationToken });

    expect(first).toContain('may have taken effect');
    expect(second).toMatchObject(SPENT);
    expect(writtenIn(third)).toMatchObject({ outcome: 'started' });
    expect(sent()).toHaveLength(2);
  });

  test.each(['2026', '2025'] as const)('has its like in a question, which counts each time (%s)', async (era) => {
    const onQuestion = () => ({ action: 'accept' as const, content: { name } });
    const { call, sandbox, sent } = await connect({ confirm: 'destructive', era, onQuestion });
    const { id } = sandbox.addCluster({ displayName: name });
    breakFirstDelete(sandbox);

    const first = await call('delete_cluster', { clusterId: id });
    expect(writtenIn(await call('delete_cluster', { clusterId: id }))).toMatchObject({ outcome: 'started' });

    expect(errorOf(first)).toContain('may have taken effect');
    expect(sent()).toHaveLength(2);
  });

  test('for an order makes no second cluster, even where a second was asked for', async () => {
    const { call, sent } = await world('modern over stdio', { confirm: 'writes' });
    const twice = { ...order, allowDuplicate: true };
    const { confirmationToken } = writtenIn(await call('create_cluster', twice));

    const first = writtenIn(await call('create_cluster', { ...twice, confirmationToken }));
    const second = writtenIn(await call('create_cluster', { ...twice, confirmationToken }));

    expect(first.outcome).toBe('started');
    expect(second).toMatchObject(SPENT);
    expect(sent()).toHaveLength(1);
  });

  test('does not outlive the process, unless its key is shared', async () => {
    const asks = await withToken({ signingKey: 'the key of one process, made at random' });
    const shared = await world('modern over stdio', { signingKey: 'the key of one process, made at random' });
    const restarted = await world('modern over stdio', { signingKey: 'the key of another process, at random' });
    const { id, agreed } = asks;
    // One account, which all of them reach.
    for (const each of [shared, restarted]) each.sandbox.fetch = asks.sandbox.fetch;

    expect(writtenIn(await restarted.call('delete_cluster', { clusterId: id, ...agreed }))).toMatchObject(OTHER);
    expect(writtenIn(await shared.call('delete_cluster', { clusterId: id, ...agreed }))).toMatchObject({
      outcome: 'started',
    });
  });

  test('is for one caller', async () => {
    const tokenOf = (who: string) => `${who}-`.padEnd(48, 'x');
    const text = ['alice', 'bob'].map((who) => `${who}:full:${tokenOf(who)}`).join();
    const gate = createGate({ mode: 'token', verify: createTokenVerifier({ name: 'tokens', text }) });
    const { legacy, modern, sandbox, sent } = await host({ gate, confirm: 'destructive' });
    const { id } = sandbox.addCluster({ displayName: name });
    const as = (who: string) => ({ authorization: `Bearer ${tokenOf(who)}` });
    const remove = async (client: Awaited<ReturnType<typeof legacy>>, agreed = {}) =>
      Object(await client.callTool({ name: 'delete_cluster', arguments: { clusterId: id, ...agreed } }));
    const alice = await legacy(as('alice'));
    const { confirmationToken } = writtenIn(await remove(alice));
    const agreed = { confirmationToken, confirmationName: name };

    const bob = await remove(await legacy(as('bob')), agreed);
    expect(writtenIn(bob)).toMatchObject(OTHER);
    expect(sent()).toEqual([]);

    const aliceElsewhere = await modern(as('alice'));
    const done = await aliceElsewhere.callTool({ name: 'delete_cluster', arguments: { clusterId: id, ...agreed } });
    expect(writtenIn(done)).toMatchObject({ outcome: 'started' });
  });

  test('is for one account at IONOS, even where all callers are one', async () => {
    const { legacy, sandbox, sent } = await host({ callersOwnToken: true, confirm: 'destructive' });
    const { id } = sandbox.addCluster({ displayName: name });
    const remove = async (ionosToken: string, agreed = {}) => {
      const client = await legacy({ 'x-ionos-token': ionosToken });
      return Object(await client.callTool({ name: 'delete_cluster', arguments: { clusterId: id, ...agreed } }));
    };
    const { confirmationToken } = writtenIn(await remove('token-of-alice'));
    const agreed = { confirmationToken, confirmationName: name };

    expect(writtenIn(await remove('token-of-bob', agreed))).toMatchObject(OTHER);
    expect(sent()).toEqual([]);
    expect(writtenIn(await remove('token-of-alice', agreed))).toMatchObject({ outcome: 'started' });
  });

  test('is no answer to a question, and the state of a question is no token', async () => {
    const { client, sandbox, sent, id, agreed } = await withToken();
    const asking = await connect({ confirm: 'destructive', onQuestion: () => ({ action: 'cancel' }) });
    asking.sandbox.fetch = sandbox.fetch;
    const params = { name: 'delete_cluster', arguments: { clusterId: id } };
    const request = (via: Client, more: object = {}) =>
      via.request({ method: 'tools/call', params: { ...params, ...more } }, { allowInputRequired: true });

    const question = await request(asking.client);
    const requestState = 'requestState' in question ? String(question.requestState) : '';
    const inputResponses = { consent: { action: 'accept', content: { name } } };
    const answered = await request(asking.client, { inputResponses, requestState: agreed.confirmationToken });
    const spent = await request(client, {
      arguments: { clusterId: id, confirmationToken: requestState, confirmationName: name },
    });
    const bare = await request(asking.client, { inputResponses });

    expect(requestState).toMatch(/^[\w-]{43}$/);
    expect(writtenIn(answered)).toMatchObject({
      outcome: 'needs_confirmation',
      note: expect.stringContaining('The answer does not belong to this question'),
    });
    expect(writtenIn(answered)).not.toHaveProperty('confirmationToken');
    expect(writtenIn(spent)).toMatchObject(OTHER);
    expect(writtenIn(bare)).toMatchObject(again(/without the requestState that it belongs to/));
    expect([...sent(), ...asking.sent()]).toEqual([]);
  });
});

test('every tool that writes has a plan, and takes dryRun and a confirmationToken; no other does', () => {
  for (const { name, access, input, ...tool } of tools) {
    expect('plan' in tool, name).toBe(access !== 'read');
    expect('dryRun' in input.shape && 'confirmationToken' in input.shape, name).toBe(access !== 'read');
  }
});

test('an answer to a question is one agreement, however its state is spelled', async () => {
  const facts: Plan['facts'] = { kind: 'new-user', cluster: { id: 'c' }, username: 'u' };
  const plan: Plan = { facts, summary: 's', effects: [], destructive: true, basis: 1, demand: { verb: 'delete' } };
  const call: ConsentSubject = { tool: 't', caller: 'c', accountKey: 'a', args: {} };
  const signer = createSigner('k');
  const memory = createMemoryState();
  const agreements = createAgreements(signer, memory);
  const decide = createConsent({ confirm: 'destructive', requireHuman: false, agreements, signer, state: memory });
  const asked = await decide(plan, call, { canBeAsked: true });
  if (!('question' in asked)) throw new Error('no question');
  const { state } = asked.question;

  const decisions = await Promise.all(
    [state, `${state}=`, ` ${state}`, `${state}!`].map((spelled) =>
      decide(plan, call, {
        canBeAsked: true,
        reply: { kind: 'answered', state: spelled, action: 'accept', content: { confirm: true } },
      }),
    ),
  );

  expect(decisions[0]).toMatchObject({ go: true, agreement: expect.any(String) });
  expect(new Set(decisions.map((each) => JSON.stringify(each))).size).toBe(1);
});

describe('a write that needs no yes', () => {
  const facts: Plan['facts'] = { kind: 'new-user', cluster: { id: 'c' }, username: 'u' };
  const plan: Plan = { facts, summary: 's', effects: [], destructive: false, basis: 1, demand: { verb: 'create' } };
  const call: ConsentSubject = { tool: 't', caller: 'c', accountKey: 'a', args: {} };
  const deciding = () => {
    const [signer, state] = [createSigner('k'), createMemoryState()];
    const agreements = createAgreements(signer, state);
    return { agreements, decide: createConsent({ confirm: 'never', requireHuman: false, agreements, signer, state }) };
  };

  test('needs one from whoever wants a plan first', async () => {
    const { decide } = deciding();
    const seesViews = { canBeAsked: false, seesViews: true };

    expect(await decide(plan, call, seesViews)).toEqual({ go: true, agreed: 'never' });
    expect(await decide(plan, call, { ...seesViews, wantsPlan: true })).toMatchObject({
      answer: { outcome: 'needs_confirmation' },
      button: { token: expect.any(String) },
    });
    expect(await decide(plan, call, { canBeAsked: true, wantsPlan: true })).toHaveProperty('question');
  });

  test('is sent after a yes to a question that has become needless, without another', async () => {
    const { decide, agreements } = deciding();
    const state = agreements.offer('question', call, { ...plan, basis: 'as it was' });
    const reply = { kind: 'answered' as const, state, action: 'accept' as const, content: { confirm: true } };

    expect(await decide(plan, call, { canBeAsked: true, reply })).toEqual({ go: true, agreed: 'never' });
  });

  test('is not sent after a no to a question that has become needless', async () => {
    const { decide, agreements } = deciding();
    const press = { token: agreements.offer('app', call, plan), isDeclined: true };
    const state = agreements.offer('question', call, plan);

    for (const person of [
      { canBeAsked: false, seesViews: true, press },
      { canBeAsked: true, reply: { kind: 'answered' as const, state, action: 'decline' as const } },
      { canBeAsked: true, reply: { kind: 'answered' as const, state, action: 'cancel' as const } },
      {
        canBeAsked: true,
        reply: { kind: 'answered' as const, state, action: 'accept' as const, content: { confirm: false } },
      },
    ]) {
      expect(await decide(plan, { ...call, args: { person } }, person)).toMatchObject({
        answer: { outcome: 'declined' },
      });
    }
  });
});

test('a consent stays used up for as long as a replica accepts its signature whose clock is minutes behind', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const start = Date.now();
  const [later, byItsClock] = [start + 601_000, start + 301_000];
  const plan: Plan = {
    facts: { kind: 'new-user', cluster: { id: 'c' }, username: 'u' },
    ...{ summary: 's', effects: [], destructive: true, basis: 1, demand: { verb: 'delete' } },
  };
  const call: ConsentSubject = { tool: 't', caller: 'c', accountKey: 'a', args: {} };
  const memory = createMemoryState();
  const behind: State = {
    ...memory,
    recall(key) {
      vi.setSystemTime(later);
      return memory.recall(key).finally(() => vi.setSystemTime(byItsClock));
    },
  };
  const signer = createSigner('k');
  const token = createAgreements(signer, memory).offer('token', call, plan);
  const { key, ms } = spendingOf(signer.nameOf(token));
  await memory.remember(key, '', ms);

  vi.setSystemTime(byItsClock);

  expect(await createAgreements(signer, behind).judge(token, 'token', call, plan)).toMatchObject({ verdict: 'spent' });
});
