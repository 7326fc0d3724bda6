import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const html = readFileSync(path.join(import.meta.dirname, '../../dist/app.html'), 'utf8');

test('the view is one file of at most 60 kB', () => {
  expect(Buffer.byteLength(html)).toBeGreaterThan(20_000);
  expect(Buffer.byteLength(html)).toBeLessThanOrEqual(60_000);
});

test('it has no handler in its text, and no address but those that name formats', () => {
  expect(html.match(/<[^<>]* on\w+=/)).toBeNull();
  const addresses = [...html.matchAll(/https?:\/\/[^"'`\s]*/g)].map(([address]) => address);
  expect(addresses.filter((each) => !each.startsWith('http://www.w3.org/'))).toEqual([]);
});

test('its source reads no text as HTML or as code', () => {
  const folder = path.join(import.meta.dirname, '../../src/app');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file));
  expect(files.length).toBeGreaterThan(10);
  for (const file of files) {
    const source = readFileSync(path.join(folder, file), 'utf8');
    expect(
      source.match(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function/i),
      file,
    ).toBeNull();
  }
});
