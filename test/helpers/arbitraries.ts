import fc from 'fast-check';
import { tools } from '../../src/tools/index.ts';
import type { Tool } from '../../src/tools/tool.ts';
import { cluster, type ToolExample } from './examples.ts';

/** What is given to a tool, and what of it is sent to the API. */
interface Pair {
  given: unknown;
  sent: unknown;
}

interface ObjectPair {
  given: Record<string, unknown>;
  sent: Record<string, unknown>;
}

type Pairs = Record<string, fc.Arbitrary<Pair>>;

const asIs = (values: fc.Arbitrary<unknown>) => values.map((value): Pair => ({ given: value, sent: value }));

const orAsText = (values: fc.Arbitrary<number | boolean>) =>
  fc
    .tuple(values, fc.boolean())
    .map(([value, asText]): Pair => ({ given: asText ? String(value) : value, sent: value }));

const digits = (values: fc.Arbitrary<number>) =>
  fc
    .tuple(values, fc.boolean())
    .map(([value, asText]): Pair => ({ given: asText ? String(value) : value, sent: String(value) }));

/** An object of pairs as a pair of objects; the optional ones may be left out. */
function object(required: Pairs, optional: Pairs = {}): fc.Arbitrary<ObjectPair> {
  const requiredKeys = Object.keys(required);
  return fc.record({ ...required, ...optional }, { requiredKeys, noNullPrototype: true }).map((pairs) => {
    const entries = Object.entries(pairs);
    return {
      given: Object.fromEntries(entries.map(([key, { given }]) => [key, given])),
      sent: Object.fromEntries(entries.map(([key, { sent }]) => [key, sent])),
    };
  });
}

const listOf = (item: fc.Arbitrary<Pair>, bounds: { minLength: number; maxLength: number }): fc.Arbitrary<Pair> =>
  fc.array(item, bounds).map((pairs) => ({
    given: pairs.map(({ given }) => given),
    sent: pairs.map(({ sent }) => sent),
  }));

const text = fc.string({ minLength: 1, unit: 'grapheme' });
export const ids = fc.stringMatching(/^[A-Za-z0-9-]{1,128}$/);

const cidrs = fc
  .tuple(fc.constantFrom('10.0.0.', '172.16.3.', '192.168.1.', '10.233.128.', '10.232.255.'), fc.nat(255), fc.nat(32))
  .map(([network, host, prefix]) => `${network}${host}/${prefix}`);

const two = (value: number) => String(value).padStart(2, '0');
const times = fc
  .tuple(fc.nat(23), fc.nat(59), fc.nat(59), fc.constantFrom('', 'Z'), fc.boolean())
  .map(([hours, minutes, seconds, zone, short]): Pair => {
    const minute = `${two(hours)}:${two(minutes)}`;
    const whole = `${minute}:${two(seconds)}`;
    return short ? { given: minute + zone, sent: `${minute}:00` } : { given: whole + zone, sent: whole };
  });

const changeable: Pairs = {
  displayName: asIs(text),
  postgresVersion: digits(fc.integer({ min: 10, max: 30 })),
  instances: orAsText(fc.integer({ min: 1, max: 5 })),
  cores: orAsText(fc.integer({ min: 1, max: 10_000 })),
  ram: orAsText(fc.integer({ min: 2, max: 4_096 }).map((gigabytes) => gigabytes * 1024)),
  storageSize: orAsText(fc.integer({ min: 2048, max: 2_097_152 })),
  synchronizationMode: asIs(fc.constantFrom('ASYNCHRONOUS', 'STRICTLY_SYNCHRONOUS')),
};

const optional: Pairs = {
  maintenanceWindow: object({ time: times, dayOfTheWeek: asIs(fc.constantFrom('Sunday', 'Monday', 'Saturday')) }),
  connectionPooler: object(
    { enabled: orAsText(fc.boolean()) },
    { poolMode: asIs(fc.constantFrom('transaction', 'session')) },
  ),
};

const connection = object({ datacenterId: asIs(fc.uuid()), lanId: digits(fc.nat(100)), cidr: asIs(cidrs) });

const pastTimes = fc
  .date({ min: new Date('2020-01-02'), max: new Date(), noInvalidDate: true })
  .map((date) => date.toISOString());

