/** The path of a value in a file: keys, and indices for lists. */
export type Route = readonly (string | number)[];

/** A file format that is edited in place, so that comments and layout survive. */
export interface Syntax {
  /** Whether a value inside of a server's entry can be set by itself. */
  isByPart: boolean;
  /** Throws ConfigError with line and column; `file` is the path to name in it. An empty file is an empty object. */
  parse(text: string, file: string): Record<string, unknown>;
  /** Adds or replaces the value. Throws ConfigError if a value on the way is of the wrong kind. */
  set(text: string, route: Route, value: unknown, file: string): string;
  /** Removes the value. */
  remove(text: string, route: Route): string;
}

/** As editors count, from 1. */
export function placeIn(text: string, offset: number): string {
  const lines = text.slice(0, offset).split('\n');
  return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
}

export const lineBreakOf = (text: string) => (text.includes('\r\n') ? '\r\n' : '\n');

export function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (value === null) return 'null';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

export function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** Deep equality that ignores the order of keys and the prototypes of objects. */
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
