import { ProtocolError } from '@modelcontextprotocol/client';
import { describe, expect, test, vi } from 'vitest';
import type { Fetch } from '../../src/api/client.ts';
import { UnreachedError } from '../../src/api/connection-errors.ts';
import { connect, errorOf, TOKEN } from '../helpers/connect.ts';
import {
  cluster,
  clusterId,
  direct,
  example,
  forTool,
  resourceExamples,
  type ToolExample,
} from '../helpers/examples.ts';
import { hurried } from '../helpers/fake-clock.ts';
import { order } from '../helpers/orders.ts';

type Method = ToolExample['method'];

/** Rows for `each`, whose first value goes into the title. */
const named = <T>(rows: readonly T[], nameOf: (row: T) => string) => rows.map((row) => [nameOf(row), row] as const);

const ERAS = ['2025', '2026'] as const;
/** For a condition that comes true at once, on a machine that is busy. */
const SOON = { timeout: 10_000 };
const WORDS = 'the quota is used up';

/** For error bodies as the API documents them. */
const refusal = (status: number, headers?: Record<string, string>, message = WORDS): Fetch => {
  return async () =>
    Response.json({ httpStatus: status, messages: [{ errorCode: 'e-17', message }] }, { status, headers });
};
const brokenConnection = (code = 'ECONNRESET') =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(`read ${code}`), { code }) });
const dropped: Fetch = async () => Promise.reject(brokenConnection());
const unreachable: Fetch = async () => Promise.reject(new UnreachedError(brokenConnection('ECONNREFUSED')));
const html = (status: number): Fetch => {
  const headers = { 'content-type': 'text/html' };
  return async () => new Response('<html><h1>Welcome to the gateway</h1></html>', { status, headers });
};
const silent: Fetch = (_, { signal }) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
const brokenOff: Fetch = async () =>
  new Response(
    new ReadableStream({
      start: (body) => body.enqueue(new TextEncoder().encode('{"id":')),
      pull: (body) => body.error(brokenConnection()),
    }),
  );

const once: Record<Method, number> = { GET: 1, POST: 1, PATCH: 1, DELETE: 1 };
const readsAgain = { ...once, GET: 3 };
const allButPostAgain = { GET: 3, POST: 1, PATCH: 3, DELETE: 3 };

interface Failure {
  when: string;
  fetch: Fetch;
  attempts: Record<Method, number>;
  /** The first words of the text. */
  says: RegExp;
  /** What to do next; a write whose effect is unknown says how to look instead. */
  hint: RegExp;
  /** Whether a write may have been carried out. */
  effect: 'none' | 'unknown';
}

const answered = (status: number) => new RegExp(`^The API answered ${status}: \\[e-17\\] ${WORDS}\n`);

