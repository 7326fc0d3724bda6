const MARK = 'answer:';
const MARKUP = /[*_`"'“”„#>]/g;

/** What the last line that begins with "Answer:" says, or the line after it; without one, the whole text. */
export function answerIn(text: string): string {
  const lines = text
    .split('\n')
    .map((line) => line.replace(MARKUP, '').trim())
    .filter((line) => line !== '');
  const marked = lines.findLastIndex((line) => line.toLowerCase().startsWith(MARK));
  if (marked === -1) return text.trim();
  return lines[marked]?.slice(MARK.length).trim() || (lines[marked + 1] ?? '');
}

/** In one spelling: without markup and a full stop. */
const plain = (answer: string) => answer.normalize('NFKC').toLowerCase().replace(MARKUP, '').replace(/\.$/, '').trim();

const numbersIn = (text: string) => (text.match(/[+-]?\d+(?:\.\d+)?/g) ?? []).map(Number);
const timesIn = (text: string) => text.match(/(?<!\d)\d{1,2}:\d{2}(?!\d)/g) ?? [];
const namesIn = (text: string) =>
  text
    .split(/,|\band\b|\bund\b/)
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .sort();

const isSameList = (one: readonly unknown[], other: readonly unknown[]) => one.join('\n') === other.join('\n');

/** A number and a time may have words around them, such as a unit, but no other beside them; names may come in any order. */
export function isSameAnswer(given: string, wanted: string): boolean {
  const [ours, right] = [plain(answerIn(given)), plain(wanted)];
  if (timesIn(right).length > 0) return isSameList(timesIn(ours), timesIn(right));
  if (right !== '' && !Number.isNaN(Number(right))) return isSameList(numbersIn(ours), numbersIn(right));
  return isSameList(namesIn(ours), namesIn(right));
}
