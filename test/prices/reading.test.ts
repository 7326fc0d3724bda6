import { setImmediate } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { hurried } from '../helpers/fake-clock.ts';
import { call, contractsOf, listOf, product, profileOf, refusal, world } from './world.ts';

const PROFILE = '/billing/profile';
const CONTRACTS = '/cloudapi/v6/contracts';
const PRODUCTS = '/billing/31812345/products';
const CORE = product('1h core PostgreSQL', '1hour', '0.05');
const reads = { [PROFILE]: profileOf('31812345'), [PRODUCTS]: listOf(CORE) };

test.each(['1h Postgre SQL instance', '1h Post\u00ADgreSQL instance', '1h ＰｏｓｔｇｒｅＳＱＬ'])(
  'a row of PostgreSQL is one in any spelling: %s',
  async (text) => {
    const { read } = world({ [PROFILE]: profileOf('31812345'), [PRODUCTS]: listOf(product(text, '1hour', '9')) });

    expect(await read(call())).toMatchObject({ rows: [{ text }] });
  },
);

test('the list is that of the contract, of today, with what IONOS says about it and with PostgreSQL alone', async () => {
  const { read, paths } = world({
    [PROFILE]: profileOf('31812345'),
    [PRODUCTS]: listOf(product('1h core', '1hour', '0.04'), CORE, product('1h MongoDB', '1hour', '1'), {}, 7),
  });

  expect(await read(call())).toEqual({
    date: '2026-11-27',
    contract: '31812345',
    liability: 'without liability',
    isCut: false,
    rows: [
      {
        text: '1h core PostgreSQL',
        unit: '1hour',
        deprecated: false,
        type: 'consumption-based',
        price: { quantity: '0.05', currency: 'EUR' },
      },
    ],
  });
  expect(paths()).toEqual([PROFILE, `${PRODUCTS}?date=2026-11-27`]);
});

test('requests carry the credentials of the call, and what the operator set', async () => {
  const { read, requests } = world(reads, { contractNumber: '31812345' });

  await read(call({ headers: { authorization: 'Bearer theirs', traceparent: '00-1' } }));

  expect(requests.map(({ url }) => new URL(url).pathname)).toEqual([PRODUCTS]);
  expect(Object.fromEntries(requests[0]?.headers ?? [])).toMatchObject({
    authorization: 'Bearer theirs',
    traceparent: '00-1',
    'x-contract-number': '31812345',
    'user-agent': 'ionos-postgres-mcp/9.9.9',
  });
});

describe('odd values', () => {
  const only = async (over: object) => {
    const { read } = world({ ...reads, [PRODUCTS]: listOf({ ...CORE, ...over }) });
    const found = await read(call());
    return 'rows' in found ? found.rows[0] : found;
  };

  test.each([
    ['a number for a price', { unitCost: { quantity: 0.05, unit: 'EUR' } }, { price: { quantity: '0.05' } }],
    ['no price', { unitCost: null }, { price: undefined }],
    ['half a price', { unitCost: { quantity: '1' } }, { price: undefined }],
    ['a truth as text', { deprecated: 'true' }, { deprecated: true }],
    ['no truth at all', { deprecated: null }, { deprecated: false }],
    ['an unknown truth', { deprecated: { since: '2026' } }, { deprecated: undefined }],
    ['a term', { term: '12' }, { term: 12 }],
    ['an unknown term', { term: 'yearly' }, { term: Number.NaN }],
    ['a type of another kind', { type: 3 }, { type: 'unknown' }],
    ['no unit', { unit: null }, { unit: '' }],
  ])('%s hides no other row', async (_, over, expected) => {
    expect(await only(over)).toMatchObject(expected);
  });

  test('texts and rows are bounded', async () => {
    const many = Array.from({ length: 400 }, () => product(`PostgreSQL ${'x'.repeat(5_000)}`, '1hour', '1'));
    const { read } = world({ ...reads, [PRODUCTS]: listOf(...many) });

    const found = await read(call());

    expect(found).toMatchObject({ isCut: true, rows: { length: 300 } });
    expect(JSON.stringify(found).length).toBeLessThan(200_000);
  });

  test('secrets are hidden before anything is kept', async () => {
    const { read } = world({ ...reads, [PRODUCTS]: listOf(product('PostgreSQL swordfish', '1hour', '1')) });

    const found = await read(call({ hide: (text) => text.replace('swordfish', '[redacted]') }));

    expect(found).toMatchObject({ rows: [{ text: 'PostgreSQL [redacted]' }] });
  });
});