const failures: Failure[] = [
  {
    when: 'refuses the credentials',
    fetch: refusal(401),
    attempts: once,
    says: answered(401),
    hint: /retrying will not help\. The person has to check them: IONOS_TOKEN, IONOS_TOKEN_FILE/,
    effect: 'none',
  },
  {
    when: 'denies the right',
    fetch: refusal(403),
    attempts: once,
    says: answered(403),
    hint: /retrying will not help\. The person has to grant it/,
    effect: 'none',
  },
  {
    when: 'finds nothing',
    fetch: refusal(404),
    attempts: once,
    says: answered(404),
    hint: /list_clusters|There is no (cluster|user|database|backup) |The list of \w+ has /,
    effect: 'none',
  },
  {
    when: 'finds a value wrong',
    fetch: refusal(422),
    attempts: once,
    says: answered(422),
    hint: /Nothing was changed\. If the cluster is BUSY, call wait_for_cluster; otherwise correct the arguments\. Then call again\./,
    effect: 'none',
  },
  {
    when: 'is asked too often, and names a short wait',
    fetch: refusal(429, { 'retry-after': '7' }),
    attempts: allButPostAgain,
    says: answered(429),
    hint: /Too many requests\. Wait 7 seconds, then call again\./,
    effect: 'none',
  },
  {
    when: 'is asked too often, and names a wait longer than a call lasts',
    fetch: refusal(429, { 'retry-after': '60' }),
    attempts: once,
    says: answered(429),
    hint: /Wait 60 seconds, then call again\./,
    effect: 'none',
  },
  {
    when: 'is asked too often, and names no wait',
    fetch: refusal(429),
    attempts: allButPostAgain,
    says: answered(429),
    hint: /Wait a minute, then call again\./,
    effect: 'none',
  },
  {
    when: 'has a fault',
    fetch: refusal(500),
    attempts: readsAgain,
    says: answered(500),
    hint: /Wait a minute, then call again\./,
    effect: 'unknown',
  },
  {
    when: 'is in maintenance',
    fetch: refusal(503),
    attempts: readsAgain,
    says: answered(503),
    hint: /down or in maintenance\. Wait a minute, then call again\./,
    effect: 'unknown',
  },
  {
    when: 'drops the connection',
    fetch: dropped,
    attempts: readsAgain,
    says: /the connection failed \(ECONNRESET\)/,
    hint: /Nothing was changed; call again\./,
    effect: 'unknown',
  },
  {
    when: 'breaks off half-way through its answer',
    fetch: brokenOff,
    attempts: readsAgain,
    says: /the connection failed \(ECONNRESET\)/,
    hint: /Nothing was changed; call again\./,
    effect: 'unknown',
  },
  {
    when: 'cannot be reached',
    fetch: unreachable,
    attempts: readsAgain,
    says: /^Nothing was sent: the API could not be reached \(ECONNREFUSED\)/,
    hint: /check the network, the proxy \(HTTPS_PROXY\) and IONOS_API_URL/,
    effect: 'none',
  },
  {
    when: 'never answers',
    fetch: silent,
    attempts: readsAgain,
    says: /it took longer than 45 seconds|no answer within 20 s/,
    hint: /Nothing was changed; call again\./,
    effect: 'unknown',
  },
  {
    when: 'is hidden by the page of a gateway',
    fetch: html(502),
    attempts: readsAgain,
    says: /^The API answered 502: an HTML page, so from a gateway/,
    hint: /Wait a minute, then call again\./,
    effect: 'unknown',
  },
  {
    when: 'is hidden by a page that claims success',
    fetch: html(200),
    attempts: once,
    says: /the answer is an HTML page instead of JSON/,
    hint: /Nothing was changed; call again\./,
    effect: 'unknown',
  },
];

const HOW_TO_LOOK: Record<Method, RegExp> = {
  GET: /$/,
  POST: /may (exist|have been created|have begun) anyway: (before restoring again, )?check (list_clusters|get_user|get_database|get_cluster)/,
  PATCH: /may have taken effect: check with get_(cluster|user)/,
  DELETE: /may have taken effect: check with get_cluster/,
};

const formsOf = (secret: string) => [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')];
const TOKENS = formsOf(TOKEN);
const PASSWORDS = formsOf(order.credentials.password);

/** Holds for whatever leaves the process. */
function expectNoSecrets(...outgoing: unknown[]) {
  const text = JSON.stringify(outgoing);
  for (const secret of [...TOKENS, ...PASSWORDS]) expect(text).not.toContain(secret);
  expect(text).not.toMatch(/\\n\s+at |node_modules|\.ts:\d|file:\/\//);
}

async function protocolErrorOf(answer: Promise<unknown>): Promise<ProtocolError> {
  const error = await answer.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ProtocolError)) throw new Error('No protocol error', { cause: error });
  return error;
}

