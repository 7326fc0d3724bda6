/** Characters that are invisible or alter the display of others. Allows U+FE0F, which emoji need. */
const HIDDEN =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|[\u115f\u1160\u3164\uffa0]|\u034f|\u17b4|\u17b5|[\u{fe00}-\u{fe0e}]|[\u{e0100}-\u{e01ef}]/gu;
const HIDDEN_IN_JSON = new RegExp(String.raw`\\[bfnrt]|\\u00|${HIDDEN.source}`, 'u');

/** Escapes them in foreign text, as in `\u{202E}`. */
export function visible(text: string): string {
  return text.replace(HIDDEN, spelled);
}

const spelled = (char: string) => `\\u{${char.codePointAt(0)?.toString(16).toUpperCase()}}`;

/** What Markdown, HTML or a pair of quotes could take for its own; an underscore only at the edge of a word. */
const MARKUP = /["\\<>&*`[\]~]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;

/** A foreign name in a sentence, which it cannot end, extend or mark up, wherever that is shown. */
export function quoted(text: string): string {
  return `"${visible(text.replace(MARKUP, spelled))}"`;
}

export function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n');
}

/** Redacts and escapes each string. `json` serializes `data`. */
export function presentable<T>(data: T, hide: (text: string) => string): { data: T; json: string } {
  const json = JSON.stringify(data) ?? 'null';
  if (hide(json) === json && !HIDDEN_IN_JSON.test(json)) return { data, json };
  const shown = shownIn(data, (text) => visible(hide(text)));
  return { data: shown, json: JSON.stringify(shown) };
}

function shownIn<T>(value: T, show: (text: string) => string): T;
function shownIn(value: unknown, show: (text: string) => string): unknown {
  if (typeof value === 'string') return show(value);
  if (Array.isArray(value)) return value.map((item) => shownIn(item, show));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shownIn(item, show)]));
}

export function cut(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max)}…` : text;
}
