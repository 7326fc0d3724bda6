/** Results come from a server of any version, through a host: a value of another kind counts as missing. */
export type JsonFields = Readonly<Record<string, unknown>>;

export const fieldsOf = (value: unknown): JsonFields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonFields) : {};

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const MAX_TEXT = 4_000;

export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, MAX_TEXT) : undefined;

export const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

export const flagOf = (value: unknown): boolean | undefined => (typeof value === 'boolean' ? value : undefined);

/** Milliseconds since 1970. */
export function momentOf(value: unknown): number | undefined {
  const moment = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(moment) ? undefined : moment;
}

/** Any JSON on one line, as the value of a property. */
export function shownValue(value: unknown, number: (value: number) => string = String): string {
  if (value === undefined || value === null) return 'none';
  if (typeof value === 'string') return value.slice(0, MAX_TEXT);
  if (typeof value === 'number') return number(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.map((each) => shownValue(each, number)).join('; ') || 'none';
  return Object.entries(value)
    .map(([name, each]) => `${name} ${shownValue(each, number)}`)
    .join(', ')
    .slice(0, MAX_TEXT);
}
