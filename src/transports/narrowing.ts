import type { Context } from 'hono';
import type { Narrowing } from '../calls/http-caller.ts';
import { createMemory } from '../memory.ts';
import { nearest } from '../text/nearest.ts';
import { cut, literal } from '../text/visible.ts';
import { TOOLSETS } from '../tools/toolsets.ts';
import { type Env, refuse } from './guards.ts';

const MOST_PATTERNS = 20;
const LONGEST_PATTERN = 100;

/** Problems of one query that are told, and characters that are shown of a value. */
const MOST_PROBLEMS = 5;
const MAX_SHOWN = 40;
/** A longer name could be a token. */
const LONGEST_LOGGED = 32;

/** Queries that are remembered, so that equal ones share one value. */
const MOST_REMEMBERED = 200;
const REMEMBERED_MS = 3_600_000;

/** What one parameter leaves; empty where it narrows nothing, words where it is wrong. */
type Read = (value: string) => Narrowing | string;

const READS: Readonly<Record<string, Read>> = {
  read_only(value) {
    if (value === 'true') return { access: 'read' };
    return value === 'false' ? {} : `${given(value)}: must be true or false`;
  },

  toolsets(value) {
    const wanted = itemsIn(value);
    const [unknown] = wanted.filter((each) => !TOOLSETS.some((toolset) => toolset === each));
    if (unknown !== undefined) {
      return `${given(unknown, TOOLSETS)}: must be some of ${TOOLSETS.join(', ')}, separated by commas`;
    }
    const toolsets = TOOLSETS.filter((each) => wanted.includes(each));
    return toolsets.length < TOOLSETS.length ? { toolsets } : {};
  },

  clusters(value) {
    const clusters = [...new Set(itemsIn(value))];
    if (clusters.includes('')) {
      return `${given('')}: must be IDs or names of clusters, with * for any characters, separated by commas`;
    }
    if (clusters.length > MOST_PATTERNS) return ` has ${clusters.length} values: at most ${MOST_PATTERNS} are possible`;
    const [long] = clusters.filter(({ length }) => length > LONGEST_PATTERN);
    if (long) return `${given(long)}: at most ${LONGEST_PATTERN} characters each, this one has ${long.length}`;
    return clusters.some((each) => /^\*+$/.test(each)) ? {} : { clusters };
  },
};
const NAMES = Object.keys(READS);

/** Refuses a query that is not for this path. */
export type CheckQuery = (c: Context<Env>) => Response | undefined;

/** Lets a client have less than its caller may have, by the query of the URL. */
export function createNarrowing(): CheckQuery {
  const known = createMemory<{ narrowing?: Narrowing }>(REMEMBERED_MS, MOST_REMEMBERED);

  return (c) => {
    const query = queryOf(c);
    if (query === '') return undefined;
    let read = known.get(query);
    if (!read) {
      const { parameters, problems } = parametersIn(query, NAMES);
      const narrowing = narrowingBy(parameters, problems);
      if (problems.length > 0) return refuseQuery(c, problems);
      read = { narrowing: Object.keys(narrowing).length > 0 ? narrowing : undefined };
      known.set(query, read);
    }
    c.set('narrowing', read.narrowing);
    return undefined;
  };
}

/** For a URL that narrows nothing, so that nobody believes it does. */
export function onlyParameters(...names: string[]): CheckQuery {
  return (c) => {
    const { problems } = parametersIn(queryOf(c), names);
    return problems.length > 0 ? refuseQuery(c, problems) : undefined;
  };
}

function queryOf({ env: { incoming } }: Context<Env>): string {
  const { url = '' } = incoming;
  const at = url.indexOf('?');
  return at < 0 ? '' : url.slice(at + 1);
}

interface Problem {
  /** Of the parameter. */
  name: string;
  words: string;
}

/** Each parameter once, decoded. */
function parametersIn(query: string, names: readonly string[]) {
  const parameters = new Map<string, string>();
  const problems: Problem[] = [];
  for (const part of query.split('&')) {
    if (part === '') continue;
    if (problems.length === MOST_PROBLEMS) break;
    const [spelled = '', ...rest] = part.split('=');
    const name = decoded(spelled) ?? spelled;
    const value = decoded(rest.join('='));
    const words = !names.includes(name)
      ? `${shown(name)}: is no parameter of this URL, which takes ${names.join(', ')}${hint(name, names)}`
      : parameters.has(name)
        ? `${name}: is given more than once; several values of one parameter are separated by commas`
        : value === undefined && `${name}: is not UTF-8 in percent encoding`;
    if (words) problems.push({ name, words });
    parameters.set(name, value ?? '');
  }
  return { parameters, problems };
}

/** As forms encode it, where a blank can be a plus sign. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

function narrowingBy(parameters: ReadonlyMap<string, string>, problems: Problem[]): Narrowing {
  const wrong = new Set(problems.map(({ name }) => name));
  let narrowing: Narrowing = {};
  for (const [name, read] of Object.entries(READS)) {
    const value = parameters.get(name);
    if (value === undefined || wrong.has(name)) continue;
    const found = read(value);
    if (typeof found === 'string') problems.push({ name, words: `${name}${found}` });
    else narrowing = { ...narrowing, ...found };
  }
  return narrowing;
}

const itemsIn = (value: string) => value.split(',').map((item) => item.trim());

const shown = (text: string) => literal(cut(text, MAX_SHOWN));

const given = (value: string, known: readonly string[] = []) =>
  value === '' ? ' has no value' : ` (${[shown(value), meant(value, known)].filter(Boolean).join('; ')})`;

function hint(text: string, known: readonly string[]): string {
  const words = meant(text, known);
  return words ? ` (${words})` : '';
}

function meant(text: string, known: readonly string[]): string | undefined {
  const [first] = nearest(text, known);
  return first && `did you mean ${first}?`;
}

function refuseQuery(c: Context<Env>, problems: readonly Problem[]) {
  const reason = 'The query of this URL is not accepted';
  const words = problems.map(({ words }) => words).join('; ');
  const value = problems.map(({ name }) => (name.length > LONGEST_LOGGED ? 'a long name' : name)).join(', ');
  return refuse(c, 400, `${reason}. ${words}`, { reason, value });
}
