// What npm pack publishes in the place of the repository's files, and the way back. The published package.json names no
// libraries, since dist holds them and an install is to fetch nothing, and no scripts, since none could run there.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };

const root = path.join(import.meta.dirname, '../..');

const REPOSITORY = packageJson.repository.url.replace(/^git\+|\.git$/g, '');
const TAG = `v${packageJson.version}`;
const PAGES = `${REPOSITORY}/blob/${TAG}/`;
const PICTURES = `${REPOSITORY.replace('https://github.com/', 'https://raw.githubusercontent.com/')}/${TAG}/`;

/** A page at the root, with its links to other files leading to the tag of this version in the repository. */
export const withAbsoluteLinks = (page: string) =>
  page.replace(
    /(!?)(\[[^\]]*\])\((?!https?:|mailto:|#)([^)\s]+)\)/g,
    (_, picture: string, words: string, target: string) => `${picture}${words}(${picture ? PICTURES : PAGES}${target})`,
  );

function publishedManifest(ours: string): string {
  const { private: _, scripts, dependencies, devDependencies, ...published } = JSON.parse(ours);
  return `${JSON.stringify(published, null, 2)}\n`;
}

const PUBLISHED: Readonly<Record<string, (ours: string) => string>> = {
  'package.json': publishedManifest,
  'README.md': withAbsoluteLinks,
  'CHANGELOG.md': withAbsoluteLinks,
};

// Not with a name that begins like theirs: npm packs every README.*
const pathsOf = (name: string) => ({ file: path.join(root, name), kept: path.join(root, `kept.${name}`) });

/** Also mends what an npm pack that was broken off has left. */
export function restore(): void {
  const replaced = Object.entries(PUBLISHED).filter(([name]) => existsSync(pathsOf(name).kept));
  for (const [name, publish] of replaced) {
    const { file, kept } = pathsOf(name);
    if (readFileSync(file, 'utf8') !== publish(readFileSync(kept, 'utf8'))) {
      throw new Error(
        `An npm pack was broken off, and ${name} was changed since. kept.${name} is the one of before: put what is new into it, and rename it to ${name}.`,
      );
    }
  }
  for (const [name] of replaced) renameSync(pathsOf(name).kept, pathsOf(name).file);
}

const [, program, step] = process.argv;
if (program === import.meta.filename) {
  restore();
  if (step === 'publish') {
    for (const [name, publish] of Object.entries(PUBLISHED)) {
      const { file, kept } = pathsOf(name);
      const ours = readFileSync(file, 'utf8');
      writeFileSync(kept, ours);
      writeFileSync(file, publish(ours));
    }
  }
}
