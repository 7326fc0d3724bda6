// Puts the package.json of what is published in the place of the repository's, and back: npm pack calls it. The program
// brings its libraries along, and an install must not fetch them again.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '../..');
const manifest = path.join(root, 'package.json');
const kept = path.join(root, 'package.json.kept');

function publish() {
  const ours = readFileSync(manifest, 'utf8');
  const { private: _, type, scripts, dependencies, devDependencies, ...published } = JSON.parse(ours);
  writeFileSync(kept, ours);
  writeFileSync(manifest, `${JSON.stringify(published, null, 2)}\n`);
}

const [, , step] = process.argv;
// Also what an npm pack that was broken off has left.
if (existsSync(kept)) renameSync(kept, manifest);
if (step === 'publish') publish();
