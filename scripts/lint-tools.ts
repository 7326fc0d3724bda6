// Checks the words of every tool definition: npm run lint:tools
import { pathToFileURL } from 'node:url';
import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { type ListedTool, listing } from '../src/mcp/listing.ts';
import { metaOf } from '../src/mcp/views/apps.ts';

/**
 * Clients pay for the whole list in every conversation; for `_meta` where they pass that on. Tokens of o200k_base, as
 * minified JSON.
 */
export const TOKEN_BUDGET = { all: 8_870, clusters: 4_750, withMeta: 9_347 };

const SHORTEST = 60;
const LONGEST = 400;
/** The share of words that two descriptions may have in common. */
const MAX_LIKENESS = 0.45;
const FIRST_WORDS = 3;

interface Schema {
  type?: string;
  description?: string;
  enum?: readonly unknown[];
  maximum?: number;
  properties?: Readonly<Record<string, Schema>>;
  items?: Schema;
}

type Listed = Pick<ListedTool['listed'], 'name' | 'description' | 'annotations'> & {
  inputSchema: unknown;
  outputSchema: unknown;
};

export interface LintedTool extends Pick<ListedTool, 'access' | 'searchHint' | 'hasView'> {
  toolset: string;
  listed: Listed;
}

/** In the vocabulary o200k_base, of the value as minified JSON. */
export const tokensOf = (value: unknown) => encode(JSON.stringify(value)).length;

/** One sentence per problem. */
export function lintTools(tools: readonly LintedTool[]): string[] {
  const listed = tools.map((tool) => tool.listed);
  const names = listed.map(({ name }) => name);
  return [
    ...listed.flatMap((tool) => [
      ...descriptionProblems(tool, names),
      ...parameterProblems(tool),
      ...orders(tool).map((words) => `${tool.name}: "${words}" gives the assistant an order`),
    ]),
    ...lookalikes(listed),
    ...hintProblems(tools),
    ...budgetProblems(tools),
  ];
}

function descriptionProblems({ name, description, annotations, outputSchema }: Listed, names: readonly string[]) {
  const { properties = {} } = outputSchema as Schema;
  const returnsResource = !annotations.readOnlyHint && ['cluster', 'user', 'database'].some((key) => key in properties);
  const checks: [isBroken: boolean, problem: string][] = [
    [
      description.length < SHORTEST || description.length > LONGEST,
      `has ${description.length} characters, not ${SHORTEST} to ${LONGEST}`,
    ],
    [!/^(Deprecated by|[A-Z][a-z]+s) /.test(description), 'does not begin with its purpose, as in "Lists …"'],
    [
      annotations.readOnlyHint &&
        /^[A-Z][a-z]+s /.test(description) &&
        !/^(Lists|Reads|Estimates|Waits) /.test(description),
      'does not begin with what comes back: Lists, Reads, Estimates or Waits',
    ],
    [
      !annotations.readOnlyHint && !annotations.destructiveHint && !SIDE_EFFECT.test(description),
      'names no side effect',
    ],
    [!names.some((other) => other !== name && mentions(description, other)), 'names no sibling to use instead'],
    [returnsResource && !/\breturns\b/i.test(description), 'does not say what it returns'],
    [
      annotations.destructiveHint && !/\bfor good\b|\blost\b|\bno longer\b/.test(description),
      'does not say what is lost',
    ],
  ];
  return checks.filter(([isBroken]) => isBroken).map(([, problem]) => `${name}: its description ${problem}`);
}

/** What a write costs, stops, or cannot take back. */
const SIDE_EFFECT = /\b(billed|BUSY|for good|lost|unreachable|no longer|switchover|can change later)\b/;

const mentions = (text: string, name: string) => text.split(/[^a-z_]+/).includes(name);

/** A unit, a bound, an example or a source. */
const CONCRETE =
  /\d|\be\.g\.|\bdefault\b|\bfrom (the person|[a-z]+_[a-z_]+)|\bMB\b|\b(seconds|rows|lines)\b|HH:MM|ISO 8601|environment variable|the person/i;

function parameterProblems({ name, inputSchema }: Listed): string[] {
  return parametersIn(inputSchema as Schema, name).flatMap(([place, { type, description = '', ...schema }]) => {
    if (description.length < 8) return [`${place} is not described`];
    const isBounded = type === 'object' || type === 'array' || schema.enum || schema.maximum !== undefined;
    if (isBounded || CONCRETE.test(description)) return [];
    if (type === 'boolean' && /\btrue\b/.test(description)) return [];
    return [`${place} is described without unit, bound, example or source: "${description}"`];
  });
}

