import type * as z from 'zod';
import { sentences } from '../../text/sentences.ts';

export interface Moment {
  at: string;
  given: string;
  time: string;
}

const RELATIVE = /^"?(?:now|-(\d{1,9})([smhd]))"?$/i;
const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Only where the schema accepts a time but not this text. */
export function timeIn(given: unknown, schema: z.core.$ZodType, now: number): string | undefined {
  const [text, amount = '0', unit = 's'] = (typeof given === 'string' && RELATIVE.exec(given.trim())) || [];
  if (text === undefined) return undefined;
  const time = new Date(Math.max(0, now - Number(amount) * (UNITS_MS[unit.toLowerCase()] ?? 0))).toISOString();
  const { safeParse } = schema as z.ZodType;
  return !safeParse(text).success && safeParse(time).success ? time : undefined;
}

/**
 * Consent to "-45m" is consent to that moment, so it carries the time from which the age counts. That time is not
 * signed: a different one yields different arguments, which the consent does not cover.
 */
export function dated(agreement: string, moments: readonly Moment[], now: number): string {
  return moments.length === 0 ? agreement : `${agreement}.${now.toString(36)}`;
}

const DATED = /^(.*)\.([\da-z]{8,9})$/s;

export function undated(agreement: string): { agreement: string; now?: number } {
  const [, bare, time] = DATED.exec(agreement) ?? [];
  if (bare === undefined || time === undefined) return { agreement };
  return { agreement: bare, now: Number.parseInt(time, 36) };
}

type Fields = Record<string, unknown>;

export function withMoments(answer: Fields, moments: readonly Moment[], now: number): Fields {
  if (moments.length === 0) return answer;
  const { confirmationToken, outcome, note } = answer;
  const goesOn = outcome === 'needs_confirmation' || outcome === 'preview';
  const words = moments.map(
    ({ at, given, time }) => `${at} "${given}" is ${time}${goesOn ? '; send that time in the next call' : ''}.`,
  );
  return {
    ...answer,
    ...(typeof confirmationToken === 'string' && { confirmationToken: dated(confirmationToken, moments, now) }),
    note: sentences(typeof note === 'string' && note, ...words),
  };
}
