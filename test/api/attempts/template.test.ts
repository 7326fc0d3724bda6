import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { templateOf } from '../../../src/api/attempts/template.ts';

const src = path.join(import.meta.dirname, '../../../src');

/** What is written as a path of an API, anywhere in the source. */
const written = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) => [...readFileSync(path.join(src, file), 'utf8').matchAll(/(?<![\w/])path`([^`\n]+)`/g)])
  .map(([, literal = '']) => literal);

test.each([...new Set(written)])('%s keeps its words', (literal) => {
  expect(templateOf(literal)).toBe(literal.replace(/\$\{[^}]*\}/g, '{id}'));
});

test.each([
  ['clusters/backups', 'clusters/backups'],
  ['infos/versions', 'infos/versions'],
  ['datacenters/d1/networkloadbalancers', 'datacenters/{id}/networkloadbalancers'],
  ['clusters/c1/databases/orders', 'clusters/{id}/databases/{id}'],
  ['unknown-word/c1', '{id}/{id}'],
])('%s is %s', (given, template) => {
  expect(templateOf(given)).toBe(template);
});
