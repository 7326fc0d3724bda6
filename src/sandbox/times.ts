export const DAY = 86_400_000;

/** RFC 3339 without fractional seconds, as the API does. */
export function date(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+/, '');
}

/** Oldest first. */
export type Timeline<T> = [since: number, value: T][];

/** The value just before `time`, or the first one. */
export function before<T>(timeline: Timeline<T>, time: number): T {
  const found = timeline.findLast(([since]) => since < time) ?? timeline[0];
  if (!found) throw new Error('an empty timeline');
  return found[1];
}

export function latest<T>(timeline: Timeline<T>): T {
  return before(timeline, Infinity);
}
