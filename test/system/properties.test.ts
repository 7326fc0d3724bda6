import { ProtocolError } from '@modelcontextprotocol/client';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  anyArguments,
  clusters,
  ids,
  mutations,
  oddValues,
  type Reply,
  replies,
  spelledCalls,
  toResponse,
  type ValidCall,
  validCalls,
} from '../helpers/arbitraries.ts';
import { connect, errorOf, TOKEN } from '../helpers/connect.ts';
import {
  aboutAsked,
  direct,
  example,
  examples,
  forTool,
  readable,
  replied,
  resourceExamples,
  type ToolExample,
} from '../helpers/examples.ts';
import { hurried } from '../helpers/fake-clock.ts';
import { order } from '../helpers/orders.ts';
import { outputChecks } from '../helpers/outputs.ts';
import { LOOK_UP } from '../helpers/some-cluster.ts';

/** For a property with hundreds of runs on a slow machine. */
const LONG = 60_000;
const RUNS = 200;

/** Arguments, and what they lead to where that is known. */
interface Made {
  args: unknown;
  request?: ValidCall['request'];
}

const isNoLookUp = ({ path }: { path: string }) => path !== LOOK_UP && path !== 'quota';

/** No order is sent with the address of one of the last ten minutes. */
function passTime() {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 660_000 });
}
afterEach(() => void vi.useRealTimers());

const toolRows = direct.map((example) => [example.tool, example] as const);

/** The contract bounds storageSize, this server does not: never refuse what the service may take. */
const beyondContract = ({ storageSize }: { storageSize?: unknown }) => Number(storageSize) > 2_097_152;

const passwordsIn = (value: unknown): string[] =>
  Object.entries(Object(value)).flatMap(([key, inside]) =>
    key === 'password' ? [String(inside)] : typeof inside === 'object' ? passwordsIn(inside) : [],
  );

/** A password that is also a name could not be kept secret, and is refused. */
function repeatsPassword(args: object): boolean {
  const text = JSON.stringify(args);
  return passwordsIn(args).some(
    (password) => password !== '' && text.split(JSON.stringify(password).slice(1, -1)).length > 2,
  );
}

describe.each(toolRows)('%s, given anything,', (tool, example) => {
  const valid = validCalls(example);
  const calls = fc.oneof(
    { weight: 6, arbitrary: valid.map((call): Made => call) },
    { weight: 3, arbitrary: mutations(valid.map(({ args }) => args)).map((args): Made => ({ args })) },
    { weight: 1, arbitrary: anyArguments.map((args): Made => ({ args })) },
  );

  test(
    'sends exactly the right request or names what is wrong and sends nothing',
    async () => {
      const { client, call, requests, sent, log } = await connect({
        fetch: forTool(example, async (request) => replied(await aboutAsked(example.reply, request))),
      });
      const check = await outputChecks(client);
      let made = 0;
      let accepted = 0;

      await fc.assert(
        fc.asyncProperty(calls, async ({ args, request }) => {
          // The protocol itself wants an object here.
          fc.pre(typeof args === 'object' && args !== null && !Array.isArray(args) && !beyondContract(args));
          fc.pre(!repeatsPassword(args));
          passTime();
          requests.length = 0;
          log.length = 0;
          made += 1;

          const result = await call(tool, { ...args });

          expect(log).toHaveLength(1);
          if (result.isError) {
            const text = errorOf(result);
            expect(request, text).toBeUndefined();
            expect(text).toMatch(/^Nothing was sent\. Correct this and call again:\n./);
            // A version can turn out to be none only after a look.
            expect((example.writes ? sent() : requests).filter(isNoLookUp)).toEqual([]);
            return;
          }
          accepted += 1;
          check(tool, result);
          // Without a cluster it reads all of them, or with sizes none.
          if (tool === 'estimate_cost' && !request) return;
          const own = requests.filter(({ method }) => method === example.method).filter(isNoLookUp);
          expect(own).toHaveLength(1);
          const [asked] = own;
          const { pathname, searchParams } = new URL(asked?.path ?? '', 'https://api.example/');
          if (request) {
            const query = Object.fromEntries(searchParams);
            expect({ method: asked?.method, path: pathname.slice(1), query, body: asked?.body }).toEqual(request);
          }
        }),
        { numRuns: RUNS },
      );

      expect(accepted).toBeGreaterThanOrEqual(made / 3);
    },
    LONG,
  );
});

