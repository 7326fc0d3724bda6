import * as z from 'zod';

// the value is not repeated: what stands in the wrong place may be a token
export const wanted = (flag: string, rule: string) => ({
  error: ({ input }: { input?: unknown }) => `${flag} ${input === true ? 'needs a value:' : 'takes'} ${rule}`,
});

export const choice = <const Values extends readonly string[]>(flag: string, values: Values) =>
  z.enum(values, wanted(flag, `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`));

export const number = (flag: string, what: string, min: number, max: number, digits = /^\d*\.?\d+$/) =>
  text(flag, `${what} from ${min} to ${max}`, (value) => {
    return digits.test(value) && Number(value) >= min && Number(value) <= max;
  }).transform(Number);

export const wholeNumber = (flag: string, what: string, min: number, max: number) =>
  number(flag, what, min, max, /^\d+$/);

export const port = (flag: string) => wholeNumber(flag, 'a port', 0, 65_535);

export const address = (flag: string) =>
  text(flag, 'a host name or an IP address', (value) => /^[\w.:%-]+$/.test(value));

export const filled = (flag: string, rule: string) => text(flag, rule, (value) => value.trim() !== '');

export function text(flag: string, rule: string, isSound: (value: string) => boolean) {
  return z.string(wanted(flag, rule)).refine(isSound, wanted(flag, rule));
}

/** Of a flag that can be repeated, given as the values so far; the last of them without its value stands alone. */
export const several = <T extends z.ZodType>(item: T) => z.preprocess((value) => [value].flat(), z.array(item));

/** The same with several values in one, between commas. */
export function list(flag: string, rule: string, isSound: (value: string) => boolean) {
  const parts = (value: string) => value.split(',').map((part) => part.trim());
  const one = text(flag, rule, (value) => parts(value).every(isSound)).transform(parts);
  return several(one).transform((lists) => lists.flat());
}
