import { stemmer } from 'stemmer';
import type { Prompt } from './cases/case.ts';
import { isQuestion } from './scoring.ts';

export interface Searchable {
  name: string;
  description: string;
}

// As Lucene does for English by default (EnglishAnalyzer, BM25Similarity), so that nothing here is fitted to the
// prompts: words as Unicode defines them, by which a tool's name inside a text is a single one; no possessive, no stop
// word; Porter's stems; these two parameters.
const K1 = 1.2;
const B = 0.75;
const STOP_WORDS = new Set(
  (
    'a an and are as at be but by for if in into is it no not of on or such that the their then there these they ' +
    'this to was will with'
  ).split(' '),
);

const segmenter = new Intl.Segmenter('en', { granularity: 'word' });

export function termsIn(text: string): string[] {
  return [...segmenter.segment(text.toLowerCase())]
    .filter(({ isWordLike }) => isWordLike)
    .map(({ segment }) => segment.replace(/['’]s$/, ''))
    .filter((word) => !STOP_WORDS.has(word))
    .map(stemmer);
}

const termsOf = ({ name, description }: Searchable) => termsIn(`${name.replaceAll('_', ' ')} ${description}`);

/** The names of the tools for each query, best first, as a search over names and descriptions ranks them. */
export function createSearch(tools: readonly Searchable[]): (query: string) => string[] {
  const documents = tools.map((tool) => ({ name: tool.name, terms: termsOf(tool) }));
  const averageLength = documents.reduce((sum, { terms }) => sum + terms.length, 0) / documents.length;
  const count = (term: string, terms: readonly string[]) => terms.filter((each) => each === term).length;

  function rarity(term: string): number {
    const having = documents.filter(({ terms }) => terms.includes(term)).length;
    return Math.log(1 + (documents.length - having + 0.5) / (having + 0.5));
  }

  function score(query: readonly string[], terms: readonly string[]): number {
    const length = K1 * (1 - B + (B * terms.length) / averageLength);
    return query.reduce((sum, term) => {
      const frequency = count(term, terms);
      return sum + (rarity(term) * frequency * (K1 + 1)) / (frequency + length);
    }, 0);
  }

  return (query) => {
    const asked = termsIn(query);
    return documents
      .map(({ name, terms }) => ({ name, score: score(asked, terms) }))
      .sort((a, b) => b.score - a.score)
      .map(({ name }) => name);
  };
}

/** What is searched for: prompts in English that one call answers. */
export const searchable = (prompts: readonly Prompt[]) =>
  prompts.flatMap(({ language, text, expect }) =>
    language === 'de' || isQuestion(expect) ? [] : [{ text, tool: expect.tool }],
  );

export interface Ranked {
  text: string;
  tool: string;
  /** 1 is first. */
  rank: number;
}

export function rankEach(tools: readonly Searchable[], asked: readonly { text: string; tool: string }[]): Ranked[] {
  const search = createSearch(tools);
  return asked.map(({ text, tool }) => ({ text, tool, rank: search(text).indexOf(tool) + 1 }));
}

export const amongFirst = (ranked: readonly Ranked[], most: number) =>
  ranked.filter(({ rank }) => rank >= 1 && rank <= most).length;

/** Of 40 prompts: for so many the right tool is found first, and among the first three. */
export const BAR = { of: 40, first: 34, amongThree: 39 };

export const meetsBar = (ranked: readonly Ranked[]) =>
  amongFirst(ranked, 1) >= BAR.first && amongFirst(ranked, 3) >= BAR.amongThree;
