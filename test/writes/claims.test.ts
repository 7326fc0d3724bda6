import { expect, test } from 'vitest';
import { StateError } from '../../src/errors.ts';
import { createMemoryState } from '../../src/state/memory.ts';
import { createClaims } from '../../src/writes/claims.ts';

test('a claim that fails and is made nevertheless is given up', async () => {
  const state = createMemoryState();
  const late = {
    ...state,
    claim: async (...given: Parameters<typeof state.claim>) => {
      await state.claim(...given);
      throw new StateError();
    },
  };
  const order = { once: ['the order'], size: { cores: 4 } };

  await expect(createClaims(late).place('account', order)).rejects.toThrow(StateError);

  expect(await createClaims(state).of('account')).toEqual([]);
  expect(await createClaims(state).place('account', order)).toBeDefined();
});
