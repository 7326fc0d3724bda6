import type { RequestId } from '@modelcontextprotocol/server';

export const HEAD = 8_192;
const MAX_IDS = 100;
const MAX_DIGITS = 15;

const BLANK = ' \t\r\n';
const WORD = /[\w.+-]+/y;

interface Token {
  token?: string;
  end: number;
}

/** Looks at each character once. */
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
 * Request IDs in text that is not JSON, as far as its beginning shows them. Accepts other quotes and none, because such
 * text is often another language's syntax.
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
      // A response carries one of our own IDs.
      if (!isValue && (token === 'result' || token === 'error')) message.isAnswer = true;
    }
    at = end;
  }
  return found.flatMap(({ id, isAnswer }) => (id === undefined || isAnswer ? [] : [id]));
}

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

/** The length of the text if it only ends too early. */
export function faultIn(text: string): number {
  const open: string[] = [];
  let wanted: Wanted = 'value';
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
