/** Where a value stands in a file: keys, and for a list the number of the element. */
export type Route = readonly (string | number)[];

/** A language for settings whose files are changed in place, so that comments and layout stay. */
export interface Syntax {
  /** Throws ConfigError with line and column; `file` is its path, for that. A file without content holds nothing. */
  parse(text: string, file: string): Record<string, unknown>;
  /** The text with this value there, in place of any other. Throws ConfigError if what is on the way holds none. */
  set(text: string, route: Route, value: unknown, file: string): string;
  /** The text without what stands there. */
  remove(text: string, route: Route): string;
}

/** As counted by editors, from 1. */
export function placeIn(text: string, offset: number): string {
  const lines = text.slice(0, offset).split('\n');
  return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
}

/** The line break that a text uses. */
export const lineBreakOf = (text: string) => (text.includes('\r\n') ? '\r\n' : '\n');

export function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (value === null) return 'null';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

export function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** Whether two values say the same, whatever the order of their keys and the kind of their objects. */
export function isSame(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((value, index) => isSame(value, other[index]));
  }
  if (one instanceof Date && other instanceof Date) return String(one) === String(other);
  if (!isTable(one) || !isTable(other)) return Object.is(one, other);
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isSame(one[key], other[key]))
  );
}
