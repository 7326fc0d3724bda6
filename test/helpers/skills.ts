import { readFile } from 'node:fs/promises';
import { prompts } from '../../src/prompts/index.ts';
import { skillOf } from '../../src/prompts/skill.ts';

/** As the source has it; the built program reads its own copy. */
export const skillText = (folder: string) =>
  readFile(new URL(`../../src/prompts/${folder}/SKILL.md`, import.meta.url), 'utf8');

export const SKILL_URIS = prompts.map(({ name }) => `skill://${skillOf(name)}/SKILL.md`);
