import { isBlank, LogText, type SecretStart } from './log-text.ts';

const HIDDEN = '[redacted]';

/** PostgreSQL logs statements that set a password as they were sent, and programs log how they connect. */
export function withoutPasswords(message: string): string {
  return redacted(new LogText(message));
}

/** Looks at each character a bounded number of times: anyone who can log in to a database writes this text. */
export function redacted(log: LogText): string {
  let shown = '';
  let done = 0;
  for (let start = log.startFrom(0); start; ) {
    const secret = secretAfter(log, start);
    const next = log.startFrom(start.after);
    if (secret) {
      // Only comments can precede it; one that contains such a word too is removed as well.
      const begin = next && next.at < secret.begin ? start.after : secret.begin;
      shown += log.text.slice(done, begin) + HIDDEN;
      done = secret.end;
    }
    start = next && next.at < done ? log.startFrom(done) : next;
  }
  return shown + log.text.slice(done);
}

interface Span {
  begin: number;
  end: number;
}

function secretAfter(log: LogText, start: SecretStart): Span | undefined {
  if (start.word === '://') return passwordInUrl(log, start.after);
  if (start.word === 'bearer' || start.word === 'basic') return credentials(log, start);
  return (start.word === 'password' ? literalAfter(log, start.after) : undefined) ?? assigned(log, start.after);
}

/** postgresql://user:x@host, to the last @ before a blank. */
function passwordInUrl(log: LogText, from: number): Span | undefined {
  const colon = log.skip(from, (char) => !isBlank(char) && char !== ':' && char !== '/' && char !== '@');
  if (log.at(colon) !== ':') return undefined;
  const end = log.lastAt(colon + 1);
  return end > colon + 1 ? { begin: colon + 1, end } : undefined;
}

const SHORTEST_CREDENTIALS = 8;
const isWord = (char: string) => /\w/.test(char);
const isOfToken = (char: string) => /[\w.~+/=-]/.test(char);

function credentials(log: LogText, { at, after }: SecretStart): Span | undefined {
  const begin = log.skip(after, isBlank);
  if (begin === after || isWord(log.at(at - 1))) return undefined;
  const end = log.skip(begin, isOfToken);
  return end - begin >= SHORTEST_CREDENTIALS ? { begin, end } : undefined;
}

/** PASSWORD 'x' in SQL, which can continue on the next line. */
function literalAfter(log: LogText, from: number): Span | undefined {
  const begin = log.gapEnd(log.at(from) === '"' ? from + 1 : from);
  const isEscaped = /e/i.test(log.at(begin)) && log.at(begin + 1) === "'";
  let end = literalEnd(log, begin);
  if (end === undefined) return undefined;
  for (let next = log.gapEnd(end); log.at(next) === "'" && log.find('\n', end) < next; next = log.gapEnd(end)) {
    end = quotedEnd(log, next, isEscaped ? ESCAPED : PLAIN);
  }
  return { begin, end };
}

/** A literal that is cut off extends to the end. */
function literalEnd(log: LogText, begin: number): number | undefined {
  const first = log.at(begin).toLowerCase();
  if (first === "'") return doublyQuotedEnd(log, begin) ?? quotedEnd(log, begin, PLAIN);
  if (first === 'e' && log.at(begin + 1) === "'") return quotedEnd(log, begin + 1, ESCAPED);
  if (first === 'u' && log.has("&'", begin + 1)) return quotedEnd(log, begin + 2, PLAIN);
  return first === '$' ? dollarQuotedEnd(log, begin) : undefined;
}

/** PostgreSQL's names are no longer. */
const LONGEST_TAG = 64;

function dollarQuotedEnd(log: LogText, begin: number): number | undefined {
  const tagEnd = log.skip(begin + 1, (char) => char !== '$' && !isBlank(char));
  if (log.at(tagEnd) !== '$') return undefined;
  if (tagEnd - begin > LONGEST_TAG) return log.text.length;
  const tag = log.text.slice(begin, tagEnd + 1);
  return Math.min(log.text.length, log.find(tag, tagEnd + 1) + tag.length);
}

function doublyQuotedEnd(log: LogText, begin: number): number | undefined {
  if (!log.has("''", begin)) return undefined;
  const end = log.find("'", begin + 2);
  const isClosed = log.has("''", end) || end === log.text.length;
  return end > begin + 2 && isClosed ? Math.min(log.text.length, end + 2) : undefined;
}

interface Escapes {
  isDoubled?: boolean;
  hasBackslash?: boolean;
}

const PLAIN: Escapes = { isDoubled: true };
const ESCAPED: Escapes = { isDoubled: true, hasBackslash: true };
const ASSIGNED: Escapes = { hasBackslash: true };

function quotedEnd(log: LogText, begin: number, { isDoubled = false, hasBackslash = false }: Escapes): number {
  const quote = log.at(begin);
  const isInside = (char: string) => char !== quote && !(hasBackslash && char === '\\');
  for (let place = log.skip(begin + 1, isInside); place < log.text.length; place = log.skip(place, isInside)) {
    const isPair = log.at(place) === '\\' || (isDoubled && log.at(place + 1) === quote);
    if (!isPair) return place + 1;
    place += 2;
  }
  return log.text.length;
}

const OPERATORS = ['=>', ':=', '=', ':'];
const isQuote = (char: string) => char === "'" || char === '"';
const isBare = (char: string) => !isBlank(char) && !',;&)\'"'.includes(char);

/** password=x, "password": "x", PGPASSWORD=x, also in JSON inside JSON. */
function assigned(log: LogText, from: number): Span | undefined {
  const quote = log.skip(from, isBackslash);
  const name = isQuote(log.at(quote)) ? quote + 1 : from;
  const sign = log.skip(name, isBlank);
  const operator = OPERATORS.find((each) => log.has(each, sign));
  if (operator === undefined) return undefined;
  const begin = log.skip(sign + operator.length, isBlank);
  const end = valueEnd(log, begin);
  return end > begin ? { begin, end } : undefined;
}

const isBackslash = (char: string) => char === '\\';

function valueEnd(log: LogText, begin: number): number {
  if (isQuote(log.at(begin))) return doublyQuotedEnd(log, begin) ?? quotedEnd(log, begin, ASSIGNED);
  const quote = log.skip(begin, isBackslash);
  return quote > begin && isQuote(log.at(quote)) ? nestedEnd(log, quote, quote - begin) : log.skip(begin, isBare);
}

/** The quotation marks have this many backslashes; one with fewer ends the enclosing text. */
function nestedEnd(log: LogText, begin: number, backslashes: number): number {
  const quote = log.at(begin);
  for (let place = begin + 1; place < log.text.length; ) {
    place = log.skip(place, (char) => char !== quote && char !== '\\');
    const sign = log.skip(place, isBackslash);
    if (log.at(sign) === quote && sign - place <= backslashes) return sign - place === backslashes ? sign + 1 : place;
    place = sign + 1;
  }
  return log.text.length;
}
