import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { setUpBrowser } from './view.ts';

const open = setUpBrowser();
const html = readFileSync(path.join(import.meta.dirname, '../../dist/app.html'), 'utf8');

test.each([
  ['as it is', html],
  ["in the body of a host's document", `<!DOCTYPE html><html><head></head><body>${html}</body></html>`],
])('the view runs and loads nothing more once it is there, %s', async (_, html) => {
  const { view, page, problems } = await open({ html });
  await view.getByText('Waiting for the result…').waitFor();
  expect(problems).toEqual([]);

  await view.locator('main').evaluate((main) => {
    const add = (name: string, attributes: Record<string, string>, text = '') => {
      const element = document.createElement(name);
      for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
      element.textContent = text;
      main.append(element);
    };
    add('script', {}, 'document.title = "ran"');
    add('img', { src: 'data:,', onerror: 'document.title = "ran"' });
    add('style', {}, 'body { visibility: hidden }');
    add('p', { style: 'visibility: hidden' });
    add('script', { src: 'https://elsewhere.test/' });
    add('iframe', { src: 'https://elsewhere.test/' });
  });

  const refused = ['script-src-elem', 'script-src-attr', 'style-src-elem', 'style-src-attr', 'frame-src'];
  const policies = () => problems.flatMap((each) => /^CSP: ([\w-]+)/.exec(each)?.[1] ?? []);
  await expect.poll(() => refused.filter((each) => !policies().includes(each))).toEqual([]);
  expect(problems.filter((each) => each.startsWith('request'))).toEqual([]);
  expect(await view.locator('html').evaluate(() => document.title)).not.toBe('ran');
  expect(await view.locator('body').evaluate((body) => getComputedStyle(body).visibility)).toBe('visible');
  expect(page.frames().map((frame) => frame.url())).not.toContain('https://elsewhere.test/');
  problems.length = 0;
});
