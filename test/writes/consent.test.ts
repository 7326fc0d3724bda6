import type { Client, ElicitResult } from '@modelcontextprotocol/client';
import { describe, expect, test } from 'vitest';
import { createGate } from '../../src/auth/gate.ts';
import { createTokenVerifier } from '../../src/auth/static-tokens.ts';
import { tools } from '../../src/tools/index.ts';
import type { Plan } from '../../src/tools/plans/plan.ts';
import { type ConsentSubject, createConsent } from '../../src/writes/consent.ts';
import { createSigner } from '../../src/writes/signing.ts';
import { connect, errorOf, type OnQuestion, type World } from '../helpers/connect.ts';
import { hurried } from '../helpers/fake-clock.ts';
import { host } from '../helpers/in-process-host.ts';
import { order } from '../helpers/orders.ts';
import { changeOutside } from '../helpers/outside-change.ts';
import { planOf } from '../helpers/plans.ts';

type Settings = Pick<World, 'confirm' | 'requireHuman' | 'signingKey'>;
type Way = 'modern over stdio' | '2025 over stdio' | 'modern over HTTP' | 'SSE' | '2025 over HTTP';

interface Written {
  outcome?: string;
  confirmationToken?: string;
  plan?: { summary: string; effects: string[]; changes?: object[] };
  note?: string;
  cluster?: { id: string };
}

/** The server, and a client that reaches it this way; with `onQuestion` the client declares that it can ask. */
async function world(way: Way, settings: Settings = {}, onQuestion?: OnQuestion) {
  const confirm = settings.confirm ?? 'destructive';
  if (way === 'modern over stdio' || way === '2025 over stdio') {
    return connect({ ...settings, confirm, era: way === '2025 over stdio' ? '2025' : '2026', onQuestion });
  }
  const hosted = await host({ ...settings, confirm });
  const kinds = { 'modern over HTTP': hosted.modern, SSE: hosted.sse, '2025 over HTTP': hosted.legacy };
  const client = await kinds[way]({}, onQuestion);
  const call = (name: string, args: Record<string, unknown>) => client.callTool({ name, arguments: args });
  return { ...hosted, client, call: call as Awaited<ReturnType<typeof connect>>['call'] };
}

const writtenIn = ({ structuredContent }: { structuredContent?: unknown }): Written => Object(structuredContent);
const outcomesIn = (log: Record<string, unknown>[]) =>
  log.filter(({ msg }) => msg === 'call').map(({ outcome }) => outcome);

