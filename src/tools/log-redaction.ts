/** In the place of a password. */
const HIDDEN = '[redacted]';

/** What may stand between words in SQL. */
const GAP = String.raw`(?:\s|\/\*[^]{0,200}?\*\/|--[^\n]{0,200}\n)*`;
/** A text as SQL writes it; one that is cut off goes to the end. */
const TEXT = [
  "''[^']+(?:''|$)",
  String.raw`[eE]'(?:[^'\\]|''|\\[^])*(?:'|$)`,
  "(?:[uU]&)?'(?:[^']|'')*(?:'|$)",
  String.raw`\$([^$\s]*)\$[^]*?(?:\$\2\$|$)`,
].join('|');
/** The same as connection strings and JSON write it, where a backslash escapes. */
const QUOTED = String.raw`''[^']+(?:''|$)|'(?:[^'\\]|\\[^])*(?:'|$)|"(?:[^"\\]|\\[^])*(?:"|$)|[^\s,;&)'"]+`;

const RULES: readonly [pattern: RegExp, shown: string][] = [
  // PASSWORD 'x', also of a text that goes on in the next line
  [new RegExp(`(password"?${GAP})(?:${TEXT})(?:\\s*\\n\\s*'(?:[^']|'')*(?:'|$))*`, 'gi'), `$1${HIDDEN}`],
  // password=x, "password": "x", PGPASSWORD=x
  [new RegExp(`((?:password|passwd|pwd)["']?\\s*(?:=>|=|:)\\s*)(?:${QUOTED})`, 'gi'), `$1${HIDDEN}`],
  // postgresql://user:x@host, to the last @ before a blank
  [/(:\/\/[^\s:/@]{0,100}):\S{1,300}@/g, `$1:${HIDDEN}@`],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${HIDDEN}`],
];

/** Statements that set a password are logged as they were sent, and programs log how they connect. */
export function withoutPasswords(message: string): string {
  return RULES.reduce((text, [pattern, shown]) => text.replace(pattern, shown), message);
}
