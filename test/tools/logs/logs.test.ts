import { describe, expect, test } from 'vitest';
import { tokensOf } from '../../../scripts/lint-tools.ts';
import { ORDERS } from '../../helpers/backups.ts';
import { connect, errorOf } from '../../helpers/connect.ts';
import { CLUSTER, type LogLine, logApi, shownIn, walk } from '../../helpers/logs.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const iso = (time: number) => new Date(time).toISOString();
/** One line a second, the last of them an hour ago. */
const seconds = (count: number, message = (n: number) => `LOG:  line ${n}`): LogLine[] =>
  Array.from({ length: count }, (_, n) => ({ at: Date.now() - HOUR - (count - n) * 1000, message: message(n) }));

const messagesIn = (result: Parameters<typeof shownIn>[0]) => shownIn(result).lines.map(({ message }) => message);

/** What the API is asked for with these arguments. */
async function askedWith(args: object): Promise<Record<string, string>> {
  const { call, requests } = await connect();
  const result = await call('get_cluster_logs', { clusterId: ORDERS, ...args });
  expect(result.isError, JSON.stringify(result.content)).toBeFalsy();
  expect(requests).toHaveLength(1);
  const [, query] = requests[0]?.path.split(`clusters/${ORDERS}/logs?`) ?? [];
  return Object.fromEntries(new URLSearchParams(query));
}

describe('the range', () => {
  test('is left to the API where none is given, and so are the last 30 days', async () => {
    expect(await askedWith({})).toEqual({ direction: 'BACKWARD', limit: '100' });
    expect(await askedWith({ start: '-30d', end: iso(Date.now() + 1000) })).toEqual({
      direction: 'BACKWARD',
      limit: '100',
    });
  });

  test.each([
    ['-90s', 90_000],
    ['-30m', 30 * MINUTE],
    ['-2h', 2 * HOUR],
    ['-7d', 7 * DAY],
    [' -1h ', HOUR],
  ])('can begin %s ago', async (start, ms) => {
    const asked = await askedWith({ start });

    expect(Math.abs(Date.parse(asked.start ?? '') - (Date.now() - ms))).toBeLessThan(10_000);
    expect(asked.end).toBeUndefined();
  });

  test('accepts times in any zone', async () => {
    const [start, end] = [Date.now() - 2 * DAY, Date.now() - DAY];
    const inDelhi = iso(start + 5.5 * HOUR).replace('Z', '+05:30');

    expect(await askedWith({ start: inDelhi, end: iso(end).toLowerCase() })).toMatchObject({
      start: iso(start),
      end: iso(end),
    });
  });

  test.each<[args: object, problems: RegExp[]]>([
    [{ start: '-31d' }, [/^start: is too long ago; logs are kept for 30 days, since \d{4}-/]],
    [{ start: '-999999999d' }, [/^start: is too long ago/]],
    [{ end: iso(Date.now() + HOUR) }, [/^end: is in the future; it is now \d{4}-/]],
    [{ start: '-1h', end: '-2h' }, [/^start: must be before end/]],
    [{ start: '-1h', end: '-1h' }, [/^start: must be before end/]],
    [{ end: '-40d' }, [/^end: is too long ago/]],
    [{ start: '-40d', end: iso(Date.now() + HOUR) }, [/^start: is too long ago/, /^end: is in the future/]],
    ...['yesterday', '2h', '-2', '-2w', '--2h', '2026-03-04', '2026-03-04T05:06:07', '2026-13-04T05:06:07Z'].map(
      (start): [object, RegExp[]] => [
        { start },
        [/^start \(".*"\): must be an ISO 8601 time with its zone,.*or an age: -30m/],
      ],
    ),
  ])('of %j is refused in words', async (args, problems) => {
    const { call, requests } = await connect();

    const text = errorOf(await call('get_cluster_logs', { clusterId: ORDERS, ...args }));

    expect(text.split('\n').slice(1)).toEqual(problems.map((problem) => expect.stringMatching(problem)));
    expect(requests).toEqual([]);
  });
});

