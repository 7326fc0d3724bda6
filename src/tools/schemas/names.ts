import * as z from 'zod';
import { quoted, seen, visible } from '../../text/visible.ts';

/** PostgreSQL's own limit. */
const MAX_LENGTH = 63;

/** How invisible characters are shown, and markup within quotes. */
const SPELLED = /\\u\{([\dA-F]{1,6})\}/g;

/** Could redirect the request, depending on how a gateway decodes it. */
const UNSENDABLE = /[/\\%]|\p{Cc}/u;

/** A gateway may treat these as dot segments, ignoring what follows a semicolon. */
const DOTS = /^\.{1,2}(;|$)/;

/** As a gateway that normalizes Unicode could read the name. */
const generously = (value: string) => seen(value.normalize('NFKC')).trim();

/** Whether a path with the name would leave its place, read that way. */
function hasDots(value: string): boolean {
  const read = generously(value);
  const decoded = read.replace(/%([\da-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return [read, decoded].some((each) => each.split(/[/\\]/).some((part) => DOTS.test(part.trim())));
}

const segment = z
  .string()
  .min(1, 'must not be empty')
  .max(MAX_LENGTH)
  .refine((value) => !hasDots(value), 'is a path segment such as . or .., which gateways drop')
  .refine((value) => !/\p{Cs}/u.test(value), 'contains half of a surrogate pair')
  .refine(
    (value) => !UNSENDABLE.test(value),
    'contains a /, \\, % or control character, which this server does not send in a path; manage such names with SQL',
  );

export const newName = segment.refine(
  (value) => unspelled(value) === value,
  'contains an escape such as \\u{200B}, reserved for showing invisible characters',
);

/** An existing name, possibly with the escapes that lists show. */
export const name = z.string().transform(unspelled).pipe(segment);

/** Turns the escapes of plans, lists and errors back into characters. */
export function unspelled(shown: string): string {
  return shown.replace(SPELLED, (spelled, code) => {
    const point = Number.parseInt(code, 16);
    const char = point > 0x10ffff ? '' : String.fromCodePoint(point);
    return visible(char) === spelled || quoted(char) === `"${spelled}"` ? char : spelled;
  });
}
