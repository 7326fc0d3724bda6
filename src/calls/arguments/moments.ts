import type * as z from 'zod';

/** An argument that said how long ago a time is. */
export interface Moment {
  /** For example fromBackup.recoveryTargetTime */
  at: string;
  given: string;
  /** ISO 8601, UTC */
  time: string;
}

const RELATIVE = /^"?(?:now|-(\d{1,9})([smhd]))"?$/i;
const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The time that a text like -45m means, where the rule takes the time alone. */
export function timeIn(given: unknown, schema: z.core.$ZodType, now: number): string | undefined {
  const [text, amount = '0', unit = 's'] = (typeof given === 'string' && RELATIVE.exec(given.trim())) || [];
  if (text === undefined) return undefined;
  const time = new Date(Math.max(0, now - Number(amount) * (UNITS_MS[unit.toLowerCase()] ?? 0))).toISOString();
  const { safeParse } = schema as z.ZodType;
  return !safeParse(text).success && safeParse(time).success ? time : undefined;
}

/**
 * An agreement to "-45m" is one to that moment, and the call that brings it back must not be to a later one. So where
 * arguments have such times, the agreement carries from when they count. The time is not signed: with another one the
 * arguments are others, and the agreement is not to them.
 */
export function dated(agreement: string, moments: readonly Moment[], now: number): string {
  return moments.length === 0 ? agreement : `${agreement}.${now.toString(36)}`;
}

const DATED = /^(.*)\.([\da-z]{8,9})$/s;

/** The agreement alone, and from when times count in a call that brings it back. */
export function undated(agreement: string): { agreement: string; now?: number } {
  const [, bare, time] = DATED.exec(agreement) ?? [];
  if (bare === undefined || time === undefined) return { agreement };
  return { agreement: bare, now: Number.parseInt(time, 36) };
}

type Fields = Record<string, unknown>;

/** What a write answers, with the moments that were meant and an agreement that is to these. */
export function withMoments(answer: Fields, moments: readonly Moment[], now: number): Fields {
  if (moments.length === 0) return answer;
  const { confirmationToken, outcome } = answer;
  const goesOn = outcome === 'needs_confirmation' || outcome === 'preview';
  const words = moments.map(
    ({ at, given, time }) => `${at} "${given}" is ${time}${goesOn ? '; send that time in the next call' : ''}.`,
  );
  return {
    ...answer,
    ...(typeof confirmationToken === 'string' && { confirmationToken: dated(confirmationToken, moments, now) }),
    note: [answer.note, ...words].filter((each) => typeof each === 'string').join(' '),
  };
}