const ASKABLE = ['modern over stdio', '2025 over stdio', 'modern over HTTP', 'SSE'] as const;

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

  test('shows the words of the plan before a delete, and deletes when the person types the name', async () => {
    const { call, sandbox, questions, sent, log } = await asked([{ action: 'accept', content: { name: 'orders-eu' } }]);
    const { id } = sandbox.addCluster({ displayName: 'orders-eu', location: 'fr/par', postgresVersion: '15' });
    const { summary, effects } = await planOf('delete_cluster', { clusterId: id }, sandbox);

    const result = await call('delete_cluster', { clusterId: id });

    expect(writtenIn(result)).toMatchObject({ outcome: 'started', cluster: { metadata: { state: 'DESTROYING' } } });
    expect(questions).toHaveLength(1);
    const { message, requestedSchema } = questions[0] ?? { message: '' };
    // Whether its first backup is complete can be another by then.
    const [what, size] = effects;
    const lines = [summary, what, size, expect.any(String), 'To agree, type the name: orders-eu'];
    expect(message.split('\n')).toEqual(lines);
    expect(requestedSchema).toMatchObject({ type: 'object', properties: { name: { type: 'string' } } });
    expect(message).not.toMatch(/password|token/i);
    expect(sent()).toMatchObject([{ method: 'DELETE' }]);
    expect(outcomesIn(log)).toEqual(['asked', 'started']);
  });

  test.each([
    ['declines', { action: 'decline' as const }, 'declined'],
    ['closes the question', { action: 'cancel' as const }, 'closed the question'],
    ['types another name', { action: 'accept' as const, content: { name: 'orders' } }, 'is another'],
    ['types nothing', { action: 'accept' as const, content: { name: '' } }, 'No name was given'],
    ['accepts an empty form', { action: 'accept' as const }, 'No name was given'],
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

  test.each<[change: Record<string, unknown>, asks: boolean]>([
    [{ postgresVersion: '17' }, true],
    [{ connections: [] }, true],
    [{ connections: [{ ...order.connections[0], lanId: '7' }] }, true],
    [{ storageSize: 40_960 }, true],
    [{ connections: [{ ...order.connections[0], cidr: '192.168.1.7/24' }] }, false],
    [{ cores: 4, ram: 8192, instances: 2, displayName: 'x' }, false],
    [{ maintenanceWindow: { time: '01:00:00', dayOfTheWeek: 'Sunday' }, connectionPooler: { enabled: true } }, false],
  ])('is asked about %j: %s', async (change, asks) => {
    const { call, sandbox, questions } = await asked([{ action: 'accept', content: { confirm: true } }]);
    const { id } = sandbox.addCluster({ postgresVersion: '16', storageSize: 20_480 });

    const result = await call('update_cluster', { clusterId: id, ...change });

    expect(writtenIn(result)).toMatchObject({ outcome: 'started' });
    expect(questions).toHaveLength(asks ? 1 : 0);
  });

  test('does not take an accepted form for a yes that does not say yes', async () => {
    const { call, sandbox, sent } = await asked([{ action: 'accept', content: { confirm: false } }]);
    const { id } = sandbox.addCluster({ postgresVersion: '16' });

    const result = await call('update_cluster', { clusterId: id, postgresVersion: '17' });

    expect(writtenIn(result)).toMatchObject({ outcome: 'declined' });
    expect(sent()).toEqual([]);
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
    const { call, sandbox, sent, log } = await world(way, {}, async () => {
      await changeOutside(sandbox, id, { cores: 16 });
      return { action: 'accept', content: { name: 'orders-eu' } };
    });
    const { id } = sandbox.addCluster({ displayName: 'orders-eu' });

    const text = errorOf(await call('delete_cluster', { clusterId: id }));

    expect(text).toMatch(/^Nothing was sent\. The answer is not to this question: the target has changed/);
    expect(sent()).toEqual([]);
    expect(outcomesIn(log)).toEqual(['asked', 'refused']);
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

  test('shows a name with hidden characters both ways, and takes either', async () => {
    const name = 'or\u202eders\nx\u001b[31m';
    const spelledOut = 'or\\u{202E}ders\\u{A}x\\u{1B}[31m';
    for (const typed of [name, spelledOut]) {
      const { call, sandbox, questions } = await asked([{ action: 'accept', content: { name: typed } }]);
      const { id } = sandbox.addCluster({ displayName: name });

      expect(writtenIn(await call('delete_cluster', { clusterId: id }))).toMatchObject({ outcome: 'started' });
      const lines = questions[0]?.message.split('\n') ?? [];
      expect(lines).toHaveLength(5);
      expect(lines[4]).toBe(`To agree, type the name: ${spelledOut} (as it stands: \u2068or\u202edersx[31m\u2069)`);
    }
  });

  test('types the ID where the name is too long to type', async () => {
    const answers = [{ action: 'accept' as const, content: { name: '' } }];
    const { call, sandbox, questions } = await asked(answers);
    const { id } = sandbox.addCluster({ displayName: 'x'.repeat(400_000) });
    Object.assign(answers[0]?.content ?? {}, { name: id });

    expect(writtenIn(await call('delete_cluster', { clusterId: id }))).toMatchObject({ outcome: 'started' });
    expect(questions[0]?.message).toContain(`type the name: ${id}`);
    expect(questions[0]?.message.length).toBeLessThan(2_000);
  });
});

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

  test('sends nothing with a client of 2026, and an answer that comes too late is none', async () => {
    const { call, sandbox, sent } = await connect({
      confirm: 'destructive',
      onQuestion: async () => {
        await new Promise((resolve) => setTimeout(resolve, 301_000));
        return { action: 'accept', content: { name: 'x' } };
      },
    });
    const { id } = sandbox.addCluster({ displayName: 'x' });

    const result = await hurried(() => call('delete_cluster', { clusterId: id }, { timeout: 900_000 }));

    expect(errorOf(result)).toMatch(/^Nothing was sent\. The answer came after more than 5 minutes\. Call again\.$/);
    expect(sent()).toEqual([]);
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

  test('that the client fails to show is refused', async () => {
    for (const way of ['2025 over stdio', 'SSE'] as const) {
      const { call, sandbox, sent } = await world(way, {}, () => Promise.reject(new Error('no window')));
      const { id } = sandbox.addCluster();

      expect(errorOf(await call('delete_cluster', { clusterId: id }))).toBe(
        'Nothing was sent. A person had to agree to this first, but the client could not ask.',
      );
      expect(sent()).toEqual([]);
    }
  });
});

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
      confirmationToken: expect.stringMatching(/^[\w-]{27}$/),
      plan: { summary: expect.stringContaining('orders-eu'), effects: expect.any(Array) },
      note: expect.stringMatching(/Nothing was sent.*within 5 minutes.*confirmationName/),
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

  test.each([undefined, '', 'orders', 'ORDERS-EU'])(
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

  const OTHER = /^Nothing was sent\. The confirmationToken is not for this/;

  test('is for one target', async () => {
    const { call, sandbox, sent, agreed } = await withToken();
    const twin = sandbox.addCluster({ displayName: name });

    expect(errorOf(await call('delete_cluster', { clusterId: twin.id, ...agreed }))).toMatch(OTHER);
    expect(sent()).toEqual([]);
  });

  test('is for one tool', async () => {
    const { call, id, sent, agreed } = await withToken();
    const { confirmationToken } = agreed;

    expect(errorOf(await call('update_cluster', { clusterId: id, connections: [], confirmationToken }))).toMatch(OTHER);
    expect(sent()).toEqual([]);
  });

  test('is for one set of arguments, in whatever order they come', async () => {
    const { call, sandbox, sent } = await world('modern over stdio');
    const { id } = sandbox.addCluster({ storageSize: 20_480 });
    const change = { clusterId: id, storageSize: 40_960, cores: 4 };
    const { confirmationToken } = writtenIn(await call('update_cluster', change));

    const other = await call('update_cluster', { ...change, storageSize: 81_920, confirmationToken });
    expect(errorOf(other)).toMatch(OTHER);
    expect(errorOf(await call('update_cluster', { ...change, ram: 8192, confirmationToken }))).toMatch(OTHER);
    expect(sent()).toEqual([]);

    const same = { cores: 4, confirmationToken, storageSize: '40960', clusterId: id, wait: 0 };
    expect(writtenIn(await call('update_cluster', same))).toMatchObject({ outcome: 'started' });
  });

  test('is for the cluster as it was, even if it changed within the same second', async () => {
    const { call, sandbox, id, sent, agreed } = await withToken();
    const { lastModifiedDate } = sandbox.cluster(id).metadata;
    await changeOutside(sandbox, id, { cores: 16 });

    expect(errorOf(await call('delete_cluster', { clusterId: id, ...agreed }))).toMatch(OTHER);
    expect(lastModifiedDate).toBeUndefined();
    expect(sent()).toEqual([]);
  });

  test('is for five minutes', async () => {
    const { call, id, sent, agreed } = await withToken();
    await hurried(async () => {
      await new Promise((resolve) => setTimeout(resolve, 302_000));
      const text = errorOf(await call('delete_cluster', { clusterId: id, ...agreed }));
      expect(text).toMatch(/^Nothing was sent\. The confirmationToken is older than 5 minutes/);
    });
    expect(sent()).toEqual([]);
  });

  test.each(['x', 'A'.repeat(27), 'A'.repeat(100_000), '%00', 'null'])('cannot be made up: %s', async (made) => {
    const { call, id, sent } = await withToken();

    const result = await call('delete_cluster', { clusterId: id, confirmationToken: made, confirmationName: name });

    expect(errorOf(result)).toMatch(OTHER);
    expect(sent()).toEqual([]);
  });

  test('changed in any character is none', async () => {
    const { call, id, sent, agreed } = await withToken();
    const { confirmationToken = '' } = agreed;

    for (let at = 0; at < confirmationToken.length; at += 1) {
      const letter = confirmationToken[at] === 'A' ? 'B' : 'A';
      const changed = confirmationToken.slice(0, at) + letter + confirmationToken.slice(at + 1);
      const result = await call('delete_cluster', { clusterId: id, ...agreed, confirmationToken: changed });
      expect(errorOf(result), changed).toMatch(OTHER);
    }
    expect(sent()).toEqual([]);
  });

  test('does no harm when it comes twice', async () => {
    const { call, id, sent, agreed } = await withToken();

    const first = writtenIn(await call('delete_cluster', { clusterId: id, ...agreed }));
    const second = writtenIn(await call('delete_cluster', { clusterId: id, ...agreed }));

    expect([first.outcome, second.outcome]).toEqual(['started', 'started']);
    expect(second.note).toContain('being deleted already. Nothing was sent');
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

      expect(results.map((result) => writtenIn(result).outcome).filter(Boolean)).toEqual(['started']);
      const refused = results.filter(({ isError }) => isError).map(errorOf);
      expect(refused).toEqual([expect.stringMatching(/was sent already, and an agreement is good for one write/)]);
      expect(sent()).toHaveLength(1);
    },
  );

  test('can be used again where the API refused what it was for', async () => {
    const { call, sandbox } = await connect({ confirm: 'writes' });
    const { confirmationToken } = writtenIn(await call('create_cluster', order));
    const whole = sandbox.fetch;
    let refuse = true;
    sandbox.fetch = async (request) => {
      if (request.method !== 'POST' || !refuse) return whole(request);
      refuse = false;
      return Response.json({ messages: [{ message: 'quota' }] }, { status: 422 });
    };

    expect(errorOf(await call('create_cluster', { ...order, confirmationToken }))).toMatch(/quota/);
    expect(writtenIn(await call('create_cluster', { ...order, confirmationToken })).outcome).toBe('started');
  });

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
    const again = { ...agreed, confirmationToken: `${agreed.confirmationToken}=` };
    const second = errorOf(await call('delete_cluster', { clusterId: id, ...again }));
    await hurried(async () => {
      // Tokens of the same second are one.
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      const { confirmationToken } = writtenIn(await call('delete_cluster', { clusterId: id }));
      const third = await call('delete_cluster', { clusterId: id, ...agreed, confirmationToken });
      expect(writtenIn(third)).toMatchObject({ outcome: 'started' });
    });

    expect(first).toContain('may have taken effect');
    expect(second).toMatch(/was sent already, and an agreement is good for one write/);
    expect(sent()).toHaveLength(2);
  });

  test.each(['2026', '2025'] as const)('has its like in a question, which counts each time (%s)', async (era) => {
    const onQuestion = () => ({ action: 'accept' as const, content: { name } });
    const { call, sandbox, sent } = await connect({ confirm: 'destructive', era, onQuestion });
    const { id } = sandbox.addCluster({ displayName: name });
    breakFirstDelete(sandbox);

    const first = await call('delete_cluster', { clusterId: id });
    await hurried(async () => {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      expect(writtenIn(await call('delete_cluster', { clusterId: id }))).toMatchObject({ outcome: 'started' });
    });

    expect(errorOf(first)).toContain('may have taken effect');
    expect(sent()).toHaveLength(2);
  });

  test('for an order makes no second cluster, even where a second was asked for', async () => {
    const { call, sent } = await world('modern over stdio', { confirm: 'writes' });
    const twice = { ...order, allowDuplicate: true };
    const { confirmationToken } = writtenIn(await call('create_cluster', twice));

    const first = writtenIn(await call('create_cluster', { ...twice, confirmationToken }));
    const second = await call('create_cluster', { ...twice, confirmationToken });

    expect(first.outcome).toBe('started');
    expect(errorOf(second)).toMatch(OTHER);
    expect(sent()).toHaveLength(1);
  });

  test('does not outlive the process, unless its key is shared', async () => {
    const asks = await withToken({ signingKey: 'the key of one process, made at random' });
    const shared = await world('modern over stdio', { signingKey: 'the key of one process, made at random' });
    const restarted = await world('modern over stdio', { signingKey: 'the key of another process, at random' });
    const { id, agreed } = asks;
    // One account, which all of them reach.
    for (const each of [shared, restarted]) each.sandbox.fetch = asks.sandbox.fetch;

    expect(errorOf(await restarted.call('delete_cluster', { clusterId: id, ...agreed }))).toMatch(OTHER);
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
    expect(bob).toMatchObject({ isError: true, content: [{ text: expect.stringMatching(OTHER) }] });
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

    expect(await remove('token-of-bob', agreed)).toMatchObject({ isError: true });
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

    expect(requestState).toMatch(/^[\w-]{27}$/);
    for (const result of [answered, spent, bare]) expect(result).toMatchObject({ isError: true });
    expect(JSON.stringify(answered)).toContain('The answer is not to this question');
    expect(JSON.stringify(spent)).toContain('The confirmationToken is not for this');
    expect(JSON.stringify(bare)).toContain('without a usable answer');
    expect([...sent(), ...asking.sent()]).toEqual([]);
  });
});