describe.each(ERAS)('for a client of %s,', (era) => {
  describe.each(named(direct, ({ tool }) => tool))('%s', (tool, example) => {
    const { args, method, writes, fallback } = example;
    /** What was sent in order to do the tool's own work. */
    const own = <T extends { method: string; path: string }>(requests: T[]) =>
      requests.filter((request) => request.method === method && !request.path.endsWith('limit=1000'));
    test.each(named(failures, ({ when }) => when))(
      'says what failed and what to do when the API %s',
      async (when, failure) => {
        const { call, requests, log } = await connect({ era, fetch: forTool(example, failure.fetch) });

        const result = await hurried(() => call(tool, args));

        const text = errorOf(result);
        const unknown = writes && failure.effect === 'unknown';
        expect(text).toMatch(failure.says);
        expect(text).toMatch(unknown ? HOW_TO_LOOK[method] : failure.hint);
        if (!unknown) expect(text).not.toMatch(/may exist|may have /);
        expect(text.split('\n').length).toBeLessThanOrEqual(4);

        const routes = when === 'finds nothing' && fallback ? 2 : 1;
        expect(own(requests)).toHaveLength(failure.attempts[method] * routes);
        expect(log).toEqual([
          expect.objectContaining({ msg: 'call', tool, outcome: 'failed', attempts: requests.length }),
        ]);
        expect(log[0]?.audit).toBe(writes ? true : undefined);
        expectNoSecrets(result, log);
      },
    );

    test('ends in time when the API never answers, and leaves no request behind', async () => {
      const { call, requests, log } = await connect({ era, fetch: forTool(example, silent) });

      await hurried(() => call(tool, args));

      const [line] = log;
      expect(line?.ms).toBeGreaterThan(19_900);
      // After a lost order the API is asked twice, two seconds apart, what became of it.
      expect(line?.ms).toBeLessThan(method === 'POST' ? 22_400 : writes ? 20_200 : 45_200);
      expect(own(requests).map(({ signal }) => signal.aborted)).toEqual(own(requests).map(() => true));
    });

    test('stops its request when the client cancels the call', async () => {
      const { call, requests, log } = await connect({ era, fetch: forTool(example, silent) });
      const controller = new AbortController();

      const answer = call(tool, args, { signal: controller.signal });
      answer.catch(() => {});
      await expect.poll(() => own(requests).length, SOON).toBe(1);
      expect(own(requests)[0]?.signal.aborted).toBe(false);
      controller.abort();

      await expect(answer).rejects.toThrow();
      await expect.poll(() => log.length, SOON).toBe(1);
      expect(own(requests).map(({ signal }) => signal.aborted)).toEqual([true]);
      expect(log).toEqual([expect.objectContaining({ tool, outcome: 'cancelled', attempts: requests.length })]);
      expect(log[0]?.audit).toBe(writes ? true : undefined);
    });

    test('never repeats a secret that the API repeats', async () => {
      const secrets = JSON.stringify(args).includes('password') ? [...TOKENS, ...PASSWORDS] : TOKENS;
      const bodies = [
        { messages: secrets.map((secret) => ({ errorCode: secret, message: `not with ${secret} in it` })) },
        { messages: [{ message: JSON.stringify({ authorization: `Bearer ${TOKEN}`, properties: args }) }] },
        { title: `Bad ${secrets.join(' and ')}`, detail: `${secrets.join()} is wrong` },
        { message: secrets.join('') },
      ];
      for (const status of [400, 401, 422, 429, 500]) {
        for (const body of bodies) {
          const { call, log } = await connect({
            era,
            fetch: forTool(example, async () => Response.json(body, { status })),
          });

          const result = await hurried(() => call(tool, args));

          expect(errorOf(result)).toContain('[redacted]');
          expectNoSecrets(result, log);
        }
      }
    });

    test('never repeats a secret of a connection that fails with it', async () => {
      const secrets = JSON.stringify(args).includes('password') ? [...TOKENS, ...PASSWORDS] : TOKENS;
      const cause = new Error(`invalid header: ${secrets.join(' ')}`);
      const { call, log } = await connect({
        era,
        fetch: forTool(example, () => Promise.reject(new TypeError('failed', { cause }))),
      });

      const result = await hurried(() => call(tool, args));

      expect(errorOf(result)).toContain('invalid header: [redacted]');
      expectNoSecrets(result, log);
    });
  });

  const writers = direct.filter(({ writes }) => writes);

  test.each(named(writers, ({ tool }) => tool))(
    '%s sends nothing when it cannot see first what it would do',
    async (_, { tool, args }) => {
      for (const { fetch, when } of failures) {
        const { call, sent, log } = await connect({ era, fetch });

        const text = errorOf(await hurried(() => call(tool, args)));

        expect(text, when).not.toMatch(/may exist|may have |was sent, but/);
        expect(sent(), when).toEqual([]);
        expect(log, when).toMatchObject([{ tool, outcome: 'failed', audit: true }]);
      }
    },
  );

  describe.each(named(resourceExamples, ({ resource }) => resource))(
    'the resource %s',
    (resource, { uri, tool, template }) => {
      test.each(named(failures, ({ when }) => when))(
        'fails in the words of its tool when the API %s',
        async (when, { fetch }) => {
          const { call, client, requests, log } = await connect({ era, fetch });

          const text = errorOf(await hurried(() => call(tool, example(tool).args)));
          const attempts = requests.length;
          const error = await hurried(() => protocolErrorOf(client.readResource({ uri })));

          expect(error.message).toBe(text);
          expect(requests).toHaveLength(2 * attempts);
          expect(log.slice(1)).toEqual([
            expect.objectContaining({ msg: 'call', resource, outcome: 'failed', attempts }),
          ]);
          expectNoSecrets(error.message, error.data, log);

          const unknownCluster = when === 'finds nothing' && template.includes('{clusterId}');
          if (unknownCluster) expect(error).toMatchObject({ code: -32602, data: { uri } });
          else if (when !== 'finds nothing') expect(error.code).toBe(-32603);
        },
      );

      test('stops its request when the client cancels the reading', async () => {
        const { client, requests, log } = await connect({ era, fetch: silent });
        const controller = new AbortController();

        const answer = client.readResource({ uri }, { signal: controller.signal });
        answer.catch(() => {});
        await expect.poll(() => requests.length, SOON).toBe(1);
        controller.abort();

        await expect(answer).rejects.toThrow();
        await expect.poll(() => requests[0]?.signal.aborted, SOON).toBe(true);
        await expect
          .poll(() => log)
          .toEqual([expect.objectContaining({ resource, outcome: 'cancelled', attempts: 1 })]);
      });
    },
  );
});