const orders = object(
  {
    ...changeable,
    location: asIs(fc.oneof(fc.constantFrom('de/fra', 'de/fra/2', 'us/las'), text)),
    storageType: asIs(fc.constantFrom('HDD', 'SSD', 'SSD Standard', 'SSD Premium')),
    connections: listOf(connection, { minLength: 1, maxLength: 1 }),
    credentials: object({
      username: asIs(text.filter((name) => !['postgres', 'admin', 'standby'].includes(name))),
      password: asIs(fc.string({ minLength: 10, unit: 'grapheme' })),
    }),
  },
  {
    ...optional,
    backupLocation: asIs(text),
    fromBackup: object(
      { backupId: asIs(ids) },
      {
        recoveryTargetTime: asIs(pastTimes),
      },
    ),
  },
);

const changes = object(
  {},
  { ...changeable, ...optional, connections: listOf(connection, { minLength: 0, maxLength: 1 }) },
);

const isReplicable = ({ sent: { synchronizationMode, instances = 5 } }: ObjectPair) =>
  synchronizationMode !== 'STRICTLY_SYNCHRONOUS' || Number(instances) >= 3;

const paging: Pairs = { limit: orAsText(fc.integer({ min: 1, max: 1000 })), offset: orAsText(fc.nat()) };
const pages = object(
  {},
  {
    ...paging,
    name: asIs(text),
    detail: asIs(fc.constantFrom('summary', 'full')),
  },
);

const isFilled = ({ sent: { fromBackup, ram } }: ObjectPair) => fromBackup === undefined || Number(ram) >= 4096;

/** What a gateway could make of a name; some single characters are two dots to it. */
const couldMove = (name: string) => /[/\\%]|\p{Cc}|^\s*\.{1,2}\s*(;|$)/u.test(name.normalize('NFKC'));
const names = text.filter(
  (name) => name.length <= 63 && !couldMove(name) && !['postgres', 'admin', 'standby'].includes(name),
);
const passwords = fc.string({ minLength: 10, maxLength: 63, unit: 'grapheme-ascii' });
const restores = object({ backupId: asIs(ids) }, { recoveryTargetTime: asIs(pastTimes) });

const DAY_MS = 86_400_000;
const lately = fc.integer({ min: 1, max: 14 }).map((days) => new Date(Date.now() - days * DAY_MS).toISOString());
const earlier = fc.integer({ min: 15, max: 28 }).map((days) => new Date(Date.now() - days * DAY_MS).toISOString());
const logQueries = object(
  {},
  {
    start: asIs(earlier),
    end: asIs(lately),
    direction: asIs(fc.constantFrom('BACKWARD', 'FORWARD')),
    limit: orAsText(fc.integer({ min: 1, max: 5000 })),
  },
);

export interface ValidCall {
  args: Record<string, unknown>;
  /** What it asks of the API; the query in any order. */
  request: { method: string; path: string; query: Record<string, string>; body?: unknown };
}

type Arguments = Record<string, unknown>;

/** What some clients add to the arguments of any tool. */
const injected = fc.record({ sessionId: text, _sessionID: text }, { requiredKeys: [] });

