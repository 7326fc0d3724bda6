/** A text with its escapes decoded, and the original position of each character. */
export interface Decoded {
  text: string;
  /** One entry more than characters, for the end; undefined if nothing moved. */
  places?: Uint32Array;
}

interface Escape {
  char: string;
  length: number;
}

const NAMED: Readonly<Record<string, string>> = {
  ...{ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0', excl: '!', num: '#', dollar: '$' },
  ...{ percnt: '%', lpar: '(', rpar: ')', ast: '*', plus: '+', comma: ',', period: '.', sol: '/', colon: ':' },
  ...{ semi: ';', equals: '=', quest: '?', commat: '@', lsqb: '[', bsol: '\\', rsqb: ']', Hat: '^', lowbar: '_' },
  ...{ grave: '`', lcub: '{', verbar: '|', rcub: '}', hyphen: '-', dash: '-', Tab: '\t', NewLine: '\n' },
};
const LONGEST_ENTITY = 12;

const BACKSLASHED: Readonly<Record<string, string>> = {
  ...{ n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', v: '\v', '"': '"', "'": "'", '\\': '\\', '/': '/' },
};

/** Decodes the escapes of JSON, JavaScript, URLs and HTML, one layer at a time; undefined if there are none. */
export function decoded({ text, places }: Decoded): Decoded | undefined {
  const opening = /[%\\&]/g;
  const placeOf = (at: number) => places?.[at] ?? at;
  const pieces: string[] = [];
  let from: Uint32Array | undefined;
  let size = 0;
  let done = 0;
  for (let begin = opening.exec(text); begin; begin = opening.exec(text)) {
    const found = escapeAt(text, begin.index);
    if (!found) continue;
    from ??= new Uint32Array(text.length + 1);
    for (let at = done; at < begin.index; at += 1) from[size++] = placeOf(at);
    for (let n = 0; n < found.char.length; n += 1) from[size++] = placeOf(begin.index);
    pieces.push(text.slice(done, begin.index), found.char);
    done = begin.index + found.length;
    opening.lastIndex = done;
  }
  if (!from) return undefined;
  for (let at = done; at <= text.length; at += 1) from[size++] = placeOf(at);
  return { text: pieces.join('') + text.slice(done), places: from };
}

function escapeAt(text: string, at: number): Escape | undefined {
  if (text[at] === '%') return percentAt(text, at);
  if (text[at] === '\\') return backslashAt(text, at);
  return text[at] === '&' ? entityAt(text, at) : undefined;
}

const hexAt = (text: string, at: number, digits: number): number =>
  /^[\da-f]+$/i.test(text.slice(at, at + digits)) && at + digits <= text.length
    ? Number.parseInt(text.slice(at, at + digits), 16)
    : Number.NaN;

function percentAt(text: string, at: number): Escape | undefined {
  const first = hexAt(text, at + 1, 2);
  if (Number.isNaN(first)) return undefined;
  const count = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  const bytes = [first];
  for (let n = 1; n < count; n += 1) {
    const byte = text[at + 3 * n] === '%' ? hexAt(text, at + 3 * n + 1, 2) : Number.NaN;
    if (Number.isNaN(byte)) return undefined;
    bytes.push(byte);
  }
  return { char: Buffer.from(bytes).toString('utf8'), length: 3 * count };
}

function backslashAt(text: string, at: number): Escape | undefined {
  const letter = text[at + 1] ?? '';
  const plain = BACKSLASHED[letter];
  if (plain !== undefined) return { char: plain, length: 2 };
  if (letter === 'u' && text[at + 2] === '{') {
    const near = text.slice(at, at + LONGEST_ENTITY + 1);
    const end = near.indexOf('}');
    return end > 0 ? ofCode(near.slice(3, end), 16, end + 1) : undefined;
  }
  const digits = letter === 'u' ? 4 : letter === 'x' ? 2 : 0;
  const code = digits > 0 ? hexAt(text, at + 2, digits) : Number.NaN;
  return Number.isNaN(code) ? undefined : { char: String.fromCharCode(code), length: 2 + digits };
}

function entityAt(text: string, at: number): Escape | undefined {
  const near = text.slice(at, at + LONGEST_ENTITY);
  const end = near.indexOf(';');
  if (end < 0) return undefined;
  const name = near.slice(1, end);
  if (Object.hasOwn(NAMED, name)) return { char: NAMED[name] ?? '', length: end + 1 };
  if (/^#x/i.test(name)) return ofCode(name.slice(2), 16, end + 1);
  return name.startsWith('#') ? ofCode(name.slice(1), 10, end + 1) : undefined;
}

function ofCode(digits: string, radix: 10 | 16, length: number): Escape | undefined {
  const code = (radix === 16 ? /^[\da-f]+$/i : /^\d+$/).test(digits) ? Number.parseInt(digits, radix) : Number.NaN;
  return code <= 0x10ffff ? { char: String.fromCodePoint(code), length } : undefined;
}
