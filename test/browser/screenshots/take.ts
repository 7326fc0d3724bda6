import path from 'node:path';
import type { setUpBrowser } from '../view.ts';
import { NOW } from './answers.ts';
import type { State, Variant } from './states.ts';

const STYLES = {
  '--font-sans': '"DejaVu Sans Condensed"',
  '--font-mono': '"DejaVu Sans Mono"',
  // Playwright would hide it by a style element, which the view forbids.
  'caret-color': 'transparent',
};

/** Where time stands still, and text looks the same on every machine. */
export const LAUNCHING = {
  now: NOW,
  fonts: path.join(import.meta.dirname, 'fonts.conf'),
  args: [
    '--font-render-hinting=none',
    '--disable-lcd-text',
    // A frame of another process is painted later than the page around it.
    '--disable-site-isolation-trials',
  ],
};

const TALLEST = 4_000;

export type Opened = Awaited<ReturnType<ReturnType<typeof setUpBrowser>>>;

/** Opens the view in this state. */
export async function openState(open: ReturnType<typeof setUpBrowser>, state: State): Promise<Opened> {
  const { result, cancelled, answers, act, ready, isHostRefusing: isRefused } = state;
  const call = async ({ name }: { name: string }) => {
    const answer = answers?.[name] ?? (await new Promise<never>(() => {}));
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const opened = await open({ call: answers && call, isRefused });
  // A frame that grows with its content is painted in two steps.
  await opened.page.locator('iframe').evaluate((frame, height) => {
    frame.style.minHeight = `${height}px`;
  }, TALLEST);
  await opened.view.locator('html').evaluate((html, styles) => {
    for (const [property, value] of Object.entries(styles)) html.style.setProperty(property, value);
  }, STYLES);
  if (cancelled !== undefined) await opened.send('cancelled', { reason: cancelled });
  if (result) await opened.show(result, { clusterId: 'orders' });
  await act?.(opened.view);
  await opened.view.getByText(ready).first().waitFor();
  return opened;
}

export async function screenshot(
  { page, send, view }: Opened,
  { isHostRefusing, beginsWith = TALLEST }: State,
  { theme, width }: Variant,
): Promise<Buffer> {
  // What lies outside of it is not laid out.
  await page.setViewportSize({ width, height: TALLEST });
  if (!isHostRefusing) {
    await send('context', { theme });
    await view.locator(`html[data-theme=${theme}]`).waitFor();
  }
  const height = await view.locator('body').evaluate(async (body, width) => {
    while (innerWidth !== width) await new Promise(requestAnimationFrame);
    for (let frames = 0; frames < 2; frames += 1) await new Promise(requestAnimationFrame);
    return Math.ceil(body.getBoundingClientRect().height);
  }, width);
  const clip = { x: 0, y: 0, width, height: Math.min(height, beginsWith) };
  return page.screenshot({ clip, caret: 'initial' });
}
