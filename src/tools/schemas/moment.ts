import * as z from 'zod';

/**
 * A time as the API takes it, in UTC. How long ago a time is ("-45m") is resolved where arguments are read, so that all
 * that follows has the same moment, whatever it takes.
 */
export const moment = z
  .string()
  .refine(
    (value) =>
      /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/i.test(value) && !Number.isNaN(Date.parse(value)),
    'must be an ISO 8601 time with its zone, like 2026-03-04T05:06:07Z, or an age: -30m, -2h, -7d, now',
  )
  // The API takes fewer forms of it.
  .transform((value) => new Date(value).toISOString());
