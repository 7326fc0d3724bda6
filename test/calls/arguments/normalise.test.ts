import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { normalise } from '../../../src/calls/arguments/normalise.ts';

const schema = z.strictObject({
  name: z.string().min(1).optional(),
  id: z.string().regex(/^[a-z0-9-]{1,20}$/),
  size: z.number().int().optional(),
  share: z.number().optional(),
  isOn: z.boolean().optional(),
  mode: z.enum(['FAST', 'SSD Standard']).optional(),
  wait: z.preprocess((value) => (value === true ? 45 : value), z.number()).optional(),
  time: z
    .string()
    .transform((text) => new Date(text))
    .optional(),
  tags: z.array(z.string()).optional(),
  places: z.array(z.strictObject({ lan: z.string(), cidr: z.string().optional() })).optional(),
  window: z.strictObject({ day: z.string(), hour: z.number().optional() }).optional(),
});

const args = (given: unknown, ignoresUnknown = false) => normalise(schema, given, { ignoresUnknown }).args;
const of = (given: object) => args({ id: 'x', ...given });

describe('counts as left out', () => {
  test.each([
    [{ name: '' }],
    [{ name: null, size: null, isOn: null, mode: null, places: null, window: null }],
    [{ size: '', share: '', isOn: '', mode: '', wait: '', time: '', tags: '', places: '', window: '' }],
    [{ window: { day: '', hour: null } }],
    [{ window: { day: '' } }],
    [{ places: [{ lan: '', cidr: '' }] }],
    [{ places: [''], tags: [null] }],
    [{ places: [{ lan: '', cidr: null }, { lan: '' }] }],
    [{ window: '{"day":"","hour":null}', places: '[""]', tags: '[null, ""]' }],
    [{ window: 'null', places: 'null', tags: ' null ', size: 'null', mode: 'null' }],
    [{ window: '""', places: '""', size: '""', mode: '""' }],
    [{ name: null, tags: '' }],
  ])('%j', (given) => {
    expect(of(given)).toEqual({ id: 'x' });
  });

  test('a part of what is given', () => {
    expect(of({ window: { day: 'Monday', hour: '' } })).toEqual({ id: 'x', window: { day: 'Monday' } });
    expect(of({ places: [{ lan: '2', cidr: null }] })).toEqual({ id: 'x', places: [{ lan: '2' }] });
  });

  test('in JSON text too', () => {
    expect(of({ window: '{"day":"Monday","hour":""}' })).toEqual({ id: 'x', window: { day: 'Monday' } });
  });
});

test.each(['null', '""', '[null]', '{"a":null}'])('a switch is not left out by %s, for the schema to name', (isOn) => {
  expect(of({ isOn })).toEqual({ id: 'x', isOn });
});

test('a text can be the word null, or two quotation marks', () => {
  expect(of({ name: 'null' })).toEqual({ id: 'x', name: 'null' });
  expect(of({ name: '""' })).toEqual({ id: 'x', name: '""' });
});

test('what has to be given is not left out by an empty value, for the schema to name', () => {
  expect(args({ id: '' })).toEqual({ id: '' });
  expect(args({ id: null })).toEqual({});
  expect(of({ places: [{ lan: '', cidr: '10.0.0.3/24' }] })).toMatchObject({ places: [{ lan: '' }] });
});

test('an empty list or object says something else than nothing', () => {
  expect(of({ places: [], window: {} })).toEqual({ id: 'x', places: [], window: {} });
});

