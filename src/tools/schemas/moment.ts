import * as z from 'zod';

const DATE = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?) ?(Z|[+-]\d\d(?::?\d\d)?)$/i;

/** In milliseconds since the epoch; undefined for any other text, and for a day that no month has. */
function timeIn(value: string): number | undefined {
  const [, year, month, day, time, zone = ''] = DATE.exec(value.trim()) ?? [];
  if (time === undefined) return undefined;
  const isThere = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
  const parsed = Date.parse(`${year}-${month}-${day}T${time}${/^[+-]\d\d$/.test(zone) ? `${zone}:00` : zone}`);
  return isThere && !Number.isNaN(parsed) ? parsed : undefined;
}

/**
 * ISO 8601, or as PostgreSQL prints a time with its zone. Ages ("-45m") are resolved when arguments are read, so that
 * every later step sees the same moment.
 */
export const moment = z
  .string()
  .refine(
    (value) => timeIn(value) !== undefined,
    'must be an ISO 8601 time with its zone, like 2026-03-04T05:06:07Z, or an age: -30m, -2h, -7d, now',
  )
  // The API accepts fewer forms.
  .transform((value) => new Date(timeIn(value) ?? Number.NaN).toISOString());