test('arguments may be left out where none is needed', async () => {
  for (const { tool, args, reply } of examples) {
    const { client, requests } = await connect({ fetch: async () => replied(reply) });

    const result = await client.callTool({ name: tool });

    const needless = Object.keys(args).length === 0;
    expect(result.isError ?? false, tool).toBe(!needless);
    const sent = tool === 'get_account' ? requests : requests.filter(isNoLookUp);
    expect(sent, tool).toHaveLength(needless ? 1 : 0);
  }
});

describe('however a client spells the arguments,', () => {
  test.each(toolRows)(
    '%s asks the API for the same',
    async (tool, example) => {
      const { call, requests } = await connect({
        confirm: 'never',
        fetch: forTool(example, async (request) => replied(await aboutAsked(example.reply, request))),
      });
      const asked = async (args: Record<string, unknown>) => {
        passTime();
        requests.length = 0;
        const result = await call(tool, args);
        expect(result.isError, JSON.stringify(args) + JSON.stringify(result.content)).toBeFalsy();
        return requests.map(({ method, path, body }) => ({ method, path, body }));
      };

      await fc.assert(
        fc.asyncProperty(spelledCalls(example), async ({ plain, spelled }) => {
          fc.pre(!beyondContract(plain) && !repeatsPassword(plain));
          expect(await asked(spelled)).toEqual(await asked(plain));
        }),
        { numRuns: 60 },
      );
    },
    LONG,
  );
});

/** A client of an API that gives a reply to every request. */
async function answered(example?: ToolExample) {
  let reply: Reply;
  const answer = async () => toResponse(reply);
  const world = await connect({ fetch: example ? forTool(example, answer) : answer });
  return {
    ...world,
    answer: (given: Reply) => {
      reply = given;
    },
  };
}

