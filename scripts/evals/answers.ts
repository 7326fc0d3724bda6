import type { StableQuestion } from './cases/case.ts';

const MARK = /^(?:(?:the|my|final) ){0,2}answer(?: is)?:/i;
/** At the beginning of a line: of a quotation, a heading or a list. */
const LEADING = /^(?:>|#{1,6}|[-•*+](?= )|\d{1,2}[.)](?= ))/;
const EMPHASIS = /[*_`"“”„]/g;
const DASHES = /[\u2010-\u2015\u2212]/g;

/** Without emphasis, and with one kind of dash. */
const plain = (text: string) => text.normalize('NFKC').replace(DASHES, '-').replace(EMPHASIS, '').trim();

interface Line {
  text: string;
  isItem: boolean;
}

function lineOf(raw: string): Line {
  let rest = raw.trim();
  let isItem = false;
  for (let sign = LEADING.exec(rest)?.[0]; sign !== undefined; sign = LEADING.exec(rest)?.[0]) {
    isItem = !/^[>#]/.test(sign);
    rest = rest.slice(sign.length).trim();
  }
  return { text: plain(rest), isItem };
}

/** What the last line that begins with "Answer:" says, or what is below it; without one, the whole text. */
export function answerIn(text: string): string {
  const lines = text
    .split('\n')
    .map(lineOf)
    .filter((line) => line.text !== '');
  const marked = lines.findLastIndex((line) => MARK.test(line.text));
  if (marked === -1) return text.trim();
  const beside = lines[marked]?.text.replace(MARK, '').trim();
  if (beside) return beside;
  const below = lines.slice(marked + 1);
  const end = below.findIndex(({ isItem }) => !isItem);
  const items = below.slice(0, end === -1 ? undefined : end).map((line) => line.text);
  return items.length > 0 ? items.join(', ') : (below[0]?.text ?? '');
}

const NUMBERS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
/** Other ways to write what a question says. */
const SAME: Readonly<Record<string, string>> = {
  gib: 'gb',
  '€': 'eur',
  euro: 'eur',
  euros: 'eur',
  z: 'utc',
  gmt: 'utc',
};
/** What says nothing of its own. */
const FILLERS = new Set(
  (
    'a an and are at by called center centre cluster clusters data database datacenter in is it name named of postgres ' +
    'postgresql the they user version was'
  ).split(' '),
);

/** Words, numbers and signs, each by itself; "PostgreSQL-16" is two. */
const partsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .replace(/(?<=\p{L})-(?=\d)/gu, ' ')
    .replace(/[()[\]]/g, ' ')
    .split(/[\s,;]+/)
    .map((part) => SAME[part] ?? part)
    .filter((part) => part !== '');

const numberIn = (part: string) => (/^\+?\d{1,12}(\.\d{1,6})?$/.test(part) ? Number(part) : undefined);
const spelledOut = (part: string) => (NUMBERS.includes(part) ? NUMBERS.indexOf(part) : undefined);

const HALF_DAY = 12;

/** As HH:MM; of a whole date, in UTC. */
function timeIn(part: string): string | undefined {
  if (/^\d{4}-\d\d-\d\dt[\d:.]{5,12}(z|[+-]\d\d:\d\d)$/.test(part)) {
    return Number.isNaN(Date.parse(part)) ? undefined : new Date(part).toISOString().slice(11, 16);
  }
  const [, hour, minute, half] = /^(\d{1,2})[:.](\d\d)(?::\d\d)?(am|pm|z)?$/.exec(part) ?? [];
  if (hour === undefined || minute === undefined) return undefined;
  const hours =
    half === 'am' || half === 'pm' ? (Number(hour) % HALF_DAY) + (half === 'pm' ? HALF_DAY : 0) : Number(hour);
  return `${String(hours).padStart(2, '0')}:${minute}`;
}

/** A question can have these, and an answer with one is another answer. */
const TURNING = new Set('no not twice half before after longer less'.split(' '));

const isEmpty = (part: string, asked: ReadonlySet<string>) =>
  !TURNING.has(part) && (asked.has(part) || FILLERS.has(part));

/** Whether one value is there, once, and else only what the question says, or nothing of its own. */
function isOnly(parts: readonly string[], asked: ReadonlySet<string>, isRight: (part: string) => boolean): boolean {
  const rest = parts.filter((part) => !isEmpty(part, asked));
  return rest.length === 1 && rest.every(isRight);
}

function namesIn(text: string, asked: ReadonlySet<string>): string[] {
  const isAside = (words: string) =>
    partsOf(words).every((part) => isEmpty(part, asked) || numberIn(part) !== undefined);
  return text
    .toLowerCase()
    .replace(/\(([^()]*)\)/g, (all, words: string) => (isAside(words) ? ' ' : all))
    .replace(/^\[(.*)\]$/, '$1')
    .split(/[,;&]|\band\b|\bund\b/)
    .map((name) =>
      name
        .split(/\s+/)
        .filter((word) => word !== '' && !FILLERS.has(word))
        .join(' '),
    )
    .filter((name) => name !== '')
    .sort();
}

type Asked = Pick<StableQuestion, 'answer' | 'text'>;

/**
 * The answer alone, however it is written. A number or a time may have words of the question beside it, such as its unit;
 * any other word or sign makes another answer of it. Names may come in any order and form of list.
 */
export function isSameAnswer(given: string, { answer: wanted, text: question }: Asked): boolean {
  const ours = plain(answerIn(given)).replace(/[.!]$/, '');
  const asked = new Set(partsOf(plain(question).replace(/[.?!,]/g, ' ')));
  if (/^\d\d:\d\d$/.test(wanted)) {
    // "2:10 PM" is one time, and a date may go before it.
    const time = ours.replace(/ (?=[ap]m\b)/gi, '').replace(/^\d{4}-\d\d-\d\d (?=\d)/, '');
    return isOnly(partsOf(time), asked, (part) => timeIn(part) === wanted);
  }
  const right = numberIn(wanted);
  if (right !== undefined) {
    // "192GB" is two words.
    const parts = partsOf(ours.replace(/(?<=\d)(?=[\p{L}€])|(?<=€)(?=\d)/gu, ' '));
    return isOnly(parts, asked, (part) => (numberIn(part) ?? spelledOut(part)) === right);
  }
  return namesIn(ours, asked).join('\n') === namesIn(wanted, asked).join('\n');
}