/** Arguments that a tool has to take, as its descriptions and the API's documentation say, not its schema. */
export function validCalls({ tool, method, path }: ToolExample): fc.Arbitrary<ValidCall> {
  const calls: Record<string, fc.Arbitrary<ValidCall>> = {
    list_clusters: pages.map(({ given, sent: { name, detail, limit = detail === 'full' ? 25 : 100, offset = 0 } }) => ({
      args: given,
      request: {
        method,
        path: 'clusters',
        query: { ...(name !== undefined && { 'filter.name': String(name) }), limit: `${limit}`, offset: `${offset}` },
      },
    })),
    create_cluster: orders
      .filter(isReplicable)
      .filter(isFilled)
      .map(({ given, sent }) => ({
        args: { ...given, allowDuplicate: true },
        request: { method, path, query: {}, body: { properties: sent } },
      })),
    update_cluster: fc
      .tuple(
        ids,
        changes.filter(isReplicable).filter(({ sent }) => Object.keys(sent).length > 0),
      )
      .map(([clusterId, { given, sent }]) => ({
        args: { clusterId, ...given },
        request: { method, path: `clusters/${clusterId}`, query: {}, body: { properties: sent } },
      })),
    list_postgres_versions: fc.constant({ args: {}, request: { method, path, query: {} } }),
    list_versions: fc.constant({ args: {}, request: { method, path, query: {} } }),
    get_api_version: fc.constant({ args: { all: 'false' }, request: { method, path, query: {} } }),
    get_account: fc.constant({ args: {}, request: { method, path: 'quota', query: {} } }),
    list_network_options: object({}, paging).map(({ given }) => ({
      args: given,
      request: { method, path: 'datacenters', query: { limit: '1000', depth: '1', pretty: 'false' } },
    })),
    list_backups: object({}, paging).map(({ given, sent }) => ({
      args: given,
      request: { method, path: 'clusters/backups', query: pageQuery(sent) },
    })),
    get_backup: ids.map((backupId) => ({
      args: { backupId },
      request: { method, path: `clusters/backups/${backupId}`, query: {} },
    })),
    restore_cluster: inCluster(restores, (clusterId, sent) => ({ path: `clusters/${clusterId}/restore`, body: sent })),
    list_cluster_backups: inCluster(object({}, paging), (clusterId, sent) => ({
      path: `clusters/${clusterId}/backups`,
      query: pageQuery(sent),
    })),
    list_users: inCluster(object({}, { ...paging, system: orAsText(fc.boolean()) }), (clusterId, sent) => ({
      path: `clusters/${clusterId}/users`,
      query: { ...pageQuery(sent), ...(sent.system === true && { system: 'true' }) },
    })),
    list_databases: inCluster(object({}, paging), (clusterId, sent) => ({
      path: `clusters/${clusterId}/databases`,
      query: pageQuery(sent),
    })),
    create_user: inCluster(object({ username: asIs(names), password: asIs(passwords) }), (clusterId, properties) => ({
      path: `clusters/${clusterId}/users`,
      body: { properties },
    })),
    update_user: inCluster(
      object({ username: asIs(names), password: asIs(passwords) }),
      (clusterId, { username, password }) => ({
        path: `clusters/${clusterId}/users/${encodeURIComponent(String(username))}`,
        body: { properties: { password } },
      }),
    ),
    create_database: inCluster(object({ name: asIs(names), owner: asIs(names) }), (clusterId, properties) => ({
      path: `clusters/${clusterId}/databases`,
      body: { properties },
    })),
    get_cluster_logs: inCluster(logQueries, (clusterId, { limit = 100, direction = 'BACKWARD', ...range }) => ({
      path: `clusters/${clusterId}/logs`,
      query: { ...Object(range), limit: String(limit), direction: String(direction) },
    })),
    ...Object.fromEntries(['get', 'delete'].map((verb) => [`${verb}_user`, byName('users', 'username')])),
    ...Object.fromEntries(['get', 'delete'].map((verb) => [`${verb}_database`, byName('databases', 'name')])),
  };
  /** A call that names a cluster and has these arguments besides. */
  function inCluster(
    values: fc.Arbitrary<ObjectPair>,
    toRequest: (clusterId: string, sent: Arguments) => Partial<ValidCall['request']>,
  ): fc.Arbitrary<ValidCall> {
    return fc.tuple(ids, values).map(([clusterId, { given, sent }]) => ({
      args: { clusterId, ...given },
      request: { method, path, query: {}, ...toRequest(clusterId, sent) },
    }));
  }
  function byName(kind: string, argument: string): fc.Arbitrary<ValidCall> {
    return inCluster(object({ [argument]: asIs(names) }), (clusterId, { [argument]: name }) => ({
      path: `clusters/${clusterId}/${kind}/${encodeURIComponent(String(name))}`,
    }));
  }
  const ofOneCluster = ids.map((clusterId) => ({
    args: { clusterId },
    request: { method, path: path.replace(cluster.id, clusterId), query: {} },
  }));
  return fc
    .tuple(calls[tool] ?? ofOneCluster, injected)
    .map(([call, extra]) => ({ ...call, args: { ...extra, ...call.args } }));
}

