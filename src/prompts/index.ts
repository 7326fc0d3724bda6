import { clusterPrompts } from './clusters.ts';
import { contentPrompts } from './contents.ts';
import type { Prompt } from './prompt.ts';

/** All prompts, in the order in which clients see them. */
export const prompts: readonly Prompt[] = [...clusterPrompts, ...contentPrompts];
