import { closest } from 'fastest-levenshtein';
import * as z from 'zod';
import { orIssues, unfilled } from './environment.ts';
import type { Surroundings } from './flag-row.ts';
import { toPath } from './paths.ts';

export class Unfilled {
  constructor(readonly form: string) {}
}

// The value is not repeated: it could be a misplaced token.
export const wanted = (flag: string, rule: string) => ({
  error({ input }: { input?: unknown }) {
    if (input instanceof Unfilled) return unfilled(flag, input.form);
    return `${flag} ${input === true ? 'needs a value:' : 'accepts'} ${rule}`;
  },
});

type Synonyms<Value extends string> = Readonly<Record<string, Value>>;

function meaningOf<Value extends string>(
  word: string,
  values: readonly Value[],
  synonyms: Synonyms<Value> = {},
): Value | undefined {
  const spelled = word.trim().toLowerCase().replace(/[_ /]/g, '-');
  const known = values.find((value) => value === spelled);
  return known ?? (Object.hasOwn(synonyms, spelled) ? synonyms[spelled] : undefined);
}

export function choice<const Value extends string>(
  flag: string,
  values: readonly Value[],
  { synonyms, hint = '' }: { synonyms?: Synonyms<NoInfer<Value>>; hint?: string } = {},
) {
  const rule = wanted(flag, `${values.slice(0, -1).join(', ')} or ${values.at(-1)}${hint}`);
  return z.string(rule).transform((word, context): Value => {
    const value = meaningOf(word, values, synonyms);
    if (value !== undefined) return value;
    context.addIssue(rule.error({ input: word }));
    return z.NEVER;
  });
}

/** The clients that the commands install and uninstall know. */
export const CLIENT_IDS = ['claude-desktop', 'claude-code', 'cursor', 'vscode', 'windsurf', 'codex', 'gemini'] as const;
export type ClientId = (typeof CLIENT_IDS)[number];

const CLIENT_SYNONYMS = {
  claude: 'claude-code',
  claudecode: 'claude-code',
  claudedesktop: 'claude-desktop',
  code: 'vscode',
  'vs-code': 'vscode',
  'visual-studio-code': 'vscode',
  'codex-cli': 'codex',
  'gemini-cli': 'gemini',
} as const satisfies Synonyms<ClientId>;

/** The name of a client. One that is unknown is not repeated: it may be a token in the wrong place. */
export function client(command: string) {
  const known = `one of ${CLIENT_IDS.join(', ')}`;
  return z.string(`${command} needs a client: ${known}`).transform((word, context): ClientId => {
    const id = meaningOf(word, CLIENT_IDS, CLIENT_SYNONYMS);
    if (id !== undefined) return id;
    const nearest = closest(word.slice(0, LONGEST_NAME).toLowerCase(), [...CLIENT_IDS]);
    context.addIssue(`${command} does not know this client (did you mean ${nearest}?); it takes ${known}`);
    return z.NEVER;
  });
}

const LONGEST_NAME = 40;

/** Several words out of a list, between commas; `all` stands for all of them. */
export function choices<const Value extends string>(flag: string, values: readonly Value[]) {
  const known = (word: string) => meaningOf(word, [...values, 'all']);
  return list(flag, `some of ${values.join(',')}`, (word) => known(word) !== undefined).transform((words) => {
    const chosen = words.map(known);
    return chosen.includes('all') || chosen.length === 0 ? values : values.filter((value) => chosen.includes(value));
  });
}

export const filePath = (flag: string, { env }: Surroundings, what = 'a file') =>
  filled(flag, `the path of ${what}`).transform((typed, context) => orIssues(() => toPath(typed, flag, env), context));

export const number = (flag: string, what: string, min: number, max: number, digits = /^(\d+(\.\d+)?|\.\d+)$/) =>
  text(flag, `${what} from ${min} to ${max}`, (value) => {
    return digits.test(value) && Number(value) >= min && Number(value) <= max;
  }).transform(Number);

export const wholeNumber = (flag: string, what: string, min: number, max: number) =>
  number(flag, what, min, max, /^\d+$/);

export const port = (flag: string) => wholeNumber(flag, 'a port', 0, 65_535);

export const address = (flag: string) =>
  text(flag, 'a host name or an IP address', (value) => /^[\w.:%-]+$/.test(value));

export const filled = (flag: string, rule: string) => text(flag, rule, (value) => value.trim() !== '');

export function text(flag: string, rule: string, isSound: (value: string) => boolean) {
  return z.string(wanted(flag, rule)).refine(isSound, wanted(flag, rule));
}

/** The last of the values can lack one and then stands alone. */
export const several = <T extends z.ZodType>(item: T) => z.preprocess((value) => [value].flat(), z.array(item));

export function list(flag: string, rule: string, isSound: (value: string) => boolean) {
  const parts = (value: string) => value.split(',').map((part) => part.trim());
  const one = text(flag, rule, (value) => parts(value).every(isSound)).transform(parts);
  return several(one).transform((lists) => lists.flat());
}
