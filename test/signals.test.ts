import { expect, test } from 'vitest';
import { aborted } from '../src/signals.ts';

test('a signal that aborts is noticed, and so is one that has aborted before anybody asked', async () => {
  const controller = new AbortController();
  const before = aborted(controller.signal);

  controller.abort();

  await expect(before).resolves.toBeUndefined();
  await expect(aborted(controller.signal)).resolves.toBeUndefined();
});