describe('the lines', () => {
  test("are the cluster's own lines, newest first, with the end of the instance's name", async () => {
    const { call, pass } = await connect();
    await call('create_database', { clusterId: ORDERS, name: 'stock', owner: 'reporting' });
    pass(1000);

    const { lines } = shownIn(await call('get_cluster_logs', { clusterId: ORDERS, start: '-1h' }));

    expect(lines[0]).toEqual({
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      instance: expect.stringMatching(/^\w{7}-1$/),
      message: 'LOG: statement: CREATE DATABASE "stock" OWNER "reporting"'.replace('LOG: ', 'LOG:  '),
    });
  });

  test('come from the newest back, or from the oldest on, as many as are asked for', async () => {
    const { call } = await connect({ fetch: logApi(seconds(10)) });
    const all = Array.from({ length: 10 }, (_, n) => `LOG:  line ${n}`);

    const back = await call('get_cluster_logs', { clusterId: CLUSTER, limit: '3' });
    const on = await call('get_cluster_logs', { clusterId: CLUSTER, limit: 3, direction: 'FORWARD' });
    const whole = await call('get_cluster_logs', { clusterId: CLUSTER });

    expect(messagesIn(back)).toEqual(all.toReversed().slice(0, 3));
    expect(messagesIn(on)).toEqual(all.slice(0, 3));
    expect(messagesIn(whole)).toEqual(all.toReversed());
    expect(shownIn(back).more).toBe(`There is more: call again with end ${shownIn(back).lines.at(-1)?.time}.`);
    expect(shownIn(on).more).toBe(`There is more: call again with start ${shownIn(on).lines.at(-1)?.time}.`);
    expect(shownIn(whole).more).toBeUndefined();
  });

  test('of several instances come in one order of time', async () => {
    const lines = seconds(9).map((line, n) => ({ ...line, instance: String((n % 3) + 1) }));
    const { call } = await connect({ fetch: logApi(lines) });

    const shown = shownIn(await call('get_cluster_logs', { clusterId: CLUSTER, direction: 'FORWARD' })).lines;

    expect(shown.map(({ message }) => message)).toEqual(lines.map(({ message }) => message));
    expect(shown.map(({ instance }) => instance).slice(0, 3)).toEqual(['by6qu3m-1', 'by6qu3m-2', 'by6qu3m-3']);
  });

  test.each([
    [0, /limit \(0\): must be at least 1/],
    [5_001, /limit \(5001\): must be at most 5000/],
    [1.5, /limit/],
  ])('cannot be %s', async (limit, words) => {
    const { call } = await connect();

    expect(errorOf(await call('get_cluster_logs', { clusterId: ORDERS, limit }))).toMatch(words);
  });

  test('of an API that has none, or odd ones, are none', async () => {
    for (const reply of [{}, { instances: [] }, { instances: [{ name: 'x' }, { name: 5, messages: [] }] }]) {
      const { call } = await connect({ fetch: async () => Response.json(reply) });

      expect(shownIn(await call('get_cluster_logs', { clusterId: CLUSTER }))).toMatchObject({ lines: [] });
    }
  });
});

describe('a filter', () => {
  const lines = seconds(3_000, (n) => (n % 100 === 0 ? `ERROR:  No such Table ${n}` : `LOG:  line ${n}`)).map(
    (line, n) => ({ ...line, instance: String((n % 3) + 1) }),
  );
  const filtered = async (args: object) => {
    const { call } = await connect({ fetch: logApi(lines) });
    return shownIn(await call('get_cluster_logs', { clusterId: CLUSTER, ...args }));
  };

  test('by text ignores case, and searches more lines than it shows', async () => {
    const { lines } = await filtered({ contains: 'no such table' });

    expect(lines).toHaveLength(20);
    for (const { message } of lines) expect(message).toMatch(/^ERROR: {2}No such Table \d+00$/);
  });

  test.each(['1', '-1', 'by6qu3m-1', `ionos-${CLUSTER}-by6qu3m-1`])(
    'by instance takes the name %s',
    async (instance) => {
      const { lines } = await filtered({ instance, limit: 50 });

      expect(lines).toHaveLength(50);
      expect(new Set(lines.map((line) => line.instance))).toEqual(new Set(['by6qu3m-1']));
    },
  );

  test.each(['ERROR|FATAL', '%timeout%', 'deadlock.*', 'error OR fatal'])(
    'without a match of %j says that it is no pattern',
    async (contains) => {
      const { note } = await filtered({ contains });

      expect(note).toMatch(/ contains is plain text and no pattern: search for one word at a time\.$/);
    },
  );

  test('without a match says how to search further, from where it stopped', async () => {
    const { lines, more, note } = await filtered({ contains: 'nowhere' });

    expect(lines).toEqual([]);
    expect(note).toBe(
      '2000 lines were searched, and none contains "nowhere". Instances seen: "by6qu3m-3", "by6qu3m-2", "by6qu3m-1".',
    );
    expect(more).toMatch(/^There is more: call again with end \d{4}-.*Z\.$/);
  });

  test.each([
    [
      { instance: '9' },
      /^\d+ lines .* none is from an instance whose name ends with "9"\. Instances seen: "by6qu3m-3", /,
    ],
    [
      { instance: '9', contains: 'a"b' },
      /none contains "a\\u\{22\}b" and is from an instance whose name ends with "9"\./,
    ],
    [{ contains: 'line', end: '-20d' }, /^Nothing was logged in this range\.$/],
    [{ end: '-20d' }, /^Nothing was logged in this range\.$/],
    [{ contains: 'no such' }, /^$/],
  ])('%j says what was looked through where nothing is left', async (args, words) => {
    expect((await filtered(args)).note ?? '').toMatch(words);
  });

  test('is text and no pattern', async () => {
    expect((await filtered({ contains: '.*' })).lines).toEqual([]);
    expect((await filtered({ instance: '.' })).lines).toEqual([]);
  });
});

