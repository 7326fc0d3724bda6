import type { RequestId } from '@modelcontextprotocol/server';

/** Characters in which an ID is looked for. */
export const HEAD = 8_192;
/** IDs that are taken from one text. */
const MAX_IDS = 100;
const MAX_DIGITS = 15;

const BLANK = ' \t\r\n';
const WORD = /[\w.+-]+/y;

interface Token {
  /** Of a text in quotes what is between them; undefined for a single character that is neither text nor word. */
  token?: string;
  end: number;
}

/** A text in quotes, a word, or one character. Each character is looked at once. */
function tokenAt(text: string, at: number): Token {
  const quote = text.charAt(at);
  if (quote !== '"' && quote !== "'") {
    WORD.lastIndex = at;
    const word = WORD.exec(text)?.[0];
    return { token: word, end: at + (word?.length ?? 1) };
  }
  let end = at + 1;
  while (end < text.length && text.charAt(end) !== quote) end += text.charAt(end) === '\\' ? 2 : 1;
  return end < text.length ? { token: text.slice(at + 1, end), end: end + 1 } : { end: text.length };
}

/**
 * The IDs of the requests in a text that is no JSON, as far as its beginning shows them: of an object, or of the objects
 * in an array. Other quotes are taken, and none, since such a text often is another language's own.
 */
export function idsIn(text: string, isWhole = true): RequestId[] {
  const head = text.slice(0, HEAD);
  const isCut = !isWhole || head.length < text.length;
  const found: { id?: RequestId; isAnswer?: boolean }[] = [];
  const open: string[] = [];
  let key: string | undefined;
  let isValue = false;
  for (let at = 0; at < head.length && found.length < MAX_IDS; ) {
    const char = head.charAt(at);
    const { token, end } = tokenAt(head, at);
    const message = found.at(-1);
    if (token === undefined) {
      if ('{['.includes(char)) open.push(char);
      if ('}]'.includes(char)) open.pop();
      if (isAtMessage(open) && char === '{') found.push({});
      if (!BLANK.includes(char)) isValue = char === ':';
      if (!BLANK.includes(char) && !isValue) key = undefined;
    } else if (open.length === 0) {
      break;
    } else if (isAtMessage(open) && message) {
      const isCutOff = isCut && end === head.length;
      if (isValue && key === 'id' && !isCutOff) message.id ??= toId(token, char);
      if (!isValue) key = token;
      // An answer to one of our own requests has its ID.
      if (!isValue && (token === 'result' || token === 'error')) message.isAnswer = true;
    }
    at = end;
  }
  return found.flatMap(({ id, isAnswer }) => (id === undefined || isAnswer ? [] : [id]));
}

/** Whether the innermost open bracket is that of a message. */
function isAtMessage(open: readonly string[]): boolean {
  return open.at(-1) === '{' && (open.length === 1 || (open.length === 2 && open[0] === '['));
}

function toId(token: string, first: string): RequestId | undefined {
  if (first !== '"' && first !== "'") {
    const id = token.length <= MAX_DIGITS ? Number(token) : Number.NaN;
    return Number.isSafeInteger(id) ? id : undefined;
  }
  try {
    return String(JSON.parse(`"${token}"`));
  } catch {
    return token;
  }
}

type Wanted = 'value' | 'key' | 'colon' | 'end';

const AFTER: Record<Wanted, Wanted> = { key: 'colon', colon: 'value', value: 'end', end: 'end' };

/** Where a text stops being JSON: its length where it only ends too early. */
export function faultIn(text: string): number {
  const open: string[] = [];
  let wanted: Wanted = 'value';
  /** Whether an object or an array has just begun, and may end at once. */
  let isEmpty = false;
  for (let at = 0; at < text.length; ) {
    const char = text.charAt(at);
    if (BLANK.includes(char)) {
      at += 1;
    } else if ((wanted === 'end' || isEmpty) && open.length > 0 && char === (open.at(-1) === '{' ? '}' : ']')) {
      open.pop();
      [wanted, isEmpty, at] = ['end', false, at + 1];
    } else if (wanted === 'end' && char === ',' && open.length > 0) {
      [wanted, at] = [open.at(-1) === '{' ? 'key' : 'value', at + 1];
    } else if (wanted === 'value' && '{['.includes(char)) {
      open.push(char);
      [wanted, isEmpty, at] = [char === '{' ? 'key' : 'value', true, at + 1];
    } else {
      const end = endOf(text, at, wanted);
      if (end === undefined) return at;
      [wanted, isEmpty, at] = [AFTER[wanted], false, end];
    }
  }
  return text.length;
}

/** Where what is wanted ends, if it is there. */
function endOf(text: string, at: number, wanted: Wanted): number | undefined {
  const char = text.charAt(at);
  if (wanted === 'colon') return char === ':' ? at + 1 : undefined;
  if (wanted === 'end' || char === "'" || (wanted === 'key' && char !== '"')) return undefined;
  const { token, end } = tokenAt(text, at);
  if (token === undefined) return char === '"' ? end : undefined;
  return isJson(text.slice(at, end)) ? end : undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
