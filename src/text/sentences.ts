/** One after the other. What is missing or false is left out; empty if all of it is. */
export const sentences = (...parts: readonly (string | false | undefined)[]): string =>
  parts.filter((part) => typeof part === 'string' && part !== '').join(' ');
