const MARK = 'Answer:';

/** What the last line that begins with "Answer:" says; without one, the whole text. */
export function answerIn(text: string): string {
  const lines = text.split('\n').map((line) => line.replaceAll('*', '').trim());
  const marked = lines.findLast((line) => line.toLowerCase().startsWith(MARK.toLowerCase()));
  return marked === undefined ? text.trim() : marked.slice(MARK.length).trim();
}

/** In one spelling: without markup, quotes, units of money, blanks around commas and a full stop. */
function plain(answer: string): string {
  return answer
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[*`"'“”„]/g, '')
    .replace(/\b(eur|utc)\b|€/g, '')
    .split(',')
    .map((part) => part.trim())
    .join(', ')
    .replace(/\.$/, '')
    .trim();
}

export const isSameAnswer = (given: string, wanted: string) => plain(answerIn(given)) === plain(wanted);
