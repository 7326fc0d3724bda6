import * as z from 'zod';

/** Times are milliseconds since the epoch. */
export interface Span {
  createdAt: number;
  readyAt: number;
  endedAt: number;
  /** For how long what it holds is kept. */
  keptFor: number;
}

const FIRST_BASE_WITHIN = 60_000;

export function createReach(now: () => number, settleMs: number) {
  const happened = (at: number, { endedAt }: Span) => at <= Math.min(now(), endedAt);

  return {
    isListed: (span: Span) => happened(span.readyAt, span),

    isGone: ({ endedAt, keptFor }: Span) => now() >= endedAt + keptFor,

    /** Rounded down to seconds, so that a client can request the time it was shown; undefined before the first base. */
    earliest(span: Span): number | undefined {
      const firstBase = span.readyAt + Math.min(settleMs, FIRST_BASE_WITHIN);
      if (!happened(firstBase, span)) return undefined;
      return Math.floor(Math.max(firstBase, now() - span.keptFor) / 1000) * 1000;
    },
  };
}

/** The time up to which a backup is restored. */
export const pastTime = (now: () => number) =>
  z.iso
    .datetime({ offset: true, abort: true })
    .refine((time) => Date.parse(time) <= now(), 'must not be in the future');
