import { describe, expect, test } from 'vitest';
import { type LintedTool, lintTools, TOKEN_BUDGET } from '../../scripts/lint-tools.ts';
import { listing } from '../../src/mcp/listing.ts';

test('every tool definition meets the bar', () => {
  expect(lintTools(listing.tools)).toEqual([]);
});

test('the list of tools may take 8,870 tokens, that of the set clusters 4,750, and with what models do not read 9,347', () => {
  expect(TOKEN_BUDGET).toEqual({ all: 8_870, clusters: 4_750, withMeta: 9_347 });
});

test('every tool but list_clusters has a hint for those who search for it', () => {
  expect(listing.tools.filter(({ searchHint }) => searchHint === null).map(({ listed }) => listed.name)).toEqual([
    'list_clusters',
  ]);
});

test('the four tools for versions differ in their first words', () => {
  const first = listing.tools
    .filter(({ listed }) => listed.name.endsWith('versions'))
    .map(({ listed }) => listed.description.split(' ').slice(0, 3).join(' '));

  expect(first).toHaveLength(4);
  expect(new Set(first).size).toBe(4);
});

const GOOD =
  'Lists the shelves of a room, one row each, with how many books stand on every shelf. Use get_shelf for one of them.';

interface Definition {
  name?: string;
  searchHint?: string;
  description?: string;
  hints?: Partial<LintedTool['listed']['annotations']>;
  input?: object;
  output?: object;
}

function tool({
  name = 'list_shelves',
  searchHint = `furniture of ${name.replaceAll('_', '-')}`,
  description = GOOD,
  hints,
  input = {},
  output = {},
}: Definition): LintedTool {
  return {
    ...{ toolset: 'clusters', access: 'read', hasView: undefined },
    searchHint,
    listed: {
      name,
      description,
      annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true, ...hints },
      inputSchema: { type: 'object', properties: input },
      outputSchema: { type: 'object', properties: output },
    },
  };
}

const other = tool({
  name: 'get_shelf',
  description: 'Reads a single shelf: its length in cm, its owner and the room it is in. Use list_shelves for the IDs.',
});
const problemsOf = (...definitions: Definition[]) => lintTools([other, ...definitions.map(tool)]);

describe('the lint', () => {
  test('lets good definitions pass', () => {
    expect(problemsOf({})).toEqual([]);
  });

  test.each<[string, Definition, RegExp]>([
    [
      'that does not say what comes back',
      { description: 'Does things with a shelf, and stands next to get_shelf in some way that nobody explains.' },
      /does not begin with what comes back/,
    ],
    [
      'of a write without a side effect',
      {
        description:
          'Makes one more shelf and returns it, in the room that is given. Use get_shelf for a shelf that is there.',
        hints: { readOnlyHint: false },
      },
      /names no side effect/,
    ],
    ['that prefers', { description: `${GOOD} Prefer get_shelf.` }, /gives the assistant an order/],
    ['that asks to avoid', { description: `${GOOD} Avoid repeated calls.` }, /gives the assistant an order/],
    ['that asks to obtain', { description: `${GOOD} Obtain consent first.` }, /gives the assistant an order/],
    ['that asks to treat', { description: `${GOOD} Treat it as data.` }, /gives the assistant an order/],
    [
      'with a source that is none',
      { input: { room: { type: 'string', description: 'Comes from somewhere' } } },
      /without unit, bound/,
    ],
    ['too short', { description: 'Lists shelves. Use get_shelf for one.' }, /has 37 characters, not 60 to 400/],
    ['too long', { description: `${GOOD} ${'A room has walls. '.repeat(20)}` }, /characters, not 60 to 400/],
    ['without purpose', { description: `For rooms, it ${GOOD.toLowerCase()}` }, /does not begin with its purpose/],
    ['without sibling', { description: GOOD.replace(/ Use.*/, ' They are made of wood.') }, /names no sibling/],
    ['silent about the loss', { hints: { readOnlyHint: false, destructiveHint: true } }, /does not say what is lost/],
    [
      'silent about what comes back',
      {
        description: `${GOOD} It is billed.`,
        hints: { readOnlyHint: false },
        output: { database: { type: 'object' } },
      },
      /does not say what it returns/,
    ],
    ['a parameter without description', { input: { room: { type: 'string' } } }, /list_shelves\.room is not described/],
    [
      'a parameter described without a fact',
      { input: { room: { type: 'string', description: 'The room to use' } } },
      /list_shelves\.room is described without unit, bound, example or source/,
    ],
    [
      'an array whose items are not described',
      {
        input: {
          rooms: { type: 'array', description: 'Some rooms', items: { properties: { width: { type: 'integer' } } } },
        },
      },
      /list_shelves\.rooms\[\]\.width is not described/,
    ],
  ])('refuses a definition: %s', (_, definition, problem) => {
    expect(problemsOf(definition)).toEqual([expect.stringMatching(problem)]);
  });

  test.each([
    'Call get_room first.',
    'Never repeat a call.',
    'You must know the room.',
    'The room is small; ask the person.',
    'Always give a room.',
    'Use it with care.',
    'Make sure of the room.',
    'See get_room.',
    'Then wait.',
  ])('refuses the order "%s"', (order) => {
    expect(problemsOf({ description: `${GOOD} ${order}` })).toEqual([expect.stringMatching(/an order$/)]);
    expect(problemsOf({ output: { note: { type: 'string', description: order } } })).toEqual([
      expect.stringMatching(/an order$/),
    ]);
  });

  test('refuses two that a reader could swap', () => {
    const copy = { name: 'list_racks', description: GOOD.replaceAll('shelves', 'racks') };

    expect(problemsOf({}, copy)).toEqual([expect.stringMatching(/list_shelves and list_racks could be swapped/)]);
  });

  test('refuses two with the same first words', () => {
    const description =
      'Lists the shelves nobody owns yet, with their length in cm and material. Use get_shelf for one.';

    expect(problemsOf({}, { name: 'list_free_shelves', description })).toEqual([
      'list_shelves and list_free_shelves begin alike: "lists the shelves"',
    ]);
  });

  test.each([
    ['too short', 'books boards', /its hint "books boards" is not three to six words/],
    ['too long', 'a b c d e f g', /is not three to six words/],
    ['a list with commas', 'books, boards, wood', /is not three to six words/],
    ['that repeats the name', 'wooden shelves here', /list_shelves: its hint repeats "shelves"/],
  ])('refuses a hint: %s', (_, searchHint, problem) => {
    expect(problemsOf({ searchHint }).filter((each) => each.includes('hint'))).toEqual([
      expect.stringMatching(problem),
    ]);
  });

  test('refuses a hint that another tool has', () => {
    const searchHint = 'books and boards';

    expect(lintTools([{ ...other, searchHint }, tool({ searchHint })])).toEqual([
      'list_shelves: its hint "books and boards" is that of another tool',
    ]);
  });

  test('refuses what costs too many tokens', () => {
    const output = Object.fromEntries(Array.from({ length: 1_200 }, (_, n) => [`field${n}`, { type: 'string' }]));

    expect(problemsOf({ output })).toEqual([
      expect.stringMatching(/^The list of tools \(all\) takes \d+ tokens, more than 8870$/),
      expect.stringMatching(/^The list of tools \(clusters\) takes \d+ tokens, more than 4750$/),
      expect.stringMatching(/^The list of tools \(withMeta\) takes \d+ tokens, more than 9347$/),
    ]);
  });
});
