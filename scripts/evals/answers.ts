const MARK = 'answer:';
const MARKUP = /[*_`"'“”„#>]/g;
const BULLET = /^[-•] +/;
const DASHES = /[\u2010-\u2015\u2212]/g;

/** Without markup, and with one kind of dash. */
const plain = (text: string) => text.normalize('NFKC').replace(DASHES, '-').replace(MARKUP, '').trim();

/** What the last line that begins with "Answer:" says, or what is below it; without one, the whole text. */
export function answerIn(text: string): string {
  const given = text
    .split('\n')
    .map((line) => plain(line))
    .filter((line) => line !== '');
  const lines = given.map((line) => line.replace(BULLET, ''));
  const marked = lines.findLastIndex((line) => line.toLowerCase().startsWith(MARK));
  if (marked === -1) return text.trim();
  const beside = lines[marked]?.slice(MARK.length).trim();
  if (beside) return beside;
  const end = given.findIndex((line, n) => n > marked && !BULLET.test(line));
  const listed = lines.slice(marked + 1, end === -1 ? undefined : end);
  return listed.length > 0 ? listed.join(', ') : (lines[marked + 1] ?? '');
}

const NUMBERS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
/** A bound, or a doubt, is no answer. */
const HEDGES = words('not no nicht kein more less fewer than least most over under about around roughly etwa circa');
const UNITS = words('kb mb gb tb kib mib gib tib eur usd gbp % percent cores clusters instances hours days minutes');
const ZONES = words('utc z gmt cet cest mez mesz bst est edt pst pdt berlin local');
/** What stands before or after a name. */
const FILLERS = words(
  'the a an is are it they cluster clusters database databases user users data center centers centre',
);

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(' '));
}

const wordsIn = (text: string) => text.match(/[\p{L}%]+/gu) ?? [];
const without = <T>(all: readonly T[], some: readonly T[]) => all.filter((each) => !some.includes(each));
const isSameList = (one: readonly unknown[], other: readonly unknown[]) => one.join('\n') === other.join('\n');

function numbersIn(text: string): number[] {
  const spelled = text
    .replace(/(?<=\p{L})-(?=\d)/gu, ' ')
    .replace(/\p{L}+/gu, (word) => (NUMBERS.includes(word) ? String(NUMBERS.indexOf(word)) : word));
  return (spelled.match(/[+-]?\d+(?:\.\d+)?/g) ?? []).map(Number);
}

const HALF_DAY = 12;

/** As HH:MM. */
function timesIn(text: string): string[] {
  return [...text.matchAll(/(?<![\d.:])(\d{1,2})[:.](\d{2})(?![\d.:])(?: ?([ap])m\b)?/g)].map(
    ([, hour, minute, half]) => {
      const hours = half === undefined ? Number(hour) : (Number(hour) % HALF_DAY) + (half === 'p' ? HALF_DAY : 0);
      return `${String(hours).padStart(2, '0')}:${minute}`;
    },
  );
}

function namesIn(text: string): string[] {
  return text
    .replace(/\([^()]*\)/g, ' ')
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

/**
 * A number and a time may have words around them, such as the unit of the question, but no other beside them, no bound,
 * and no other unit or zone; names may come in any order and form of list.
 */
export function isSameAnswer(given: string, wanted: string, question = ''): boolean {
  const [ours, right, asked] = [answerIn(given), wanted, question].map((text) =>
    plain(text).toLowerCase().replace(/\.$/, ''),
  ) as [string, string, string];
  const isTime = timesIn(right).length > 0 && right.includes(':');
  if (!isTime && (right === '' || Number.isNaN(Number(right)))) return isSameList(namesIn(ours), namesIn(right));
  const said = wordsIn(ours);
  if (said.some((word) => HEDGES.has(word))) return false;
  const of = (kind: ReadonlySet<string>) => said.filter((word) => kind.has(word));
  if (isTime) {
    const isOther = without(of(ZONES), [...wordsIn(asked), 'z', 'gmt', 'utc']).length > 0;
    return !isOther && isSameList(timesIn(ours), timesIn(right));
  }
  if (question !== '' && without(of(UNITS), wordsIn(asked)).length > 0) return false;
  const [first, ...more] = numbersIn(ours);
  return first === Number(right) && without(more, numbersIn(asked)).length === 0;
}
