import { TOOLSETS, type Toolset } from '../../src/tools/toolsets.ts';

/** Every choice of toolsets, from none to all. */
export const CHOICES: readonly (readonly Toolset[])[] = TOOLSETS.reduce<Toolset[][]>(
  (choices, toolset) => choices.flatMap((choice) => [choice, [...choice, toolset]]),
  [[]],
);

/** Words that look like the name of a tool. */
export const toolWordsIn = (text: string): readonly string[] =>
  text.match(/\b(?:list|get|create|update|delete|restore|wait|estimate)_[a-z_]+/g) ?? [];
