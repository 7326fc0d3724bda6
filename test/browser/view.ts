import { AxeBuilder } from '@axe-core/playwright';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import { type Launching, launch, type Opening } from './open.ts';

export type { Called, Result } from './open.ts';

/** One browser for the tests of a file; each opens pages of its own. */
export function setUpBrowser(launching?: Launching) {
  let launched: Awaited<ReturnType<typeof launch>>;
  beforeAll(async () => {
    launched = await launch(launching);
  }, 60_000);
  afterAll(() => launched.close());

  /** Opens the view in the host; when the test ends, nothing may have gone wrong in it. */
  return async (opening?: Opening) => {
    const { problems, close, ...opened } = await launched.open(opening);
    onTestFinished(async () => {
      await close();
      expect(problems).toEqual([]);
    });
    return {
      ...opened,
      /** A test that expects some takes them out. */
      problems,
      /** Moves the clock of the page until it shows this. */
      async passesUntil(what: Locator) {
        const look = async () => {
          await opened.page.clock.runFor(1_000);
          return what.isVisible();
        };
        await expect.poll(look, { timeout: 10_000, interval: 50 }).toBe(true);
      },
    };
  };
}

/** What axe reports of the view alone. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).include('iframe').analyze();
  // Axe opens another page meanwhile. After that this one gets clicks in the size of the window alone, until it is set anew.
  const { width, height } = page.viewportSize() ?? { width: 700, height: 900 };
  await page.setViewportSize({ width, height: height + 1 });
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

/** The text of the view, without what is only for screen readers. */
export const textOf = (view: FrameLocator) => view.locator('main').innerText();
