/** What precedes a secret in a log: the name of a password, a user in a URL, an HTTP scheme. */
const STARTS = /password|passwd|pwd|:\/\/|bearer|basic/gi;
const COMMENT_SIGNS = /\/\*|\*\//g;

export interface SecretStart {
  word: string;
  at: number;
  after: number;
}

/** Reads a log line without ever backtracking. */
export class LogText {
  /** Characters read so far; tests bound it. */
  steps = 0;
  private readonly ends = new Map<string, { from: number; at: number }>();
  private readonly gaps = new Map<number, number>();
  private run = { end: -1, at: -1 };
  private closings: Map<number, number> | undefined;

  constructor(readonly text: string) {}

  startFrom(from: number): SecretStart | undefined {
    STARTS.lastIndex = from;
    const found = STARTS.exec(this.text);
    this.steps += (found?.index ?? this.text.length) - from + 1;
    if (!found) return undefined;
    const [word] = found;
    return { word: word.toLowerCase(), at: found.index, after: found.index + word.length };
  }

  at(place: number): string {
    this.steps += 1;
    return this.text[place] ?? '';
  }

  has(words: string, place: number): boolean {
    this.steps += words.length;
    return this.text.startsWith(words, place);
  }

  skip(from: number, isOf: (char: string) => boolean): number {
    let place = from;
    while (place < this.text.length && isOf(this.text[place] ?? '')) place += 1;
    this.steps += place - from + 1;
    return place;
  }

  /** Or the end. Remembers the result, so that repeated searches stay linear. */
  find(words: string, from: number): number {
    const known = this.ends.get(words);
    if (known && known.from <= from && from <= known.at) return known.at;
    const found = this.text.indexOf(words, from);
    const at = found < 0 ? this.text.length : found;
    this.steps += at - from + 1;
    this.ends.set(words, { from, at });
    return at;
  }

  lastAt(from: number): number {
    if (from > this.run.end) {
      const end = this.skip(from, (char) => !isBlank(char));
      const at = this.text.slice(from, end).lastIndexOf('@');
      this.run = { end, at: at < 0 ? -1 : from + at };
      this.steps += end - from;
    }
    return this.run.at;
  }

  gapEnd(from: number): number {
    const passed: number[] = [];
    let place = from;
    for (let end = this.gaps.get(place); end === undefined; end = this.gaps.get(place)) {
      passed.push(place);
      const next = this.pastOne(place);
      if (next === place) break;
      place = next;
    }
    const end = this.gaps.get(place) ?? place;
    for (const each of passed) this.gaps.set(each, end);
    return end;
  }

  private pastOne(place: number): number {
    if (isBlank(this.at(place))) return this.skip(place, isBlank);
    if (this.has('/*', place)) return this.commentEnd(place);
    if (!this.has('--', place)) return place;
    const end = this.find('\n', place);
    return end === this.text.length ? place : end + 1;
  }

  /** PostgreSQL's comments nest; of an unbalanced one the first closing mark counts. */
  private commentEnd(place: number): number {
    this.closings ??= this.readClosings();
    const end = this.closings.get(place);
    if (end !== undefined) return end;
    const first = this.find('*/', place + 2);
    return first === this.text.length ? place : first + 2;
  }

  private readClosings(): Map<number, number> {
    const closings = new Map<number, number>();
    const open: number[] = [];
    for (const { 0: sign, index } of this.text.matchAll(COMMENT_SIGNS)) {
      if (sign === '/*') open.push(index);
      else {
        const begin = open.pop();
        if (begin !== undefined) closings.set(begin, index + 2);
      }
    }
    this.steps += this.text.length;
    return closings;
  }
}

export function isBlank(char: string): boolean {
  return char <= '\u007f' ? char === ' ' || (char >= '\t' && char <= '\r') : char.trim() === '';
}
