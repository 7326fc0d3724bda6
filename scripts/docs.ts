// Writes what is generated in the documentation, the tables of settings and parts of the demo: npm run docs
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PICTURE, pictureOf, runDemo, TRANSCRIPT_PAGE, withoutChance, withTranscript } from './recording.ts';
import { PAGE, withTables } from './settings-tables.ts';

const fileOf = (name: string) => path.join(import.meta.dirname, '..', name);
const textOf = (name: string) => (existsSync(fileOf(name)) ? readFileSync(fileOf(name), 'utf8') : '');

/** Leaves a file alone that differs by chance alone, such as in the IDs of another run of the demo. */
function write(name: string, text: string) {
  if (withoutChance(text) !== withoutChance(textOf(name))) writeFileSync(fileOf(name), text);
}

writeFileSync(fileOf(PAGE), withTables(textOf(PAGE)));
const output = await runDemo();
write(TRANSCRIPT_PAGE, withTranscript(textOf(TRANSCRIPT_PAGE), output));
write(PICTURE, pictureOf(output));
