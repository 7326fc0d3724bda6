import { expect, test } from 'vitest';
import { readNoProxy } from '../../src/api/no-proxy.ts';

test.each([
  ['api.example', true],
  ['other.example, API.example', true],
  ['.example', true],
  ['*.example', true],
  ['example', true],
  ['*', true],
  ['api.example:443', true],
  ['api.example:8443', false],
  ['pi.example', false],
  ['other.example', false],
  ['', false],
  ['::1', false],
])('NO_PROXY=%s leaves api.example to itself: %s', (text, expected) => {
  expect(readNoProxy(text)({ host: 'api.example', port: 443 })).toBe(expected);
});

test.each(['2001:db8::1', '[2001:db8::1]', '[2001:db8::1]:443'])('NO_PROXY=%s names an address', (text) => {
  expect(readNoProxy(text)({ host: '2001:db8::1', port: 443 })).toBe(true);
});