/** Errors are for a model to read: some lines of words. */
function expectWords(text: string) {
  expect(text.length).toBeGreaterThan(20);
  expect(text.length).toBeLessThan(5_000);
  expect(text).not.toMatch(/\n\s+at |node_modules|undefined|\[object /);
}

describe('whatever the API answers,', () => {
  test.each(toolRows)(
    '%s gives a result of its schema or an error in words',
    async (tool, example) => {
      const { args, reply } = example;
      const { client, call, log, answer } = await answered(example);
      const check = await outputChecks(client);
      let understood = 0;
      let orders = 0;

      await fc.assert(
        fc.asyncProperty(replies(reply), async (given) => {
          answer(given);
          log.length = 0;

          orders += 1;
          const cidr = `10.9.${orders >> 8}.${orders & 255}/24`;
          const place = tool === 'create_cluster' && { connections: [{ ...order.connections[0], cidr }] };
          const result = await hurried(() => call(tool, { ...args, ...place }));

          expect(log).toHaveLength(1);
          if (result.isError) return expectWords(errorOf(result));
          check(tool, result);
          understood += 1;
        }),
        { numRuns: RUNS },
      );

      expect(understood).toBeGreaterThan(0);
      expect((await client.listTools()).tools).toHaveLength(examples.length);
    },
    LONG,
  );

  test.each(resourceExamples.map((example) => [example.resource, example] as const))(
    'the resource %s can be read or fails in words',
    async (_, { uri, tool }) => {
      const { client, answer } = await answered();

      await fc.assert(
        fc.asyncProperty(replies(example(tool).reply), async (given) => {
          answer(given);

          const read = await hurried(() => client.readResource({ uri }).catch((error: unknown) => error));

          if (read instanceof ProtocolError) return expectWords(read.message);
          expect(read).toMatchObject({ contents: [{ uri, text: expect.stringMatching(/^\{.*\}$/s) }] });
        }),
        { numRuns: RUNS },
      );
    },
    LONG,
  );

  test(
    'the resources can be listed and completed',
    async () => {
      const { client, answer } = await answered();
      const ref = { type: 'ref/resource' as const, uri: 'ionos-postgresql://clusters/{clusterId}' };

      await fc.assert(
        fc.asyncProperty(replies(example('list_clusters').reply), fc.string(), async (given, value) => {
          answer(given);

          const { resources } = await hurried(() => client.listResources());
          const { completion } = await hurried(() => client.complete({ ref, argument: { name: 'clusterId', value } }));

          expect(resources[0]).toMatchObject({ uri: 'ionos-postgresql://versions' });
          expect(completion.values.length).toBeLessThan(resources.length);
        }),
        { numRuns: RUNS },
      );
    },
    LONG,
  );
});

describe('no ID leaves its place in the path:', () => {
  const fragments = fc.constantFrom(
    ...[
      '.',
      '..',
      '/',
      '//',
      '\\',
      '%',
      '%2e',
      '%2E%2e',
      '%2F',
      '%5c',
      '%00',
      '?',
      '?x=1',
      '#',
      '#x',
      '@',
      ':',
      ';',
      ',',
      '&',
      '{',
      '}',
    ],
    ...[
      'versions',
      'postgresversions',
      'backups',
      'clusters',
      'users',
      '\u0000',
      '\n',
      '\t',
      ' ',
      'ä',
      '。',
      '／',
      '\ud800',
      'a',
      'Z',
      '0',
      '-',
    ],
  );
  const strange = fc.oneof(
    fc.array(fragments, { maxLength: 8 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary' }),
    ids,
    // Other parts of the API have paths of this form too.
    fc.constantFrom('backups', 'postgresversions'),
  );

  test(
    'as a value in the URI of a resource',
    async () => {
      const { client, requests } = await connect({ fetch: async () => Response.json({ id: 'x', data: [] }) });

      await fc.assert(
        fc.asyncProperty(strange, fc.constantFrom('', '/versions'), async (value, rest) => {
          requests.length = 0;

          await client.readResource({ uri: `ionos-postgresql://clusters/${value}${rest}` }).catch(() => {});

          for (const { method, path } of requests) {
            expect(method).toBe('GET');
            expect(path).toMatch(
              /^clusters\/(?!(backups|postgresversions)\b(?!-))[A-Za-z0-9-]{1,128}(\/(versions|(backups|(users|databases)(\/[^/?#]+)?)(\?limit=100&offset=0)?))?$/,
            );
          }
        }),
        { numRuns: 5 * RUNS },
      );
    },
    LONG,
  );

  test.each(toolRows.filter(([, { args }]) => 'clusterId' in args))(
    'as an argument of %s',
    async (tool, example) => {
      const { args, method, path, reply, writes } = example;
      const { call, requests } = await connect({
        fetch: forTool(example, async (request) => replied(await aboutAsked(reply, request))),
      });

      await fc.assert(
        fc.asyncProperty(strange, async (clusterId) => {
          requests.length = 0;

          await call(tool, { ...args, clusterId });

          const id = clusterId.trim();
          const segment = /^(?!(backups|postgresversions)$)[A-Za-z0-9-]{1,128}$/.test(id);
          const own = `${method} ${path.replace(String(args.clusterId), id)}`;
          const made = requests.filter(isNoLookUp).map(({ method, path }) => `${method} ${path}`);
          expect(made.filter((request) => !writes || !request.startsWith('GET'))).toEqual(segment ? [own] : []);
          // What a write looks at first lies in the same cluster, but for a backup and those beside it.
          const place = new RegExp(
            `^GET clusters/(backups/[^/?]+$|${args.clusterId}/backups\\?limit=1000$|${segment ? id : '$'}(/|$))`,
          );
          for (const look of made.filter((request) => request !== own)) expect(look).toMatch(place);
        }),
        { numRuns: RUNS },
      );
    },
    LONG,
  );
});

describe('no name of a user or a database leaves its place in the path:', () => {
  const strange = fc.oneof(
    fc.constantFrom(
      '.',
      '..',
      '...',
      '%2e%2e',
      'a/b',
      '../..',
      'a?b',
      'a#b',
      'a%2Fb',
      '\\',
      ' ',
      "'",
      '\u0000',
      '\ud800',
      'ä',
    ),
    fc.string({ unit: 'binary' }),
  );

  test.each([
    ['get_user', 'username', 'users'],
    ['delete_user', 'username', 'users'],
    ['get_database', 'name', 'databases'],
    ['delete_database', 'name', 'databases'],
  ])('as an argument of %s', async (tool, argument, kind) => {
    const { args, reply } = example(tool);
    const { call, requests } = await connect({
      fetch: forTool(example(tool), async (request) => replied(await aboutAsked(reply, request))),
    });

    await fc.assert(
      fc.asyncProperty(strange, async (name) => {
        requests.length = 0;

        const result = await call(tool, { ...args, [argument]: name });

        const inside = `clusters/${args.clusterId}`;
        const own = requests.filter(({ path }) => path.startsWith(`${inside}/${kind}/`));
        for (const { path } of own) expect(path).toBe(`${inside}/${kind}/${encodeURIComponent(name)}`);
        const isName = name.length >= 1 && name.length <= 63 && !/^\.\.?$|\p{Cs}|\p{Cc}|[/\\%]/u.test(name);
        expect(own.length > 0).toBe(isName);
        if (!isName) expect(errorOf(result)).toMatch(/^Nothing was sent/);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('no secret gets out,', () => {
  /** Every planted password begins with it, so that even a part of one is noticed. */
  const MARK = 'Zq7!Xk9$';
  const passwords = fc.string({ unit: 'grapheme-ascii', minLength: 4, maxLength: 40 }).map((rest) => MARK + rest);
  const forms: ((secret: string) => string)[] = [
    (secret) => secret,
    (secret) => JSON.stringify(secret).slice(1, -1),
    encodeURIComponent,
    (secret) => Buffer.from(secret).toString('base64'),
    (secret) => Buffer.from(secret).toString('base64').replace(/=+$/, ''),
    (secret) => Buffer.from(secret).toString('base64url'),
  ];

  function expectNone(outgoing: unknown, ...secrets: string[]) {
    const text = JSON.stringify(outgoing);
    for (const secret of secrets) {
      // Eight characters are six bytes, of which base64 makes eight characters whatever follows.
      const start = secret.slice(0, 8);
      for (const form of forms) expect(text).not.toContain(form(start).slice(0, 8));
    }
  }

  const padding = fc.oneof(fc.nat(40), fc.integer({ min: 1_920, max: 2_000 })).map((length) => '. '.repeat(length / 2));

  test(
    'however the API words a refusal of an order',
    async () => {
      let reply = new Response();
      let orders = 0;
      const { call, log } = await connect({ fetch: readable(async () => reply) });
      const placed = fc.constantFrom<((words: string) => unknown)[]>(
        (message) => ({ messages: [{ errorCode: 'e-1', message }] }),
        (errorCode) => ({ messages: [{ errorCode, message: 'words' }] }),
        (title) => ({ title, detail: 'words' }),
        (detail) => ({ title: 'words', detail }),
        (message) => ({ message }),
        (message) => message,
        (message) => [message],
      );
      const statuses = fc.constantFrom(400, 401, 403, 422, 500, 503);

      await fc.assert(
        fc.asyncProperty(
          fc.record({
            password: passwords,
            before: padding,
            form: fc.constantFrom(...forms),
            place: placed,
            status: statuses,
          }),
          async ({ password, before, form, place, status }) => {
            const words = `${before}${form(password)} and ${form(TOKEN)}`;
            reply = Response.json(place(words), { status });
            log.length = 0;

            orders += 1;
            const cidr = `10.9.${orders >> 8}.${orders & 255}/24`;
            const connections = [{ ...order.connections[0], cidr }];
            const args = { ...order, connections, credentials: { username: 'app', password }, allowDuplicate: true };
            const result = await hurried(() => call('create_cluster', args));

            errorOf(result);
            expectNone([result, log], password, TOKEN);
          },
        ),
        { numRuns: 2 * RUNS },
      );
    },
    LONG,
  );

  test(
    'whatever is wrong with the rest of an order',
    async () => {
      const { call, log, requests } = await connect();
      const places = ['displayName', 'location', 'storageType', 'ram', 'connections', 'colour', 'synchronizationMode'];
      const wrap = fc.constantFrom<((words: unknown) => unknown)[]>(
        (words) => words,
        (words) => [words],
        (words) => ({ [String(words)]: 1 }),
        (words) => ({ cidr: words }),
      );

      await fc.assert(
        fc.asyncProperty(
          fc.record({
            password: passwords,
            before: fc.oneof(
              fc.constant(''),
              fc.integer({ min: 50, max: 90 }).map((length) => '.'.repeat(length)),
            ),
            place: fc.constantFrom(...places),
            wrap,
            other: oddValues,
          }),
          async ({ password, before, place, wrap, other }) => {
            log.length = 0;
            const given = { ...order, credentials: { username: 'app', password }, instances: -1, cores: other };

            const result = await call('create_cluster', { ...given, [place]: wrap(`${before}${password} ${TOKEN}`) });

            errorOf(result);
            expect(requests).toEqual([]);
            expectNone([result, log], password, TOKEN);
          },
        ),
        { numRuns: RUNS },
      );
    },
    LONG,
  );
});

describe('list_clusters', () => {
  /** An API with its own idea of page sizes and links. */
  const apis = fc.record({
    most: fc.constantFrom(1000, 30),
    linked: fc.constantFrom('links', '_links', 'always', 'none'),
  });

  test(
    'keeps every answer within its budget, and its pages show each cluster once',
    async () => {
      let all: { id: string }[] = [];
      let api = { most: 1000, linked: 'links' };
      const { client, call } = await connect({
        async fetch({ url }) {
          const { searchParams } = new URL(url);
          const offset = Number(searchParams.get('offset'));
          const limit = Math.min(Number(searchParams.get('limit')), api.most);
          const next = offset + limit < all.length || api.linked === 'always' ? 'https://api.example/next' : undefined;
          return Response.json({
            items: all.slice(offset, offset + limit),
            limit,
            ...(api.linked === 'links' || api.linked === 'always' ? { links: { next } } : {}),
            ...(api.linked === '_links' ? { _links: { next } } : {}),
          });
        },
      });
      const check = await outputChecks(client);
      const asked = fc.record(
        { limit: fc.constantFrom(7, 100, 1000), detail: fc.constantFrom('summary', 'full') },
        { requiredKeys: [], noNullPrototype: true },
      );

      await fc.assert(
        fc.asyncProperty(clusters(300), apis, asked, async (rows, behaviour, args) => {
          all = rows;
          api = behaviour;
          const seen: string[] = [];

          for (let offset: number | undefined = 0; offset !== undefined; ) {
            const result = await call('list_clusters', { ...args, offset });
            check('list_clusters', result);
            expect(Buffer.byteLength(JSON.stringify(result.structuredContent))).toBeLessThan(60_000);
            const page: { clusters?: { id: string }[]; nextOffset?: number } = Object(result.structuredContent);
            seen.push(...(page.clusters ?? []).map(({ id }) => id));
            expect(seen.length).toBeLessThanOrEqual(rows.length);
            expect(page.nextOffset ?? Number.POSITIVE_INFINITY).toBeGreaterThan(offset);
            offset = page.nextOffset;
          }

          expect(seen).toEqual(rows.map(({ id }) => id));
        }),
        // Nobody needs the smallest of such lists, and finding it takes minutes.
        { numRuns: 40, endOnFailure: true },
      );
    },
    LONG,
  );
});
