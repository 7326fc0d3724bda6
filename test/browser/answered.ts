import type { Page } from 'playwright-core';

/**
 * Presses something on the page, and waits for what it shows. The page gives each answer a frame of its own, and who
 * reaches into a frame while it is replaced fails.
 */
export async function answered(page: Page, press: () => Promise<unknown>) {
  await press();
  await page.getByText('Loading…').waitFor({ state: 'detached' });
}