/** In another spelling that means the same: some clients and models cannot help it. */
const spellings: Record<string, (value: unknown) => unknown> = {
  plain: (value) => value,
  json: (value) => (typeof value === 'object' && value !== null ? JSON.stringify(value) : value),
  text: (value) => (typeof value === 'number' || typeof value === 'boolean' ? String(value) : value),
  number: (value) => (typeof value === 'string' && /^[1-9]\d{0,8}$/.test(value) ? Number(value) : value),
  deep: (value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? { ...value, _meta: {}, task_progress: '' }
      : value,
};

/** What models that fill in every field send for those that they leave out, and keys that clients add. */
const additions = (tool: Tool): fc.Arbitrary<Record<string, unknown>> => {
  const optional = Object.entries(tool.input.shape).filter(([, part]) => part.safeParse(undefined).success);
  const blanks = Object.fromEntries(
    optional.map(([key]) => [key, fc.constantFrom<unknown>('', null, [''], [null], { x: '' })]),
  );
  const foreign = {
    _meta: fc.constant<unknown>({ progressToken: 1 }),
    task_progress: fc.constant<unknown>('- [ ] list'),
    toolCallId: fc.constant<unknown>('call-1'),
    explanation: fc.constant<unknown>('because'),
  };
  return fc.record({ ...blanks, ...foreign }, { requiredKeys: [], noNullPrototype: true });
};

/** The same valid call in plain arguments and in others. */
export function spelledCalls(
  example: ToolExample,
): fc.Arbitrary<{ plain: Record<string, unknown>; spelled: Record<string, unknown> }> {
  const tool = tools.find(({ name }) => name === example.tool);
  if (!tool) throw new Error(`there is no tool ${example.tool}`);
  const choices = fc.array(fc.constantFrom(...Object.keys(spellings)), { minLength: 16, maxLength: 16 });
  return fc.tuple(validCalls(example), choices, additions(tool)).map(([{ args }, chosen, added]) => {
    const spelled = Object.entries(args).map(([key, value], n) => {
      const spell = spellings[chosen[n % chosen.length] ?? 'plain'];
      return [key, spell ? spell(value) : value] as const;
    });
    return { plain: args, spelled: { ...added, ...Object.fromEntries(spelled) } };
  });
}

const pageQuery = ({ limit = 100, offset = 0 }: Arguments) => ({ limit: `${limit}`, offset: `${offset}` });

type Change = (value: unknown) => unknown;

/** The value with one place in it replaced, removed, or joined by another; where is a number of any size. */
function mutated(value: unknown, where: number, change: Change): unknown {
  if (typeof value !== 'object' || value === null) return change(value);
  const keys = Object.keys(value);
  const at = where % (keys.length + 1);
  const key = keys[at];
  if (key === undefined) return change(value);
  const entries = Object.entries(value).flatMap(([name, item]) => {
    const now = name === key ? mutated(item, Math.floor(where / (keys.length + 1)), change) : item;
    return now === undefined ? [] : [[name, now] as const];
  });
  return Array.isArray(value) ? entries.map(([, item]) => item) : Object.fromEntries(entries);
}

const oddTexts = fc.constantFrom(
  '',
  ' ',
  '0',
  '-1',
  '1.5',
  '1e3',
  'null',
  'true',
  '..',
  'a/b',
  '%2F',
  '?x=1',
  '\u0000',
  '__proto__',
  'ä€😀',
  '\ud800',
);
const oddNumbers = fc.constantFrom(0, -1, 1, 1.5, 4, 1023, 1024, 4096, 2 ** 31, 2 ** 53, -(2 ** 53), 1e300);
const oddKeys = fc.constantFrom(
  '',
  'x',
  '__proto__',
  'constructor',
  'toString',
  'displayname',
  'RAM',
  'password',
  'location',
  '0',
);
export const oddValues = fc.oneof(
  oddTexts,
  oddNumbers,
  fc.constantFrom(null, true, [], {}, [[]], [null]),
  fc.jsonValue(),
);

const changesOf: fc.Arbitrary<Change> = fc.oneof(
  oddValues.map((value) => () => value),
  fc.constant(() => undefined),
  fc.tuple(oddKeys, oddValues).map(
    ([key, item]) =>
      (value: unknown) =>
        withKey(value, key, item),
  ),
  fc.constant((value: unknown) => [value]),
  fc.constant((value: unknown) => JSON.stringify(value)),
);

function withKey(value: unknown, key: string, item: unknown): unknown {
  if (Array.isArray(value)) return [...value, item];
  if (typeof value !== 'object' || value === null) return item;
  return Object.fromEntries([...Object.entries(value), [key, item]]);
}

/** A value of these, with one to three changes somewhere in it, as it comes out of JSON. */
export function mutations<T>(values: fc.Arbitrary<T>): fc.Arbitrary<unknown> {
  const several = fc.array(fc.tuple(fc.nat(), changesOf), { minLength: 1, maxLength: 3 });
  return fc
    .tuple(values, several)
    .map(([value, changes]) => changes.reduce<unknown>((now, [where, change]) => mutated(now, where, change), value))
    .map((value) => JSON.parse(JSON.stringify(value ?? null)));
}

/** Objects of any content. */
export const anyArguments = fc
  .dictionary(fc.oneof(fc.string(), oddKeys), oddValues)
  .map((value): Arguments => JSON.parse(JSON.stringify(value)));

const bodies = (reply: unknown): fc.Arbitrary<string | Uint8Array<ArrayBuffer>> => {
  const json = JSON.stringify(reply ?? {});
  const refusal = { httpStatus: 422, messages: [{ errorCode: 'e-1', message: 'words' }] };
  return fc.oneof(
    { weight: 3, arbitrary: mutations(fc.constant(reply)).map((value) => JSON.stringify(value)) },
    mutations(fc.constant(refusal)).map((value) => JSON.stringify(value)),
    fc.json(),
    fc.nat(json.length).map((end) => json.slice(0, end)),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => new Uint8Array(bytes)),
    fc.constantFrom('', ' ', '<html>', '\ufeff{}', '['.repeat(10_000), '{"a":'.repeat(10_000), '1e999', '"'.repeat(3)),
    fc.string({ unit: 'binary', maxLength: 200 }),
  );
};

