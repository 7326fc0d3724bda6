import { describe, expect, test } from 'vitest';
import { prompts } from '../../scripts/evals/cases/prompts/index.ts';
import { outside } from '../../scripts/evals/cases/prompts/outside.ts';
import { amongFirst, BAR, createSearch, rankEach, searchable, termsIn } from '../../scripts/evals/retrieval.ts';
import { listing } from '../../src/mcp/listing.ts';
import { laterOutside } from './later-outside.ts';
import { unseen } from './unseen.ts';

const tools = listing.tools.map(({ listed }) => listed);

describe('a search over names and descriptions', () => {
  const ranked = rankEach(tools, searchable(prompts));
  const rankedOutside = rankEach(tools, searchable(outside));

  test('has the bar of 34 and 39 of 40', () => {
    expect(BAR).toEqual({ of: 40, first: 34, amongThree: 39 });
  });

  test('is tried with 40 prompts, 20 of them from outside', () => {
    expect(ranked).toHaveLength(40);
    expect(rankedOutside).toHaveLength(20);
  });

  test('finds the right tool first for 34 of them, and among the first three for 39', () => {
    expect(amongFirst(ranked, 1), missed(ranked, 1)).toBeGreaterThanOrEqual(BAR.first);
    expect(amongFirst(ranked, 3), missed(ranked, 3)).toBeGreaterThanOrEqual(BAR.amongThree);
  });

  test('finds it for the 20 from outside in 17 and 19 cases', () => {
    expect(amongFirst(rankedOutside, 1), missed(rankedOutside, 1)).toBeGreaterThanOrEqual(17);
    expect(amongFirst(rankedOutside, 3), missed(rankedOutside, 3)).toBeGreaterThanOrEqual(19);
  });

  test('finds it for 40 that came later in as many cases', () => {
    const rankedLater = rankEach(tools, laterOutside);
    expect(rankedLater).toHaveLength(40);
    expect(amongFirst(rankedLater, 1), missed(rankedLater, 1)).toBeGreaterThanOrEqual(BAR.first);
    expect(amongFirst(rankedLater, 3), missed(rankedLater, 3)).toBeGreaterThanOrEqual(BAR.amongThree);
  });
});

// As above: 40 prompts each, 20 of them the project's own.
describe('a search for what nobody has fitted the descriptions to', () => {
  const outsiders = new Set(outside.map(({ text }) => text));
  const own = searchable(prompts.filter(({ text }) => !outsiders.has(text)));

  test('is tried with three times 20 prompts, beside 20 own ones', () => {
    expect(own).toHaveLength(20);
    expect(unseen.map(({ length }) => length)).toEqual([20, 20, 20]);
  });

  test.each([0, 1, 2])('finds as much for the prompts of person %i', (n) => {
    const ranked = rankEach(tools, [...own, ...(unseen[n] ?? [])]);
    expect(amongFirst(ranked, 1), missed(ranked, 1)).toBeGreaterThanOrEqual(BAR.first);
    expect(amongFirst(ranked, 3), missed(ranked, 3)).toBeGreaterThanOrEqual(BAR.amongThree);
  });
});

const missed = (some: ReturnType<typeof rankEach>, most: number) =>
  some
    .filter(({ rank }) => rank > most)
    .map(({ rank, tool, text }) => `${rank}: ${tool}, for "${text}"`)
    .join('\n');

describe('the search', () => {
  const search = createSearch([
    { name: 'list_shelves', description: 'Lists the shelves of a room.' },
    { name: 'get_shelf', description: 'Reads one shelf: width, height and colour. Use list_shelves for the others.' },
    { name: 'paint_wall', description: 'Gives the wall of a room another colour.' },
  ]);

  test('prefers a rare word to a frequent one, and ignores its form', () => {
    expect(search('What are the heights?')[0]).toBe('get_shelf');
    expect(search('painting a room')[0]).toBe('paint_wall');
    expect(search('colours of walls')[0]).toBe('paint_wall');
  });

  test('does not take the name of a tool in a text for its words', () => {
    expect(termsIn('Use list_shelves for the others.')).toEqual(['us', 'list_shelv', 'other']);
    expect(search('list')[0]).toBe('list_shelves');
  });

  test('leaves out words without meaning, and possessives', () => {
    expect(termsIn("The cluster's name is in it")).toEqual(['cluster', 'name']);
  });

  test('tells where the right one is', () => {
    const ranked = rankEach(
      [
        { name: 'first_thing', description: 'Finds apples.' },
        { name: 'second_thing', description: 'Finds apples and pears.' },
      ],
      [
        { text: 'pears', tool: 'second_thing' },
        { text: 'apples', tool: 'second_thing' },
      ],
    );

    expect(ranked.map(({ rank }) => rank)).toEqual([1, 2]);
    expect(amongFirst(ranked, 1)).toBe(1);
    expect(amongFirst(ranked, 2)).toBe(2);
  });
});
