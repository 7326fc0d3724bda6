// The published package.json names no libraries, since dist holds them and an install is to fetch nothing. npm pack has it
// put in the place of the repository's, and back.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '../..');
const manifest = path.join(root, 'package.json');
const kept = path.join(root, 'package.json.kept');

function publishedFrom(ours: string): string {
  // The scripts stay: were npm pack to break off, the next one would need them to put things right.
  const { private: _, dependencies, devDependencies, ...published } = JSON.parse(ours);
  return `${JSON.stringify(published, null, 2)}\n`;
}

/** Also mends what an npm pack that was broken off has left. */
export function restore(): void {
  if (!existsSync(kept)) return;
  if (readFileSync(manifest, 'utf8') !== publishedFrom(readFileSync(kept, 'utf8'))) {
    throw new Error(
      'An npm pack was broken off, and package.json was changed since. package.json.kept is the one of before: put what is new into it, and rename it to package.json.',
    );
  }
  renameSync(kept, manifest);
}

const [, program, step] = process.argv;
if (program === import.meta.filename) {
  restore();
  if (step === 'publish') {
    const ours = readFileSync(manifest, 'utf8');
    writeFileSync(kept, ours);
    writeFileSync(manifest, publishedFrom(ours));
  }
}
