import { type Complete, completeClusterId } from '../tools/completions.ts';

interface Argument {
  name: string;
  title: string;
  description: string;
  required: boolean;
  complete?: Complete;
}

/** A task that a person can choose, in words for the assistant. It knows nothing of MCP; server.ts offers it to clients. */
export interface Prompt {
  name: string;
  title: string;
  description: string;
  arguments: readonly Argument[];
  /** The tools it takes: without one of them it is not offered. */
  tools: readonly string[];
  /** `has` says of other tools whether they are offered. */
  text(given: Record<string, string | undefined>, has: (tool: string) => boolean): string;
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

/** What a person gave, as a quotation; nothing where he gave nothing. */
export function said(words: (value: string) => string, value: string | undefined): string[] {
  return value === undefined ? [] : [words(JSON.stringify(value))];
}
