/** A word of a meter, or a number, in lower case. */
export interface Word {
  text: string;
  /** What separates it from the word before. */
  gap: string;
}

/** Letters and digits apart: 1h, 30d and 1GB are a number and a word. A decimal is one number. */
export function wordsIn(text: string): Word[] {
  const plain = text.normalize('NFKC').toLowerCase();
  let end = 0;
  return [...plain.matchAll(WORD)].map(({ 0: found, index }) => {
    const gap = plain.slice(end, index);
    end = index + found.length;
    return { text: found, gap };
  });
}

const WORD = /\p{L}+|\p{N}+(?:[.,]\p{N}+)*/gu;

export const isNumber = (word = '') => /^\p{N}/u.test(word);

/** Signs that change what a number or a name means, as in "> 64 GB" and "50 %". */
export const hasOddSigns = (text: string) => /[<>=≤≥≠~≈±÷%‰]/.test(text.normalize('NFKC'));
