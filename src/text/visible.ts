/**
 * Characters that show as nothing or change how others show: controls, which a terminal may obey, line separators, soft
 * hyphens, joiners, fillers, selectors, marks that turn the direction of text, tags in which whole sentences hide, halves
 * of characters, and what has no meaning yet or none that is agreed on.
 */
const HIDDEN = /[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu;
/** Where one of them can be: a search by properties takes ten times as long. */
const SPECIAL = /[^ -~]+/gu;

/** Escapes them in foreign text, as in `\u{202E}`. */
export function visible(text: string): string {
  return text.replace(SPECIAL, (some) => some.replace(HIDDEN, spelledOut));
}

const spelledOut = (char: string) => `\\u{${char.codePointAt(0)?.toString(16).toUpperCase()}}`;

/** What Markdown, HTML or a pair of quotes could take for its own; an underscore only at the edge of a word. */
const MARKUP = /["\\<>&*`[\]~]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;

/** A foreign name in a sentence, which it cannot end, extend or mark up, wherever that is shown. */
export function quoted(text: string): string {
  return `"${visible(text.replace(MARKUP, spelledOut))}"`;
}

/** A foreign text as a literal of JSON, in one line. */
export const literal = (text = '') => visible(JSON.stringify(text));

/** The same for a text of several lines, which stay lines. */
export function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n');
}

/** What is seen of a text: such characters left out. */
export function seen(text: string): string {
  return text.replace(SPECIAL, (some) => some.replace(HIDDEN, ''));
}

/** Plain data and its JSON as they may leave the process: nothing hidden in any text, be it a value or a key. */
export function presentable<T>(data: T): { data: T; json: string } {
  const json = JSON.stringify(data) ?? 'null';
  // JSON itself writes some of them as escapes.
  if (!/\\[bfnrtu]/.test(json) && visible(json) === json) return { data, json };
  const shown = shownIn(data);
  return { data: shown, json: JSON.stringify(shown) };
}

function shownIn<T>(value: T): T;
function shownIn(value: unknown): unknown {
  if (typeof value === 'string') return visible(value);
  if (Array.isArray(value)) return value.map((item) => shownIn(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [visible(key), shownIn(item)]));
}

export function cut(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max)}…` : text;
}
