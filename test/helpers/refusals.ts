import { expect } from 'vitest';

/** The body of an answer that an OAuth client reads: both are texts. */
export const told = (error: string) =>
  expect.stringMatching(new RegExp(`^{"error":"${error}","error_description":"[^"\\\\]+"}$`));

/** A challenge with these parameters, and for an error its description. */
export const challengeOf = (error: string, others: string) => {
  const words = error && `error="${error}", error_description="[^"\\\\]+", `;
  return expect.stringMatching(new RegExp(`^Bearer ${words}${others.replace(/[.?]/g, '\\$&')}$`));
};