describe('what others wrote', () => {
  const shownOf = async (message: string) => {
    const { call } = await connect({ fetch: logApi([{ at: Date.now() - HOUR, message }]) });
    const result = await call('get_cluster_logs', { clusterId: CLUSTER });
    return { result, message: messagesIn(result)[0] };
  };

  test.each([
    ['\u001b[31mred\u001b[0m and \u001b]0;title\u0007plain', 'red and plain'],
    ['\u009b2Jcleared', 'cleared'],
    ['one\r\n\ttwo\u0000three\u0085four', 'one two three four'],
    ['  \n padded \n ', 'padded'],
    ['right\u202eto\u2066left', 'right\\u{202E}to\\u{2066}left'],
    ['zero\u200bwidth\u{e0041}tag\u2028line', 'zero\\u{200B}width\\u{E0041}tag\\u{2028}line'],
    ['plain "quoted" \\ ä 漢 😀', 'plain "quoted" \\ ä 漢 😀'],
  ])('of %j is shown as %j', async (written, shown) => {
    const { result, message } = await shownOf(written);

    expect(message).toBe(shown);
    expect(result.content).toEqual([{ type: 'text', text: JSON.stringify(result.structuredContent) }]);
  });

  test('stands between marks that nobody can know before, and that are others each time', async () => {
    const { call } = await connect({ fetch: logApi(seconds(1)) });
    const marks = new Set<string>();
    for (let n = 0; n < 20; n += 1) {
      const result = await call('get_cluster_logs', { clusterId: CLUSTER });
      const { begin, end } = shownIn(result);
      const [mark = ''] = /^log-[0-9a-f]{12}(?=: text from here on was written by others$)/.exec(begin) ?? [];
      expect(end).toBe(`${mark}: up to here`);
      const keys = Object.keys(JSON.parse(Object(result.content)[0].text));
      expect(keys.slice(0, 3)).toEqual(['begin', 'lines', 'end']);
      marks.add(mark);
    }
    expect(marks.size).toBe(20);
  });

  test('is cut where a line is long, and stays within what a model can take where lines are many', async () => {
    expect((await shownOf('x'.repeat(100_000))).message).toBe(`${'x'.repeat(2_000)}…`);

    for (const text of ['x', 'word ', '漢', 'ꙮ', '𓐰', '\u202e', '\u00ad', '\u{e0041}', '"', '\\', '7f3a-']) {
      const { call } = await connect({ fetch: logApi(seconds(500, () => text.repeat(1_000))) });
      const result = await call('get_cluster_logs', { clusterId: CLUSTER, limit: 500 });

      const { lines, more } = shownIn(result);
      expect(lines.length, text).toBeGreaterThan(0);
      expect(more, text).toBe(`There is more: call again with end ${lines.at(-1)?.time}.`);
      expect(tokensOf(result.structuredContent), JSON.stringify(text)).toBeLessThan(20_000);
    }
  });
});

