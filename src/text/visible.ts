/**
 * Characters that are invisible or change how others appear: controls, separators, soft hyphens, joiners, fillers,
 * selectors, marks that reverse the direction of text, tags that can hide sentences, surrogates, and unassigned or
 * private ones.
 */
const HIDDEN = /[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu;
/** Finding candidates first: a search by property takes ten times as long. */
const SPECIAL = /[^ -~]+/gu;

/** Escapes them in foreign text, as in `\u{202E}`. */
export function visible(text: string): string {
  return text.replace(SPECIAL, (some) => some.replace(HIDDEN, spelledOut));
}

const spelledOut = (char: string) => `\\u{${char.codePointAt(0)?.toString(16).toUpperCase()}}`;

/** What Markdown, HTML or quotation marks could interpret; an underscore only at the edge of a word. */
const MARKUP = /["\\<>&*`[\]~]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;

/** A foreign name within a sentence, which it cannot end, extend or mark up. */
export function quoted(text: string): string {
  return `"${visible(text.replace(MARKUP, spelledOut))}"`;
}

const MAX_EXCERPT = 100;

/** The same for one of any length. */
export const excerpt = (text: string) => quoted(cut(text, MAX_EXCERPT));

/** The text, and how lists and plans show it. */
export const spellingsOf = (text: string) => [text, visible(text), quoted(text).slice(1, -1)];

export const literal = (text = '') => visible(JSON.stringify(text));

export function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n');
}

export function seen(text: string): string {
  return text.replace(SPECIAL, (some) => some.replace(HIDDEN, ''));
}

/** Nothing invisible leaves the process, whether in a value or in a key. */
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