describe('is taken in another JSON spelling', () => {
  test.each<[object, object]>([
    [{ size: '5' }, { size: 5 }],
    [{ size: ' -5 ' }, { size: -5 }],
    [
      { size: '4096.0', share: '1.5e1' },
      { size: 4096, share: 15 },
    ],
    [{ isOn: 'true' }, { isOn: true }],
    [{ isOn: 'False' }, { isOn: false }],
    [{ name: 16 }, { name: '16' }],
    [
      { name: 9.6, id: 5 },
      { name: '9.6', id: '5' },
    ],
    [{ id: '"quoted"' }, { id: 'quoted' }],
    [{ mode: 'fast' }, { mode: 'FAST' }],
    [{ mode: ' ssd standard ' }, { mode: 'SSD Standard' }],
    [{ mode: '"FAST"' }, { mode: 'FAST' }],
    [{ wait: '10' }, { wait: 10 }],
    [{ places: '[]' }, { places: [] }],
    [{ places: ' [{"lan":2}] ' }, { places: [{ lan: '2' }] }],
    [{ places: ['{"lan":"2","cidr":"10.0.0.3/24"}'] }, { places: [{ lan: '2', cidr: '10.0.0.3/24' }] }],
    [{ window: '{"day":"Monday","hour":"3"}' }, { window: { day: 'Monday', hour: 3 } }],
    [{ tags: '["a",1]' }, { tags: ['a', '1'] }],
  ])('%j', (given, wanted) => {
    expect(of(given)).toEqual({ id: 'x', ...wanted });
  });

  test('the arguments as a whole', () => {
    expect(args('{"id":"x","size":"5"}')).toEqual({ id: 'x', size: 5 });
  });
});

describe('stays as it is, for the schema to name', () => {
  test.each([
    [{ size: 'five' }],
    [{ size: '5 MB' }],
    [{ size: '0x10' }],
    [{ size: '1e999' }],
    [{ size: '9'.repeat(1_000) }],
    [{ size: true, share: [] }],
    [{ isOn: 1, name: true }],
    [{ isOn: 'yes' }],
    [{ name: 2 ** 60 }],
    [{ name: '"a name in quotes"' }],
    [{ mode: 'slow' }],
    [{ places: '{}' }],
    [{ places: '[' }],
    [{ places: { lan: '2' } }],
    [{ window: '[]' }],
    [{ window: 'Monday' }],
    [{ tags: 'a,b' }],
  ])('%j', (given) => {
    expect(of(given)).toEqual({ id: 'x', ...given });
  });
});

describe('keys that a tool does not know', () => {
  const odd = { task_progress: 'x', _meta: {}, sessionId: 's', random_string: 'r', sizze: 5, 'x-y': null };

  test('are dropped by a tool that reads, which names each', () => {
    const read = normalise(schema, { id: 'x', ...odd }, { ignoresUnknown: true });
    expect(read).toMatchObject({ args: { id: 'x' }, ignored: Object.keys(odd) });
  });

  test('are left for the schema of a tool that writes to name, but for those that clients add', () => {
    const read = normalise(schema, { id: 'x', ...odd }, { ignoresUnknown: false });
    expect(read).toMatchObject({ args: { id: 'x', sizze: 5, 'x-y': null }, ignored: [] });
  });

  test.each([
    ...['thoughts', 'Thought', 'reasoning', 'reason', 'request_heartbeat', 'requestHeartbeat', 'is_background'],
    ...['isBackground', 'IsBackground', 'tool-call-id', 'toolcallid', 'session id', 'taskProgress', 'securityRisk'],
  ])('are those that clients add in any spelling: %s', (key) => {
    expect(of({ [key]: 'x' })).toEqual({ id: 'x' });
  });

  test.each(['heartbeat', 'thoughtss', 'background', 'naame', 'tools'])(
    'are not those that only resemble one: %s',
    (key) => {
      expect(of({ [key]: 'x' })).toEqual({ id: 'x', [key]: 'x' });
    },
  );

  test('are dropped at any depth', () => {
    expect(of({ window: { day: 'Monday', _meta: {} }, places: [{ lan: '2', action: 'go' }] })).toEqual({
      id: 'x',
      window: { day: 'Monday' },
      places: [{ lan: '2' }],
    });
  });

  test('count where the schema knows them', () => {
    const own = z.strictObject({ action: z.string() });
    expect(normalise(own, { action: 'go', goal: '' }, { ignoresUnknown: false }).args).toEqual({ action: 'go' });
  });

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('are none of JavaScript: %s', (key) => {
    const given = JSON.parse(`{"id":"x","${key}":{"size":1}}`);
    const { args, ignored } = normalise(schema, given, { ignoresUnknown: true });
    expect(args).toEqual({ id: 'x' });
    expect(ignored).toEqual([key]);
  });
});

test('what is no object is left for the schema to name', () => {
  for (const given of [undefined, null, [], 5, 'text', '[]', true]) expect(args(given)).toEqual(given);
});
