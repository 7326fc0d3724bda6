import * as z from 'zod';

/** Ages ("-45m") are resolved when arguments are read, so that every later step sees the same moment. */
export const moment = z
  .string()
  .refine(
    (value) =>
      /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/i.test(value) && !Number.isNaN(Date.parse(value)),
    'must be an ISO 8601 time with its zone, like 2026-03-04T05:06:07Z, or an age: -30m, -2h, -7d, now',
  )
  // The API accepts fewer forms.
  .transform((value) => new Date(value).toISOString());
