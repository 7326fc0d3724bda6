const MINUTE = 60_000;
const MAX_KINDS = 1_000;

export type Omitted = { omitted?: number };

export function createThinner(perMinute: number): (kind: string) => Omitted | undefined {
  const kinds = new Map<string, { since: number; shown: number; omitted: number }>();
  return (kind) => {
    let seen = kinds.get(kind);
    if (!seen || Date.now() - seen.since >= MINUTE) {
      // Moves it to the end, so that the first is the oldest.
      kinds.delete(kind);
      const [oldest] = kinds.keys();
      if (kinds.size >= MAX_KINDS && oldest !== undefined) kinds.delete(oldest);
      seen = { since: Date.now(), shown: 0, omitted: seen?.omitted ?? 0 };
      kinds.set(kind, seen);
    }
    if (seen.shown >= perMinute) {
      seen.omitted += 1;
      return undefined;
    }
    seen.shown += 1;
    const { omitted } = seen;
    seen.omitted = 0;
    return omitted > 0 ? { omitted } : {};
  };
}
