import { expect, test } from 'vitest';
import { createRecentWrites } from '../../src/tools/recent-writes.ts';

const ID = 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041';

test('a write is known by each spelling of the ID', () => {
  const writes = createRecentWrites().of('');

  writes.mark(ID);

  const spellings = [ID, ID.toUpperCase(), ID.replaceAll('-', '')];
  expect(spellings.map(writes.has)).toEqual([true, true, true]);
  expect(writes.has('other')).toBe(false);
});
