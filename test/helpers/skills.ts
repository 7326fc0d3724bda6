import { readFile } from 'node:fs/promises';

/** As the source has it; the built program reads its own copy. */
export const skillText = (folder: string) =>
  readFile(new URL(`../../src/prompts/${folder}/SKILL.md`, import.meta.url), 'utf8');
