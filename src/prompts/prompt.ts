import { literal } from '../text/visible.ts';
import { type Complete, completeClusterId } from '../tools/completions.ts';

interface Argument {
  name: string;
  title: string;
  description: string;
  required: boolean;
  complete?: Complete;
}

export interface Prompt {
  name: string;
  title: string;
  arguments: readonly Argument[];
  /** What is asked for, a sentence a line. The steps are those of the skill. */
  opening(given: Record<string, string | undefined>): string[];
}

export const cluster = {
  name: 'cluster',
  title: 'Cluster',
  description: 'Its name or ID',
  required: true,
  complete: completeClusterId,
};

export const optional = (name: string, title: string, description: string) => ({
  name,
  title,
  description,
  required: false,
});

/** Quoted as a literal, so that it cannot pass for part of the prompt. */
export function said(words: (value: string) => string, value: string | undefined): string[] {
  return value === undefined ? [] : [words(literal(value))];
}
