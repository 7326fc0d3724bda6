import { expect, test } from 'vitest';
import { createMemoryState } from '../../../src/state/memory.ts';
import { createRecentWrites } from '../../../src/tools/writing/recent-writes.ts';

const ID = 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041';

test('a write is known by each spelling of the ID', async () => {
  const writes = createRecentWrites(createMemoryState()).of('');

  await writes.mark(ID);

  const spellings = [ID, ID.toUpperCase(), ID.replaceAll('-', '')];
  expect(await Promise.all(spellings.map(writes.has))).toEqual([true, true, true]);
  expect(await writes.has('other')).toBe(false);
});

test('another replica knows of it, and what it asked for last', async () => {
  const state = createMemoryState();
  const [one, other] = [createRecentWrites(state), createRecentWrites(state)];

  await one.of('a').mark(ID, { cores: 2, ram: 4096 });
  await other.of('a').mark(ID, { cores: 4, ram: undefined });

  expect(await one.of('a').has(ID)).toBe(true);
  expect(await one.of('a').sizes(ID)).toEqual({ cores: 4, ram: 4096 });
  expect(await one.of('b').sizes(ID)).toEqual({});
  expect(await one.of('b').has(ID)).toBe(false);
});

test('the names that a cluster had are kept, the last five and none at any length', async () => {
  const state = createMemoryState();
  const { renamed, formerNames } = createRecentWrites(state).of('a');

  for (const name of ['one', 'two', 'three', 'four', 'five', 'x'.repeat(100_000)]) await renamed(ID, name);

  const names = (await formerNames(ID.toUpperCase())).map(({ name }) => name);
  expect(names.slice(0, 4)).toEqual(['two', 'three', 'four', 'five']);
  expect(names[4]?.length).toBeLessThan(300);
  expect(await createRecentWrites(state).of('b').formerNames(ID)).toEqual([]);
});
