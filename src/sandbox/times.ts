export const DAY = 86_400_000;

/** RFC 3339 as the API writes it, without a fraction of a second. */
export function date(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+/, '');
}

/** What was true from when on, oldest first. */
export type Timeline<T> = [since: number, value: T][];

/** What was true just before a moment; its beginning where that is all there is. */
export function before<T>(timeline: Timeline<T>, time: number): T {
  const found = timeline.findLast(([since]) => since < time) ?? timeline[0];
  if (!found) throw new Error('an empty timeline');
  return found[1];
}

export function latest<T>(timeline: Timeline<T>): T {
  return before(timeline, Infinity);
}
