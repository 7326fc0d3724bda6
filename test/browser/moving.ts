import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

/**
 * Presses something on the page, and waits for what it shows. The page gives each answer a frame of its own, and who
 * reaches into a frame while it is replaced fails.
 */
export async function answered(page: Page, press: () => Promise<unknown>) {
  await press();
  await page.getByText('Loading…').waitFor({ state: 'detached' });
}

/** Longer than a view takes to tell its height. */
const STILL_MS = 250;

/** Presses what is in a frame once that stands still: a click gets lost where the frame moves at that moment. */
export async function press(target: Locator) {
  await target.waitFor();
  let last = '';
  const standsStill = async () => {
    const before = last;
    last = JSON.stringify(await target.boundingBox());
    return last === before;
  };
  await expect.poll(standsStill, { interval: STILL_MS, timeout: 20_000 }).toBe(true);
  await target.click();
}
