import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.join(import.meta.dirname, '../..');
export const textOf = (file: string) => readFileSync(path.join(root, file), 'utf8');

const filesIn = (folder: string, extension: string) =>
  existsSync(path.join(root, folder))
    ? readdirSync(path.join(root, folder))
        .filter((name) => name.endsWith(extension))
        .sort()
        .map((name) => `${folder}/${name}`)
    : [];

export interface Page {
  /** Below the root. */
  file: string;
  text: string;
}

/** Every page of the documentation. */
export const pages: readonly Page[] = [
  ...['README.md', 'CHANGELOG.md'].filter((file) => existsSync(path.join(root, file))),
  ...filesIn('docs', '.md'),
  ...filesIn('.github', '.md'),
].map((file) => ({ file, text: textOf(file) }));

export const pageOf = (file: string) => pages.find((page) => page.file === file)?.text ?? '';

/** The entries of clients in docs/examples. */
export const exampleEntries = filesIn('docs/examples', '.json');

export interface Block {
  page: string;
  language: string;
  text: string;
}

/** The fenced blocks of all pages. */
export const blocks: readonly Block[] = pages.flatMap(({ file, text }) =>
  [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language = '', block = '']) => ({
    page: file,
    language,
    text: block,
  })),
);

export const blocksOf = (language: string) => blocks.filter((block) => block.language === language);

/** What is not in a fenced block. */
export const proseOf = (text: string) => text.replace(/^```.*?^```$/gms, '');

/** The text below a heading of a page, down to the next one that is not below it. */
export function section(file: string, heading: string): string {
  const page = pageOf(file);
  const [marks] = heading.split(' ');
  const start = page.indexOf(`\n${heading}\n`);
  if (start < 0) throw new Error(`${file} has no heading ${heading}`);
  const text = page.slice(start + heading.length + 2);
  const end = text.search(new RegExp(`^#{1,${marks?.length}} `, 'm'));
  return end < 0 ? text : text.slice(0, end);
}

/** The cells of each table in a text, its head first. */
export function tablesIn(text: string): string[][][] {
  return [...text.matchAll(/^\|.*(?:\n\|.*)*/gm)].map(([table]) =>
    table
      .split('\n')
      .filter((line) => !/^[|\s-]+$/.test(line))
      .map((line) => line.split('|').slice(1, -1))
      .map((cells) => cells.map((cell) => cell.trim())),
  );
}

/** The cells of each row in a text's tables, without the heads. */
export const rowsIn = (text: string) => tablesIn(text).flatMap(([, ...rows]) => rows);

/** What stands between backticks. */
export const code = (cell: string | undefined) =>
  [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, words = '']) => words);

const unquoted = (word: string) => word.replace(/["']/g, '');

export interface Command {
  page: string;
  words: string[];
}

/** Each command of the shell blocks, in words. */
export const commands: readonly Command[] = blocksOf('sh').flatMap(({ page, text }) =>
  text
    .replaceAll('\\\n', ' ')
    .split(/\n| && /)
    .map((line) => (line.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? []).map(unquoted))
    .filter((words) => words.length > 0)
    .map((words) => ({ page, words })),
);
