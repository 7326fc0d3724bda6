import type { Prompt } from '../case.ts';
import { ambiguous } from './ambiguous.ts';
import { english } from './english.ts';
import { german } from './german.ts';
import { outside } from './outside.ts';

export const prompts: readonly Prompt[] = [...english, ...outside, ...german, ...ambiguous];