test('every tool that writes has a plan, and takes dryRun and a confirmationToken; no other does', () => {
  for (const { name, access, plan, input } of tools) {
    expect(plan !== undefined, name).toBe(access !== 'read');
    expect('dryRun' in input.shape && 'confirmationToken' in input.shape, name).toBe(access !== 'read');
  }
});

test('an answer to a question is one agreement, however its state is spelled', () => {
  const facts: Plan['facts'] = { kind: 'new-user', cluster: { id: 'c' }, username: 'u' };
  const plan: Plan = { facts, summary: 's', effects: [], destructive: true, basis: 1, demand: { verb: 'delete' } };
  const call: ConsentSubject = { tool: 't', caller: 'c', account: 'a', args: {} };
  const decide = createConsent({ confirm: 'destructive', requireHuman: false, signer: createSigner('k') });
  const asked = decide(plan, call, { canBeAsked: true });
  if (!('question' in asked)) throw new Error('no question');
  const { state } = asked.question;

  const agreements = [state, `${state}=`, ` ${state}`, `${state}!`].map((spelled) =>
    decide(plan, call, { canBeAsked: true, reply: { state: spelled, action: 'accept', content: { confirm: true } } }),
  );

  expect(agreements[0]).toMatchObject({ go: true, agreement: expect.any(String) });
  expect(new Set(agreements.map((each) => JSON.stringify(each))).size).toBe(1);
});