function parametersIn({ properties = {}, items }: Schema, place: string): [place: string, schema: Schema][] {
  const own = Object.entries(properties).flatMap(([key, schema]): [string, Schema][] => [
    [`${place}.${key}`, schema],
    ...parametersIn(schema, `${place}.${key}`),
  ]);
  return items ? [...own, ...parametersIn(items, `${place}[]`)] : own;
}

const ADDRESSED = /\b(you|your|must|should|have to|has to|always|make sure|be sure|please|the assistant|the model)\b/i;
const IMPERATIVE =
  /^(then |first |and |never )*(ask|avoid|be|begin|call|check|confirm|do|don't|ensure|keep|leave|inform|look|never|obtain|prefer|provide|read|remember|repeat|retry|run|see|show|start (?!of\b)|tell|treat|try|wait)\b/i;

/** Facts belong here; how an assistant should behave stands in the instructions. "Use x for …" names a sibling. */
function orders({ description, inputSchema, outputSchema }: Listed): string[] {
  return [description, ...descriptionsIn(inputSchema as Schema), ...descriptionsIn(outputSchema as Schema)]
    .flatMap((text) => text.split(/[.;:,(]\s+/))
    .filter((clause) => ADDRESSED.test(clause) || IMPERATIVE.test(clause) || isBareUse(clause));
}

const isBareUse = (clause: string) => /^use\b/i.test(clause) && !/^use [a-z]+_[a-z_]+ (for|to|with)\b/i.test(clause);

function descriptionsIn(schema: Schema): string[] {
  const { description, properties = {}, items } = schema;
  const inner = [...Object.values(properties), ...(items ? [items] : [])].flatMap(descriptionsIn);
  return description === undefined ? inner : [description, ...inner];
}

function lookalikes(tools: readonly Listed[]): string[] {
  return tools.flatMap((one, n) =>
    tools.slice(n + 1).flatMap((other) => {
      const pair = `${one.name} and ${other.name}`;
      return [
        ...(firstWords(one) === firstWords(other) ? [`${pair} begin alike: "${firstWords(one)}"`] : []),
        ...(likeness(one, other) > MAX_LIKENESS ? [`${pair} could be swapped: their descriptions are too alike`] : []),
      ];
    }),
  );
}

const wordsOf = ({ description }: Listed) => description.toLowerCase().match(/[\w']+/g) ?? [];
const firstWords = (tool: Listed) => wordsOf(tool).slice(0, FIRST_WORDS).join(' ');

/** Words in both, of the words in either. */
export function likeness(one: Listed, other: Listed): number {
  const [a, b] = [new Set(wordsOf(one)), new Set(wordsOf(other))];
  const shared = [...a].filter((word) => b.has(word)).length;
  return shared / (a.size + b.size - shared);
}

const HINT = /^[a-z-]+( [a-z-]+){2,5}$/i;

function hintProblems(tools: readonly LintedTool[]): string[] {
  const hints = tools.map(({ searchHint }) => searchHint);
  return tools.flatMap(({ searchHint, listed: { name } }, n) => {
    if (searchHint === null) return [];
    const repeated = searchHint.split(' ').filter((word) => isIn(name, word));
    return [
      ...(HINT.test(searchHint) ? [] : [`${name}: its hint "${searchHint}" is not three to six words`]),
      ...repeated.map((word) => `${name}: its hint repeats "${word}"`),
      ...(hints.indexOf(searchHint) < n ? [`${name}: its hint "${searchHint}" is that of another tool`] : []),
    ];
  });
}

const singular = (word: string) => word.toLowerCase().replace(/s$/, '');
const isIn = (name: string, word: string) => name.split('_').map(singular).includes(singular(word));

function budgetProblems(tools: readonly LintedTool[]): string[] {
  const cost = (some: readonly object[]) => tokensOf({ tools: some });
  const listed = (some: readonly LintedTool[]) => some.map(({ listed }) => listed);
  const costs = {
    all: cost(listed(tools)),
    clusters: cost(listed(tools.filter(({ toolset }) => toolset === 'clusters'))),
    withMeta: cost(tools.map((tool) => ({ ...tool.listed, _meta: metaOf(tool, { confirm: 'costly' }) }))),
  };
  return (['all', 'clusters', 'withMeta'] as const)
    .filter((set) => costs[set] > TOKEN_BUDGET[set])
    .map((set) => `The list of tools (${set}) takes ${costs[set]} tokens, more than ${TOKEN_BUDGET[set]}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const problems = lintTools(listing.tools);
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  if (problems.length > 0) process.exitCode = 1;
}
