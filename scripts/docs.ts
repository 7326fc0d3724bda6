// Writes what is generated in the documentation, the tables of settings and parts of the demo: npm run docs
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PICTURE, pictureOf, runDemo, TRANSCRIPT_PAGE, withTranscript } from './recording.ts';
import { PAGE, withTables } from './settings-tables.ts';

const fileOf = (name: string) => path.join(import.meta.dirname, '..', name);
const rewrite = (name: string, change: (text: string) => string) =>
  writeFileSync(fileOf(name), change(readFileSync(fileOf(name), 'utf8')));

rewrite(PAGE, withTables);
const output = await runDemo();
rewrite(TRANSCRIPT_PAGE, (page) => withTranscript(page, output));
writeFileSync(fileOf(PICTURE), pictureOf(output));
