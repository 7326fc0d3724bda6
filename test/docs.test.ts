import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import packageJson from '../package.json' with { type: 'json' };
import { tokensOf } from '../scripts/lint-tools.ts';
import { listing } from '../src/mcp/listing.ts';
import { metaOf } from '../src/mcp/views/apps.ts';
import { TOOLSETS } from '../src/tools/toolsets.ts';
import {
  type Block,
  blocks,
  exampleEntries,
  pageOf,
  pages,
  proseOf,
  root,
  rowsIn,
  section,
  textOf,
} from './helpers/pages.ts';

/** As GitHub makes them of headings. */
function anchorsIn(text: string): Set<string> {
  const seen = new Map<string, number>();
  const titles = [...proseOf(text).matchAll(/^#{1,6} (.+)$/gm)].map(([, title = '']) => title);
  return new Set(
    titles.map((title) => {
      const slug = title
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-');
      const count = seen.get(slug) ?? 0;
      seen.set(slug, count + 1);
      return count === 0 ? slug : `${slug}-${count}`;
    }),
  );
}

/** What a page points to: links, pictures, and those of HTML. */
const targetsIn = (text: string) =>
  [...proseOf(text).matchAll(/\]\(([^)\s]+)\)|\b(?:href|src|srcset)="([^"]+)"|^\[[^\]]+\]: (\S+)$/gm)].map(
    ([, markdown, html, reference]) => markdown ?? html ?? reference ?? '',
  );

const links = pages.flatMap(({ file, text }) => targetsIn(text).map((target) => ({ file, target })));
const inside = links.filter(({ target }) => !/^(https?|mailto):/.test(target));

/** The kinds of blocks that test/system/docs.test.ts takes apart; of text it knows each block. */
const KINDS = ['sh', 'json', 'text', 'mermaid'];

describe('the documentation', () => {
  test('begins with a README of 12 kB at most', () => {
    expect(statSync(path.join(root, 'README.md')).size).toBeLessThanOrEqual(12_000);
  });

  test.each(inside.map((link) => [`${link.file}: ${link.target}`, link] as const))(
    'leads to what exists: %s',
    (_, { file, target }) => {
      const [place = '', anchor] = target.split('#');
      const found = place === '' ? file : path.posix.join(path.posix.dirname(file), place);

      expect(found.startsWith('..'), 'leaves the repository').toBe(false);
      expect(existsSync(path.join(root, found)), found).toBe(true);
      if (anchor !== undefined) expect([...anchorsIn(textOf(found))]).toContain(anchor);
    },
  );

  test('tells what the list of tools costs', () => {
    const stated = Object.fromEntries(
      rowsIn(section('docs/tools.md', '## Toolsets')).map(([set = '', tokens = '']) => [
        set.replaceAll('`', ''),
        Number(tokens.replace(',', '')),
      ]),
    );
    const rounded = (tools: object[]) => Math.round(tokensOf({ tools }) / 10) * 10;
    const costOf = (set: string) =>
      rounded(listing.tools.filter(({ toolset }) => set === 'all' || toolset === set).map(({ listed }) => listed));
    const [, more] = /pays for (\d+) tokens more/.exec(section('docs/tools.md', '## Toolsets')) ?? [];
    const withMeta = listing.tools.map((tool) => ({ ...tool.listed, _meta: metaOf(tool, { confirm: 'costly' }) }));

    expect(stated).toEqual(Object.fromEntries(['all', ...TOOLSETS].map((set) => [set, costOf(set)])));
    expect(Number(more)).toBe(rounded(withMeta) - costOf('all'));
  });

  test('has an entry for this version in the changelog', () => {
    const versions = [...pageOf('CHANGELOG.md').matchAll(/^## \[([\d.]+)\] - (\d{4}-\d\d-\d\d|unreleased)$/gm)];
    expect(versions.map(([, version]) => version)).toContain(packageJson.version);
  });

  test('has examples that a test knows, and a page that leads to each', () => {
    const examples = readdirSync(path.join(root, 'docs/examples')).map((name) => `docs/examples/${name}`);
    const known = [
      ...exampleEntries,
      ...['ionos-config.yaml', 'ionos-config-sandbox.yaml', 'kubernetes.yaml', 'policy.jsonc', 'prices.jsonc'].map(
        (name) => `docs/examples/${name}`,
      ),
    ];
    const linked = inside.map(({ file, target }) => path.posix.join(path.posix.dirname(file), target));

    expect(examples.sort()).toEqual(known.sort());
    expect(linked).toEqual(expect.arrayContaining(examples));
  });

  test('has no link that this test does not see', () => {
    for (const { file, text } of pages) {
      const brackets = proseOf(text).match(/\]\(/g) ?? [];
      const seen = [...proseOf(text).matchAll(/\]\(([^)\s]+)\)/g)];
      expect(seen.length, file).toBe(brackets.length);
    }
  });

  test.each(blocks.map((block) => [`${block.page}: ${block.text.split('\n')[0]}`, block] as const))(
    'has blocks of known kinds alone: %s',
    (_, { language }: Block) => {
      expect(KINDS).toContain(language);
    },
  );

  test('names the Inspector that the tests run', () => {
    const inspectorIn = (text: string) => text.match(/@modelcontextprotocol\/inspector@[\d.]+/)?.[0];
    expect(inspectorIn(packageJson.scripts.inspector)).toBeDefined();
    expect(inspectorIn(textOf('README.md'))).toBe(inspectorIn(packageJson.scripts.inspector));
  });

  test('has a line for each folder of src', () => {
    const folders = readdirSync(path.join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const layout = textOf('.github/CONTRIBUTING.md');
    for (const { name } of folders) expect(layout).toMatch(new RegExp(`^src/${name}/ +\\S`, 'm'));
  });

  test('has no fence that opens no block', () => {
    for (const { file, text } of pages) {
      expect(proseOf(text), file).not.toMatch(/^\s*(```|~~~)|<pre/m);
      expect([...text.matchAll(/^```/gm)].length, file).toBe(2 * blocks.filter(({ page }) => page === file).length);
    }
  });
});