describe('what to do next', () => {
  const oneOfEachMethod = ['get_cluster', 'create_cluster', 'update_cluster', 'delete_cluster'].map(example);

  test.each(named(oneOfEachMethod, ({ method }) => method))('is said for every status of a %s', async (_, example) => {
    const { tool, args } = example;
    let status = 0;
    const { call } = await connect({ fetch: forTool(example, async () => new Response(null, { status })) });
    const bare: number[] = [];

    for (status = 300; status < 600; status += 1) {
      // No order is sent with the address of one that may have been carried out.
      const connections = [{ ...order.connections[0], cidr: `192.168.${status % 7}.${(status % 200) + 1}/24` }];
      const given = tool === 'create_cluster' ? { ...args, connections } : args;
      const [words, hint = ''] = errorOf(await hurried(() => call(tool, given))).split('\n');
      expect(words).toBe(`The API answered ${status}, without a reason`);
      if (hint.length < 10) bare.push(status);
    }

    expect(bare).toEqual([]);
  });

  const withoutId = direct.filter(({ args }) => !('clusterId' in args));

  test.each(named(withoutId, ({ tool }) => tool))(
    'is to check the address where %s, which takes no ID, finds nothing',
    async (tool, { args }) => {
      const { call } = await connect({ fetch: refusal(404) });

      expect(errorOf(await call(tool, args))).toContain('IONOS_API_URL');
    },
  );
});

test('a refusal keeps the words of the API whatever its reason phrase', async () => {
  const { call, requests } = await connect({
    async fetch(request, init) {
      const response = await refusal(422)(request, init);
      // Node's fetch gives such a phrase for a server that sends UTF-8; the constructor of Response refuses it.
      return Object.defineProperty(response, 'statusText', { value: 'Eingabe geprüft … falsch' });
    },
  });

  expect(errorOf(await hurried(() => call('get_cluster', { clusterId })))).toMatch(answered(422));
  expect(requests).toHaveLength(1);
});

test('a code that is no text does not cost the words beside it', async () => {
  for (const errorCode of [{}, { toString: 1 }, [], true, 17, null]) {
    const body = { messages: [{ errorCode, message: WORDS }] };
    const { call } = await connect({ fetch: async () => Response.json(body, { status: 422 }) });

    expect(errorOf(await call('get_cluster', { clusterId }))).toMatch(
      /^The API answered 422: (\[17\] )?the quota is used up\n/,
    );
  }
});

describe('a call as a whole', () => {
  test('ends after 45 seconds, in its third attempt, though each attempt may take 20', async () => {
    const { call, requests, log } = await connect({ fetch: silent });

    const text = errorOf(await hurried(() => call('list_clusters')));

    expect(text).toMatch(/it took longer than 45 seconds/);
    expect(requests).toHaveLength(3);
    expect(log).toMatchObject([{ attempts: 3 }]);
    expect(log[0]?.ms).toBeGreaterThanOrEqual(45_000);
    expect(log[0]?.ms).toBeLessThan(45_200);
  });

  test('begins no pause that would outlast it', async () => {
    const slow: Fetch = async (request, init) => {
      await new Promise((resolve) => setTimeout(resolve, 13_000));
      return refusal(503, { 'retry-after': '10' })(request, init);
    };
    const { call, requests, log } = await connect({ fetch: slow });

    const text = errorOf(await hurried(() => call('list_clusters')));

    expect(text).toContain('Wait 10 seconds, then call again.');
    expect(requests).toHaveLength(2);
    expect(log[0]?.ms).toBeLessThan(36_200);
  });

  test('sends nothing more once it is cancelled in the pause between two attempts', async () => {
    const { call, requests, log } = await connect({ fetch: refusal(429, { 'retry-after': '20' }) });
    const controller = new AbortController();

    await hurried(async () => {
      const answer = call('get_cluster', { clusterId }, { signal: controller.signal });
      answer.catch(() => {});
      await vi.advanceTimersByTimeAsync(1_000);
      controller.abort();
      await expect(answer).rejects.toThrow();
      await vi.advanceTimersByTimeAsync(60_000);
    });

    expect(requests).toHaveLength(1);
    expect(log).toMatchObject([{ outcome: 'cancelled', attempts: 1 }]);
  });
});