describe('the contract', () => {
  const outcome = async (answers: Parameters<typeof world>[0]) => {
    const { read, paths } = world({ [PRODUCTS]: listOf(CORE), ...answers });
    return { found: await hurried(() => read(call())), paths: paths() };
  };

  test.each([
    ['the profile does not answer', { [PROFILE]: refusal(500), [CONTRACTS]: contractsOf(31812345) }],
    ['the profile is another thing', { [PROFILE]: ['x'], [CONTRACTS]: contractsOf(31812345) }],
    ['the profile has no contract', { [PROFILE]: profileOf(), [CONTRACTS]: contractsOf(31812345) }],
    ['the profile has several', { [PROFILE]: profileOf(1, '31812345'), [CONTRACTS]: contractsOf(31812345) }],
    ['its number is a number', { [PROFILE]: profileOf(31812345) }],
    ['it is there twice', { [PROFILE]: profileOf(31812345, '31812345') }],
  ])('is found where %s', async (_, answers) => {
    expect((await outcome(answers)).found).toMatchObject({ contract: '31812345' });
  });

  test.each<[string, Parameters<typeof world>[0], object]>([
    [
      'there are several',
      { [PROFILE]: profileOf(1, 2), [CONTRACTS]: contractsOf(1, 2) },
      { reason: 'several-contracts', details: ['1', '2'] },
    ],
    [
      'the Compute API shows one that the profile has not',
      { [PROFILE]: profileOf(1, 2), [CONTRACTS]: contractsOf(31812345) },
      { reason: 'several-contracts', details: ['1', '2'] },
    ],
    ['nobody has one', { [PROFILE]: profileOf(), [CONTRACTS]: contractsOf() }, { reason: 'no-contract' }],
    ['a number is a path', { [PROFILE]: profileOf('../1'), [CONTRACTS]: refusal(403) }, { reason: 'no-contract' }],
    ['a number is too large', { [PROFILE]: profileOf(1e25), [CONTRACTS]: refusal(403) }, { reason: 'no-answer' }],
  ])('is not guessed where %s', async (_, answers, expected) => {
    const { found, paths } = await outcome(answers);

    expect(found).toMatchObject(expected);
    expect(paths.filter((path) => path.includes('products'))).toEqual([]);
  });
});

describe('without a list', () => {
  test.each([401, 403])('%i means that the right is missing', async (status) => {
    const { read } = world({ [PROFILE]: refusal(status), [PRODUCTS]: refusal(status) });

    const found = await read(call());

    expect(found).toEqual({ reason: 'not-permitted', details: [`${status} no rights`] });
  });

  test.each([
    ['a refusal of the list alone', refusal(403), { reason: 'not-permitted' }],
    ['an error', refusal(500), { reason: 'no-answer', details: ['500 no rights'] }],
    ['no JSON', new Response('price list'), { reason: 'no-answer' }],
    ['another form', { products: 'none' }, { reason: 'no-answer' }],
    ['a list that is too large', new Response(`"${'x'.repeat(5_000_001)}"`), { reason: 'no-answer' }],
  ])('%s is a reason, and no failure', async (_, answer, expected) => {
    const { read } = world({ ...reads, [PRODUCTS]: answer });

    expect(await hurried(() => read(call()))).toMatchObject(expected);
  });
});

describe('once read,', () => {
  function clock() {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
  }

  test('it is kept for an hour', async () => {
    clock();
    const { read, paths } = world(reads);
    const list = () => read(call());

    await list();
    vi.advanceTimersByTime(3_599_000);
    await list();
    expect(paths()).toHaveLength(2);

    vi.advanceTimersByTime(2_000);
    await list();
    expect(paths()).toHaveLength(4);
  });

  test('a refusal is kept for a minute', async () => {
    clock();
    const { read, paths } = world({ ...reads, [PRODUCTS]: refusal(403) });
    const list = () => read(call());

    await list();
    vi.advanceTimersByTime(59_000);
    await list();
    expect(paths()).toHaveLength(2);

    vi.advanceTimersByTime(2_000);
    await list();
    expect(paths()).toHaveLength(4);
  });

  test('it is nothing to callers with other credentials', async () => {
    const { read, requests } = world({
      ...reads,
      [PRODUCTS]: async ({ headers }: Request) =>
        headers.get('authorization') === 'Bearer owner' ? Response.json(listOf(CORE)) : refusal(403),
    });
    const list = (who: string) => read(call({ headers: { authorization: `Bearer ${who}` } }));

    const [owner, other, again] = [await list('owner'), await list('other'), await list('owner')];

    expect(owner).toHaveProperty('rows');
    expect(other).toMatchObject({ reason: 'not-permitted' });
    expect(again).toEqual(owner);
    expect(requests).toHaveLength(4);
  });

  test('no two servers share it', async () => {
    const [one, other] = [world(reads), world({ ...reads, [PRODUCTS]: listOf() })];

    expect(await one.read(call())).toMatchObject({ rows: { length: 1 } });
    expect(await other.read(call())).toMatchObject({ rows: { length: 0 } });
  });
});

