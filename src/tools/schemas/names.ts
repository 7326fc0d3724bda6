import * as z from 'zod';
import { quoted, seen, visible } from '../../text/visible.ts';

/** PostgreSQL's own limit. */
const MAX_LENGTH = 63;

/** How a character that hides is shown, and within quotes one that marks up. */
const SPELLED = /\\u\{([\dA-F]{1,6})\}/g;

/** What could lead elsewhere on the way to the API, however a gateway decodes it. */
const UNSENDABLE = /[/\\%]|\p{Cc}/u;

/** What a gateway could take for a dot segment, of which it drops what follows a semicolon. */
const DOTS = /^\.{1,2}(;|$)/;

/** A name as a gateway could read it that is generous with Unicode. */
const generously = (value: string) => seen(value.normalize('NFKC')).trim();

/** Any text that keeps its place in a path. */
const segment = z
  .string()
  .min(1, 'must not be empty')
  .max(MAX_LENGTH)
  .refine((value) => !DOTS.test(generously(value)), 'is a path segment such as . or .., which gateways drop')
  .refine((value) => !/\p{Cs}/u.test(value), 'contains half of a surrogate pair')
  .refine(
    (value) => ![value, generously(value)].some((each) => UNSENDABLE.test(each)),
    'contains a /, \\, % or control character, which this server does not send in a path; manage such names with SQL',
  );

/** The name that a user or a database gets. */
export const newName = segment.refine(
  (value) => unspelled(value) === value,
  'contains an escape such as \\u{200B}, reserved for showing invisible characters',
);

/** The name of one that is there, as lists show it: what hides in it is spelled out. */
export const name = z.string().transform(unspelled).pipe(segment);

/** What plans, lists and errors spell out, as the character that it stands for. */
export function unspelled(shown: string): string {
  return shown.replace(SPELLED, (spelled, code) => {
    const point = Number.parseInt(code, 16);
    const char = point > 0x10ffff ? '' : String.fromCodePoint(point);
    return visible(char) === spelled || quoted(char) === `"${spelled}"` ? char : spelled;
  });
}