describe.each(ERAS)('60 calls at once, for a client of %s,', (era) => {
  /** What happens to the cluster of each number. */
  const fates: Record<string, Fetch> = {
    fine: async (request) => Response.json({ ...cluster, id: idIn(request) }),
    refused: (request, init) => refusal(422, {}, `about ${idIn(request)}`)(request, init),
    overrun: (request, init) => refusal(429, { 'retry-after': '3' }, `about ${idIn(request)}`)(request, init),
    dropped,
    silent,
    hidden: html(502),
  };
  const names = Object.keys(fates);
  const idOf = (n: number) => `${String(n).padStart(8, '0')}-0000-4000-8000-000000000000`;
  const idIn = ({ url }: Request) => new URL(url).pathname.split('/')[4] ?? '';
  const fateOf = (id: string) => names[Number(id.slice(0, 8)) % names.length] ?? '';

  test('fail each for itself', async () => {
    const ids = Array.from({ length: 60 }, (_, n) => idOf(n));
    const { call, requests, log } = await connect({
      era,
      async fetch(request, init) {
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 2_000));
        const fate = fates[fateOf(idIn(request))] ?? refusal(418);
        return fate(request, init);
      },
    });

    const results = await hurried(() => Promise.all(ids.map((id) => call('get_cluster', { clusterId: id }))));

    for (const [n, result] of results.entries()) {
      const id = ids[n] ?? '';
      const expected: Record<string, () => void> = {
        fine: () => expect(result.structuredContent).toMatchObject({ id }),
        refused: () => expect(errorOf(result)).toMatch(`[e-17] about ${id}\n`),
        overrun: () => expect(errorOf(result)).toMatch(`[e-17] about ${id}\n`),
        dropped: () => expect(errorOf(result)).toMatch(/ECONNRESET/),
        silent: () => expect(errorOf(result)).toMatch(/45 seconds/),
        hidden: () => expect(errorOf(result)).toMatch(/an HTML page/),
      };
      expected[fateOf(id)]?.();
    }
    expect.assertions(60 + 3);
    expect(log).toHaveLength(60);
    const counted = Object.fromEntries(log.map(({ target, attempts }) => [target, attempts]));
    expect(counted).toEqual(
      Object.fromEntries(ids.map((id) => [id, requests.filter(({ path }) => path === `clusters/${id}`).length])),
    );
    expect(new Set(ids.filter((id) => /fine|refused/.test(fateOf(id))).map((id) => counted[id]))).toEqual(new Set([1]));
  });

  test('go on when one of them is cancelled', async () => {
    const answers: (() => void)[] = [];
    const { call, requests } = await connect({
      era,
      fetch: (request, { signal }) =>
        new Promise((resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
          answers.push(() => resolve(Response.json({ ...cluster, id: idIn(request) })));
        }),
    });
    const controller = new AbortController();
    const others = Array.from({ length: 59 }, (_, n) => call('get_cluster', { clusterId: idOf(n) }));
    const cancelled = call('get_cluster', { clusterId: idOf(59) }, { signal: controller.signal });
    cancelled.catch(() => {});
    await expect.poll(() => requests.length, SOON).toBe(60);

    controller.abort();
    await expect(cancelled).rejects.toThrow();
    await expect.poll(() => requests[59]?.signal.aborted, SOON).toBe(true);
    for (const answer of answers) answer();

    const ids = (await Promise.all(others)).map(({ structuredContent }) => structuredContent);
    expect(ids).toMatchObject(Array.from({ length: 59 }, (_, n) => ({ id: idOf(n) })));
    expect(requests.filter(({ signal }) => signal.aborted)).toMatchObject([{ path: `clusters/${idOf(59)}` }]);
  });
});
