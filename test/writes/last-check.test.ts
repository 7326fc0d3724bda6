import type { Client, ElicitResult } from '@modelcontextprotocol/client';
import { describe, expect, test } from 'vitest';
import type { Access } from '../../src/access.ts';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { createMemoryState } from '../../src/state/memory.ts';
import { connect, errorOf, type World } from '../helpers/connect.ts';
import { hurried } from '../helpers/fake-clock.ts';
import { host } from '../helpers/in-process-host.ts';
import { order } from '../helpers/orders.ts';
import { changeOutside } from '../helpers/outside-change.ts';

interface Written {
  outcome?: string;
  confirmationToken?: string;
  plan?: { summary: string };
  note?: string;
}
const writtenIn = ({ structuredContent }: { structuredContent?: unknown }): Written => Object(structuredContent);

/** Does something once, when the API has answered the first request for the backups of a cluster or for this path. */
function after(sandbox: Sandbox, path: string, work: () => unknown) {
  const whole = sandbox.fetch;
  let isDone = false;
  sandbox.fetch = async (request) => {
    const response = await whole(request);
    if (isDone || request.method !== 'GET' || !new URL(request.url).pathname.endsWith(path)) return response;
    isDone = true;
    await work();
    return response;
  };
}

describe('right before it is sent a write is held against the cluster as it is then', () => {
  const rename = (sandbox: Sandbox, id: string) => () => changeOutside(sandbox, id, { displayName: 'shop-prod' });

  test.each<[tool: string, args: object, read: string]>([
    ['delete_cluster', {}, '/backups'],
    ['update_cluster', { postgresVersion: '17' }, '/versions'],
    ['delete_database', { name: 'shop' }, '/backups'],
    ['delete_user', { username: 'app' }, '/databases'],
  ])('%s is stopped by a rule for the name that it got in between', async (tool, args, read) => {
    const policy = JSON.stringify({ neverDelete: ['*-prod'], neverChange: ['*-prod'] });
    const { call, sandbox, sent, pass } = await connect({ policy });
    const { id } = sandbox.addCluster({ displayName: 'shop', postgresVersion: '16' });
    if (!tool.endsWith('cluster')) {
      await call('create_user', { clusterId: id, username: 'app', password: 'long enough' });
      pass(6_000);
      await call('create_database', { clusterId: id, name: 'shop', owner: 'app' });
      pass(6_000);
    }
    const before = sent().length;
    after(sandbox, read, rename(sandbox, id));

    const text = errorOf(await call(tool, { clusterId: id, ...args }));

    expect(text).toMatch(/never(Delete|Change) "\*-prod"|BUSY/);
    expect(sent()).toHaveLength(before);
    expect(sandbox.cluster(id).metadata.state).not.toBe('DESTROYING');
  });

  const AGREED: [way: string, world: World][] = [
    ['a token', {}],
    ['an answer of 2026', { onQuestion: () => ({ action: 'accept', content: { name: 'shop' } }) }],
    ['an answer of 2025', { era: '2025', onQuestion: () => ({ action: 'accept', content: { name: 'shop' } }) }],
  ];

  test.each(AGREED)('what was agreed to by %s is not done to a cluster that has another name', async (_, settings) => {
    const { call, sandbox, sent } = await connect({ confirm: 'destructive', ...settings });
    const { id } = sandbox.addCluster({ displayName: 'shop' });
    const first = settings.onQuestion ? {} : writtenIn(await call('delete_cluster', { clusterId: id }));
    const { confirmationToken } = first;
    let looks = 0;
    const whole = sandbox.fetch;
    // The first look of the call that has the agreement is the last one before the rename.
    sandbox.fetch = async (request) => {
      const response = await whole(request);
      if (request.method === 'GET' && new URL(request.url).pathname.endsWith('/backups')) looks += 1;
      if (looks === (settings.onQuestion ? 2 : 1)) {
        looks += 1;
        await changeOutside(sandbox, id, { displayName: 'shop-prod' });
      }
      return response;
    };

    const agreed = { confirmationToken, confirmationName: confirmationToken && 'shop' };
    const result = writtenIn(await call('delete_cluster', { clusterId: id, ...agreed }));

    expect(sent()).toEqual([]);
    if (settings.onQuestion) expect(result).toMatchObject({ outcome: 'declined' });
    else {
      expect(result).toMatchObject({
        outcome: 'needs_confirmation',
        confirmationToken: expect.not.stringMatching(confirmationToken ?? ''),
        plan: { summary: expect.stringContaining('"shop-prod"') },
        note: expect.stringMatching(/has changed since the confirmationToken was given; the plan is the present one/),
      });
    }
  });

  test.each<[tool: string, args: object]>([
    ['update_cluster', { cores: 8 }],
    ['update_cluster', { displayName: 'other' }],
    ['delete_cluster', {}],
    ['create_user', { username: 'app', password: 'long enough' }],
  ])('that takes one request more: %s %j', async (tool, args) => {
    const { call, sandbox, requests } = await connect();
    const { id } = sandbox.addCluster();

    const preview = writtenIn(await call(tool, { clusterId: id, ...args, dryRun: true }));
    const planned = requests.splice(0).map(({ method, path }) => `${method} ${path}`);
    const done = writtenIn(await call(tool, { clusterId: id, ...args }));

    expect([preview.outcome, done.outcome]).toEqual(['preview', 'started']);
    const all = requests.map(({ method, path }) => `${method} ${path}`);
    const [last = '', ...before] = all
      .slice(
        0,
        all.findIndex((each) => !each.startsWith('GET ')),
      )
      .reverse();
    expect(before.sort()).toEqual(planned.sort());
    expect(last).toBe(`GET clusters/${id}`);
  });

  test('once more where the state took its time, and what was agreed to is used up', async () => {
    const state = createMemoryState();
    let begin: () => unknown = () => {};
    const slow = {
      ...state,
      async begin(...given: Parameters<typeof state.begin>) {
        const begun = await state.begin(...given);
        begin();
        await new Promise((resolve) => setTimeout(resolve, 400));
        return begun;
      },
    };
    const { call, sandbox, sent } = await connect({ state: slow, confirm: 'destructive' });
    const { id } = sandbox.addCluster({ displayName: 'shop' });
    const { confirmationToken } = writtenIn(await call('delete_cluster', { clusterId: id }));
    const agreed = { clusterId: id, confirmationToken, confirmationName: 'shop' };
    begin = rename(sandbox, id);

    expect(errorOf(await call('delete_cluster', agreed))).toContain('It took too long from the plan to the request');
    expect(writtenIn(await call('delete_cluster', agreed)).outcome).not.toBe('started');
    expect(sent()).toEqual([]);
  });

  test('twice where the log took its time in between', async () => {
    const policy = JSON.stringify({ neverDelete: ['*-prod'] });
    let begin: () => unknown = () => {};
    const world = await connect({
      policy,
      async whileLogging() {
        begin();
        await new Promise((resolve) => setTimeout(resolve, 400));
      },
    });
    const { id } = world.sandbox.addCluster({ displayName: 'shop' });
    begin = rename(world.sandbox, id);

    const result = await world.call('delete_cluster', { clusterId: id });

    expect(errorOf(result)).toMatch(/neverDelete "\*-prod"|BUSY/);
    expect(world.sent()).toEqual([]);
  });

  test('an order takes none', async () => {
    const { call, requests } = await connect();

    await call('create_cluster', { ...order, dryRun: true });
    const planned = requests.splice(0).length;
    await call('create_cluster', order);

    expect(requests).toHaveLength(planned + 1);
  });

  test('a cluster that never keeps still is left alone', async () => {
    const { call, sandbox, sent } = await connect();
    const { id } = sandbox.addCluster();
    const whole = sandbox.fetch;
    let cores = 2;
    sandbox.fetch = async (request) => {
      const response = await whole(request);
      if (request.method !== 'GET' || !request.url.endsWith(id)) return response;
      cores += 1;
      const cluster = Object(await response.json());
      return Response.json({ ...cluster, properties: { ...cluster.properties, cores } });
    };

    expect(errorOf(await call('delete_cluster', { clusterId: id }))).toMatch(
      /^Nothing was sent\. The cluster changed each/,
    );
    expect(sent()).toEqual([]);
  });

  test.each([404, 500, 503])('is not sent where the last check fails with %s', async (status) => {
    const { call, sandbox, sent } = await connect({ confirm: 'destructive' });
    const { id } = sandbox.addCluster({ displayName: 'x' });
    const { confirmationToken } = writtenIn(await call('delete_cluster', { clusterId: id }));
    const agreed = { clusterId: id, confirmationToken, confirmationName: 'x' };
    const whole = sandbox.fetch;
    let looks = 0;
    sandbox.fetch = async (request) => {
      if (request.url.endsWith(id)) looks += 1;
      return looks > 1 && looks < 6 ? Response.json({}, { status }) : whole(request);
    };

    const failed = await hurried(() => call('delete_cluster', agreed));
    expect(errorOf(failed)).toMatch(new RegExp(`^The API answered ${status}`));
    expect(sent()).toEqual([]);
    sandbox.fetch = whole;
    expect(writtenIn(await call('delete_cluster', agreed))).toMatchObject({ outcome: 'started' });
  });
});