describe('a password in a line', () => {
  test.each([
    [
      "LOG:  statement: ALTER ROLE app PASSWORD 'hunter2-Secret'",
      'LOG:  statement: ALTER ROLE app PASSWORD [redacted]',
    ],
    ["alter role app password'hunter2'", 'alter role app password[redacted]'],
    ["create user a with password E'hunter2\\'s hunter2' login", 'create user a with password [redacted] login'],
    ["create user a password 'hunter2\\''hunter2' login", 'create user a password [redacted] login'],
    ["create user a password 'a'\n 'hunter2'", 'create user a password [redacted]'],
    ["create user a password/* c */ -- d\n 'hunter2'", 'create user a password/* c */ -- d  [redacted]'],
    ["ALTER ROLE app PASSWORD 'hunter2 cut off", 'ALTER ROLE app PASSWORD [redacted]'],
    ['ALTER ROLE app PASSWORD $é$hunter2\u2028hunter2$é$ LOGIN', 'ALTER ROLE app PASSWORD [redacted] LOGIN'],
    [`OPTIONS ("user" 'x', "password" 'hunter2')`, `OPTIONS ("user" 'x', "password" [redacted])`],
    ["dblink('host=h password=''hunter2'' user=u')", "dblink('host=h password=[redacted] user=u')"],
    ["host=h password='hun\\'ter2' user=u", 'host=h password=[redacted] user=u'],
    ['host=h user=app password=hunter2 dbname=d', 'host=h user=app password=[redacted] dbname=d'],
    ['PGPASSWORD=hunter2 psql', 'PGPASSWORD=[redacted] psql'],
    ['{"password": "hunter2", "user": "u"}', '{"password": [redacted], "user": "u"}'],
    ['connecting to postgresql://app:hunter2@host/db', 'connecting to postgresql://app:[redacted]@host/db'],
    [
      'postgres://u:p@hunter2@host and postgresql://u:a/hunter2@h',
      'postgres://u:[redacted]@host and postgresql://u:[redacted]@h',
    ],
    ['Authorization: Bearer eyJhunter2.x.y', 'Authorization: Bearer [redacted]'],
    ['FATAL:  password authentication failed for user "app"', 'FATAL:  password authentication failed for user "app"'],
  ])('%s', async (message, shown) => {
    const { call } = await connect({ fetch: logApi([{ at: Date.now() - HOUR, message }]) });

    const messages = messagesIn(await call('get_cluster_logs', { clusterId: CLUSTER }));

    expect(messages).toEqual([shown]);
    expect(messages.join()).not.toContain('hunter2');
  });

  test('is found in time, whatever is written there', async () => {
    const messages = [
      "password '".repeat(2_000),
      '://a:'.repeat(5_000),
      'password $a$'.repeat(2_000),
      'pwd='.repeat(5_000),
    ];
    const lines = Array.from({ length: 100 }, (_, n) => ({ at: Date.now() - n, message: messages[n % 4] ?? '' }));
    const { call, log } = await connect({ fetch: logApi(lines) });

    await call('get_cluster_logs', { clusterId: CLUSTER });

    expect(log[0]?.ms).toBeLessThan(5_000);
  });
});

test('a search among lines too long for one answer reads fewer of them, and says how to continue', async () => {
  const lines = seconds(3_000, (n) => `${n === 7 ? 'needle' : 'hay'} ${'x'.repeat(3_000)}`);
  const { call } = await connect({ fetch: logApi(lines) });

  let more: string | undefined;
  for (let end: string | undefined, pages = 0; pages < 20; pages += 1) {
    const page = shownIn(await call('get_cluster_logs', { clusterId: CLUSTER, contains: 'needle', end }));
    more = page.more;
    if (page.lines.length > 0) return expect(page.lines[0]?.message).toMatch(/^needle/);
    end = / end (\S+Z)\./.exec(more ?? '')?.[1];
  }
  throw new Error(`not found: ${more}`);
});

test('a line that is too large even alone says how to get past it', async () => {
  const lines = [{ at: Date.now() - HOUR, message: 'x'.repeat(6_000_000) }];
  const { call } = await connect({ fetch: logApi(lines) });

  const { lines: shown, more } = shownIn(await call('get_cluster_logs', { clusterId: CLUSTER }));

  expect(shown).toEqual([]);
  expect(more).toMatch(/too large to be read.*with end some seconds earlier/);
});

test('the oldest lines lead on from one page to the next', async () => {
  const base = Date.now() - 30 * DAY + 20_000;
  const lines = Array.from({ length: 300 }, (_, n) => ({ at: base + n * 100, message: `line ${n}` }));
  const { call } = await connect({ fetch: logApi(lines) });

  const pages = await walk({ call }, { direction: 'FORWARD', limit: 100 }, 10);

  expect(new Set(pages.flatMap((page) => page.lines.map(({ message }) => message))).size).toBe(300);
});

test('a line without a time that can be read is shown beside its neighbour', async () => {
  const at = iso(Date.now() - HOUR);
  const messages = [{ message: 'a' }, { time: at, message: 'b' }, { time: 'soon', message: 'c' }];
  const { call } = await connect({ fetch: async () => Response.json({ instances: [{ name: 'i-1', messages }] }) });
  const undated = await connect({
    fetch: async () => Response.json({ instances: [{ name: 'i-1', messages: [{ message: 'a' }, { message: 'b' }] }] }),
  });

  const result = await call('get_cluster_logs', { clusterId: CLUSTER });
  const without = shownIn(await undated.call('get_cluster_logs', { clusterId: CLUSTER, limit: 1 }));

  expect(shownIn(result).lines.map(({ time, message }) => [time, message])).toEqual([
    [at, 'a'],
    [at, 'b'],
    [at, 'c'],
  ]);
  expect(without).toMatchObject({
    lines: [{ message: 'a' }],
    more: expect.stringContaining('a larger limit shows them'),
  });
});

test('the direction may be in any case', async () => {
  expect(await askedWith({ direction: 'forward' })).toMatchObject({ direction: 'FORWARD' });
});