const headers = fc.dictionary(
  fc.oneof(
    fc.constantFrom(
      'content-type',
      'content-length',
      'content-encoding',
      'location',
      'retry-after',
      'set-cookie',
      'link',
    ),
    fc.stringMatching(/^[A-Za-z0-9-]{1,20}$/),
  ),
  fc.oneof(
    fc.constantFrom(
      'application/json',
      'text/html',
      'gzip',
      '0',
      '-5',
      '3',
      '99999999999999999999',
      'Tue, 03 Mar 2026 00:00:00 GMT',
      'https://evil.example/',
    ),
    fc.stringMatching(/^[!-~]{0,30}$/),
  ),
  { noNullPrototype: true, maxKeys: 5 },
);

const WITHOUT_BODY = [204, 205, 304];

export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array<ArrayBuffer>;
}

/** Whatever could come from the other side, where `reply` would be right; half of it as a success. */
export const replies = (reply: unknown): fc.Arbitrary<Reply> =>
  fc.record(
    { status: fc.oneof(fc.constant(200), fc.integer({ min: 200, max: 599 })), headers, body: bodies(reply) },
    { noNullPrototype: true },
  );

export function toResponse({ status, headers, body }: Reply): Response {
  return new Response(WITHOUT_BODY.includes(status) ? null : body, { status, headers });
}

/** Clusters whose rows differ much in size, but each of which fits into an answer. */
export const clusters = (maxLength: number) =>
  fc
    .array(
      fc.record({
        name: fc.string({ unit: 'grapheme', maxLength: 20 }),
        times: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 40 })),
        connections: fc.nat(3),
        empty: fc.boolean(),
      }),
      { maxLength, size: 'max' },
    )
    .map((rows) =>
      rows.map(({ name, times, connections, empty }, n) => {
        const id = `cluster-${n}`;
        if (empty) return { id };
        const { properties } = cluster;
        const all = Array.from({ length: connections }, () => properties.connections[0]);
        return { ...cluster, id, properties: { ...properties, displayName: name.repeat(times), connections: all } };
      }),
    );