describe('right before it is sent a write is held against what the caller may then', () => {
  const remove = (client: { callTool: Client['callTool'] }, id: string) =>
    client.callTool({ name: 'delete_cluster', arguments: { clusterId: id } });

  test.each<[access: Access | undefined, words: RegExp]>([
    ['read', /This caller may not use delete_cluster/],
    ['write', /This caller may not use delete_cluster/],
    [undefined, /authentication was checked again.*no longer valid/],
  ])('over SSE, where it became %s while the question was open', async (lowered, words) => {
    let access: Access | undefined = 'full';
    const gate = async (request: Request) => {
      const isOut = access === undefined && !request.url.includes('/messages');
      return access && !isOut ? { name: 'alice', access } : new Response(null, { status: 401 });
    };
    let answer = (_: ElicitResult) => {};
    const answered = new Promise<ElicitResult>((resolve) => {
      answer = resolve;
    });
    let ask = () => {};
    const asked = new Promise<void>((resolve) => {
      ask = resolve;
    });
    const { sse, sandbox, sent, log } = await host({ gate: (request) => gate(request), confirm: 'destructive' });
    const client = await sse({}, () => {
      ask();
      return answered;
    });
    const { id } = sandbox.addCluster({ displayName: 'x' });
    const result = client.callTool({ name: 'delete_cluster', arguments: { clusterId: id } });
    await asked;

    access = lowered ?? 'full';
    answer({ action: 'accept', content: { name: 'x' } });
    if (lowered === undefined) {
      // The answer arrives, and the token is withdrawn before the write.
      const whole = sandbox.fetch;
      sandbox.fetch = async (request) => {
        access = undefined;
        return whole(request);
      };
    }

    expect(errorOf((await result) as never)).toMatch(words);
    expect(sent()).toEqual([]);
    expect(log.filter(({ msg }) => msg === 'call')).toMatchObject([{ outcome: 'asked' }, { outcome: 'refused' }]);
  });

  test('over HTTP, where it was lowered while the cluster was read for the last time', async () => {
    const scopePrefix = 'api://db/';
    let access: Access = 'full';
    const { modern, sandbox, sent } = await host({ gate: async () => ({ name: 'alice', access, scopePrefix }) });
    const { id } = sandbox.addCluster();
    const whole = sandbox.fetch;
    let looks = 0;
    sandbox.fetch = async (request) => {
      const response = await whole(request);
      if (new URL(request.url).pathname.endsWith(`/clusters/${id}`)) looks += 1;
      if (looks === 2) access = 'read';
      return response;
    };

    const result = await remove(await modern(), id);

    expect(errorOf(result)).toContain('api://db/clusters:delete');
    expect(sent()).toEqual([]);
  });

  test.each(['modern', 'handshake', 'legacy'] as const)('over HTTP (%s), where the API took its time', async (kind) => {
    let access: Access = 'full';
    const { sandbox, sent, ...hosted } = await host({ gate: async () => ({ name: 'alice', access }) });
    const { id } = sandbox.addCluster();
    const whole = sandbox.fetch;
    sandbox.fetch = async (request) => {
      access = 'read';
      return whole(request);
    };

    const result = await remove((await hosted[kind]()) as Client, id);

    expect(errorOf(result)).toMatch(/This caller may not use delete_cluster/);
    expect(sent()).toEqual([]);
  });
});
