// Writes the tables of flags and variables in the documentation: npm run docs
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PAGE, withTables } from './settings-tables.ts';

const file = path.join(import.meta.dirname, '..', PAGE);
writeFileSync(file, withTables(readFileSync(file, 'utf8')));
