const MAX_TEXT = 100;
const MAX_NAME = 60;
const MOST_NAMED = 20;

const beginning = (text: string, max: number) => JSON.stringify(text.length > max ? `${text.slice(0, max)}…` : text);

/** A text of the caller or of the API within a sentence that must not grow with it. */
export const shown = (text: string) => beginning(text, MAX_TEXT);

/** Names of which the API can have any number. */
export function listed(names: readonly string[]): string {
  const words = names.slice(0, MOST_NAMED).map((name) => beginning(name, MAX_NAME));
  const more = names.length - words.length;
  return more > 0 ? `${words.join(', ')} and ${more} more` : words.join(', ');
}
