import { type Decoded, decoded } from './decoding.ts';

/** passwordEnv holds the name of a variable. */
const SECRET_KEY = /password(?!Env$)|token|secret|authorization|^credentials$/i;

export function isSecretKey(key: PropertyKey): boolean {
  return SECRET_KEY.test(String(key));
}

const REDACTED = '[redacted]';

export type Hide = (text: string) => string;

/** Anything shorter would match everywhere. */
const SHORTEST = 6;
/** A match of this length is enough; the rest of the secret is removed with it. */
const LONGEST = 64;
const LAYERS = 3;

/** Removes secrets in every form in which an API could return them. */
export function redactor(secrets: readonly string[]): Hide {
  const forms = new Set(secrets.flatMap(readingsOf).flatMap(formsOf));
  if (forms.size === 0) return (text) => text;
  const search = createSearch([...forms]);

  return (text) => {
    const found: Span[] = [];
    let layer: Decoded | undefined = { text };
    for (let n = 0; layer && n <= LAYERS; n += 1) {
      const { places } = layer;
      const place = (at: number) => places?.[at] ?? at;
      for (const { begin, end } of search(layer.text)) found.push({ begin: place(begin), end: place(end) });
      layer = decoded(layer);
    }
    return found.length === 0 ? text : without(text, found);
  };
}

interface Span {
  begin: number;
  end: number;
}

function without(text: string, found: Span[]): string {
  found.sort((one, other) => one.begin - other.begin);
  let shown = '';
  let done = 0;
  for (const { begin, end } of found) {
    if (begin >= done) shown += text.slice(done, begin) + (begin === done && done > 0 ? '' : REDACTED);
    done = Math.max(done, end);
  }
  return shown + text.slice(done);
}

/** A secret can look escaped itself, as with %00 in it. */
function readingsOf(secret: string): string[] {
  const readings = [secret];
  let layer = decoded({ text: secret });
  for (let n = 0; layer && n < LAYERS; n += 1, layer = decoded(layer)) readings.push(layer.text);
  return readings;
}

/**
 * Forms that decoding does not undo: a space as +, an apostrophe doubled as in SQL, UTF-8 whose bytes were read one by
 * one (as \\xc3\\xa4 is), hexadecimal, and base64 at any offset.
 */
function formsOf(secret: string): string[] {
  if (secret.length < SHORTEST) return [];
  const bytes = Buffer.from(secret);
  const hex = bytes.toString('hex');
  const base64 = [0, 1, 2].flatMap((before) => base64Of(bytes, before));
  const inUrls = base64.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'));
  return [
    secret,
    secret.replaceAll(' ', '+'),
    secret.replaceAll("'", "''"),
    bytes.toString('latin1'),
    hex,
    hex.toUpperCase(),
    ...base64,
    ...inUrls,
  ];
}

/** Without the characters that depend on neighbouring bytes, and the same with those at the end of the text. */
function base64Of(bytes: Buffer, before: number): string[] {
  const whole = Buffer.concat([Buffer.alloc(before), bytes])
    .toString('base64')
    .replaceAll('=', '');
  const begin = Math.ceil((before * 4) / 3);
  return [whole.slice(begin, Math.floor(((before + bytes.length) * 4) / 3)), whole.slice(begin)];
}

/** An API can cut what it repeats, and say so; of fewer characters nothing is given away. */
const SHORTEST_CUT = 8;
const MARKS_OF_CUT = ['…', '...'];

function endOfCut(text: string, begin: number, candidates: readonly string[]): number | undefined {
  for (const form of candidates) {
    let length = SHORTEST;
    while (length < form.length && text[begin + length] === form[length]) length += 1;
    const end = begin + length;
    if (length >= SHORTEST_CUT && MARKS_OF_CUT.some((mark) => text.startsWith(mark, end))) return end;
  }
  return undefined;
}

const HASHED = 3;

function createSearch(forms: readonly string[]): (text: string) => Span[] {
  const byBeginning = new Map<string, string[]>();
  const isPossible = new Uint8Array(1 << 16);
  // Longest first: matching a shorter form would leave the rest of a longer one.
  for (const form of forms.toSorted((one, other) => other.length - one.length)) {
    const beginning = form.slice(0, SHORTEST);
    byBeginning.set(beginning, [...(byBeginning.get(beginning) ?? []), form]);
    isPossible[hashAt(form, 0)] = 1;
  }

  function endOf(text: string, begin: number): number | undefined {
    const candidates = byBeginning.get(text.slice(begin, begin + SHORTEST)) ?? [];
    const form = candidates.find((each) => text.startsWith(each.slice(0, LONGEST), begin));
    if (form === undefined) return endOfCut(text, begin, candidates);
    let length = Math.min(form.length, LONGEST);
    while (length < form.length && text[begin + length] === form[length]) length += 1;
    return begin + length;
  }

  return (text) => {
    const found: Span[] = [];
    for (let begin = 0; begin + SHORTEST <= text.length; ) {
      const end = isPossible[hashAt(text, begin)] ? endOf(text, begin) : undefined;
      if (end !== undefined) found.push({ begin, end });
      // Another secret can begin inside this one.
      begin = end === undefined ? begin + 1 : Math.max(begin + 1, end - LONGEST + 1);
    }
    return found;
  };
}

function hashAt(text: string, at: number): number {
  let hash = 0;
  for (let n = 0; n < HASHED; n += 1) hash = (hash * 31 + text.charCodeAt(at + n)) & 0xffff;
  return hash;
}