describe('those who ask at the same time', () => {
  const hanging = () => {
    let answer = (_: Response) => {};
    const signals: AbortSignal[] = [];
    const held = world({
      ...reads,
      [PRODUCTS]: (_, signal) =>
        new Promise((resolve, reject) => {
          answer = resolve;
          signals.push(signal);
          signal.addEventListener('abort', () => reject(signal.reason));
        }),
    });
    const isAsked = () => vi.waitFor(() => expect(signals).not.toEqual([]), { interval: 1 });
    return { ...held, signals, isAsked, answer: () => answer(Response.json(listOf(CORE))) };
  };

  test('share one request', async () => {
    const { read, paths, answer, isAsked } = hanging();

    const lists = [1, 2, 3].map(() => read(call()));
    await isAsked();
    answer();

    for (const list of lists) expect(await list).toMatchObject({ rows: { length: 1 } });
    expect(paths()).toHaveLength(2);
  });

  test('do not lose it because one of them leaves', async () => {
    const { read, paths, answer, isAsked } = hanging();
    const leaver = new AbortController();

    const left = read(call({ signal: leaver.signal }));
    const waiting = read(call());
    await isAsked();
    leaver.abort(new Error('cancelled'));
    await expect(left).rejects.toThrow('cancelled');
    answer();

    expect(await waiting).toMatchObject({ rows: { length: 1 } });
    expect(paths()).toHaveLength(2);
  });

  test('stop it when the last of them leaves, and the next one begins anew', async () => {
    const { read, signals, answer, isAsked } = hanging();
    const leavers = [new AbortController(), new AbortController()];

    const left = leavers.map(({ signal }) => read(call({ signal })));
    await isAsked();
    for (const leaver of leavers) leaver.abort(new Error('cancelled'));
    for (const each of left) await expect(each).rejects.toThrow('cancelled');
    expect(signals[0]?.aborted).toBe(true);
    await setImmediate();

    const next = read(call());
    await vi.waitFor(() => expect(signals).toHaveLength(2));
    answer();
    expect(await next).toMatchObject({ rows: { length: 1 } });
  });

  test('wait no longer than a plan can, and the next one finds the list', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { read, paths, signals, answer } = hanging();

    const late = read(call());
    await vi.advanceTimersByTimeAsync(8_000);
    expect(await late).toEqual({ reason: 'no-answer', details: ['the price list did not arrive in time'] });
    expect(signals[0]?.aborted).toBe(false);
    answer();
    await vi.advanceTimersByTimeAsync(1);

    expect(await read(call())).toMatchObject({ rows: { length: 1 } });
    expect(paths()).toHaveLength(2);
  });

  test('wait less where the call has less time left', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { read } = hanging();

    const late = read(call({ deadline: Date.now() + 6_000 }));
    await vi.advanceTimersByTimeAsync(1_001);

    expect(await late).toMatchObject({ reason: 'no-answer' });
  });
});

test('nothing is sent before somebody asks', async () => {
  const { prices, requests } = world(reads);
  prices.forCall(call());
  expect(requests).toEqual([]);
});

test('a list that does not come keeps the next call from waiting, and counts once it has come', async () => {
  let arrive = (_: Response) => {};
  const { read } = world({ ...reads, [PRODUCTS]: () => new Promise<Response>((resolve) => (arrive = resolve)) });

  await hurried(async () => {
    expect(await read(call())).toMatchObject({ reason: 'no-answer' });
  });
  const before = Date.now();
  expect(await read(call())).toMatchObject({ reason: 'no-answer' });
  expect(Date.now() - before).toBeLessThan(1_000);

  arrive(Response.json(reads[PRODUCTS]));
  await vi.waitFor(async () => expect(await read(call())).toMatchObject({ contract: '31812345' }));
});
