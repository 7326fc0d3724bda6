import { parseArgs } from 'node:util';
import { closest, distance } from 'fastest-levenshtein';
import { placeholderIn } from '../text/placeholder.ts';
import { type Flag, flagName } from './flag-row.ts';
import { Unfilled } from './flag-schemas.ts';
import { aloneFlags, installFlags, pageFlags, SERVER_GROUPS } from './flags.ts';

export type CommandLine =
  | { command: 'print'; page: Page }
  | {
      command: Command;
      /** Of install and uninstall, as it was typed. */
      client?: string;
      flags: Record<string, unknown>;
      problems: string[];
    };

const COMMANDS = ['sandbox', 'install', 'uninstall'] as const;
type Command = 'serve' | (typeof COMMANDS)[number];
export type Page = 'version' | 'help' | `help of ${(typeof COMMANDS)[number]}`;

const FLAGS = new Map(
  [...SERVER_GROUPS.map(({ flags }) => flags), aloneFlags, installFlags]
    .flatMap((flags) => Object.entries<Flag>(flags))
    .map(([key, flag]) => [flagName(key), { key, ...flag }]),
);

const OPTIONS = {
  ...Object.fromEntries([...FLAGS].map(([name, { value }]) => [name.slice(2), { type: value ? 'string' : 'boolean' }])),
  help: { type: 'boolean', short: pageFlags.help.short },
  version: { type: 'boolean', short: pageFlags.version.short },
} as const;

/**
 * Accepts anything, so that all problems are reported together: a flag without its value becomes `true`. `argv`
 * excludes node and the script.
 */
export function readCommandLine(argv: readonly string[]): CommandLine {
  const { tokens } = parseArgs({ args: [...argv], options: OPTIONS, strict: false, tokens: true });
  const flags: Flags = {};
  const problems = new Set<string>();
  let command: Command = 'serve';
  let client: string | undefined;
  let asked: 'help' | 'version' | undefined;
  let skipped = -1;
  /** A flag without a value can still be followed by true or false. */
  let toggled: { key: string; also?: readonly string[]; index: number } | undefined;
  for (const token of tokens) {
    const typed = argv[token.index] ?? '';
    if (token.kind === 'positional') {
      const answer = token.index - 1 === toggled?.index ? answerIn(token.value, toggled) : undefined;
      if (toggled && answer !== undefined) toggle(flags, toggled.key, answer);
      else if (command === 'serve' && isCommand(token.value)) command = token.value;
      else if (isFlag(typed)) problems.add(refusal(typed));
      else if (token.index === skipped) continue;
      else if (command.endsWith('install') && client === undefined) client = token.value;
      else problems.add(UNEXPECTED);
    } else if (token.kind === 'option') {
      const flag = FLAGS.get(token.rawName);
      if (token.name === 'help' || token.name === 'version') asked ??= token.name;
      else if (!flag || (!flag.value && answerOf(token, flag) === undefined)) {
        problems.add(refusal(typed));
        skipped = token.index + 1;
      } else if (!flag.value) {
        toggle(flags, flag.key, answerOf(token, flag) ?? true);
        toggled = { ...flag, index: token.index };
      } else give(flags, flag, isValue(token) ? token.value : undefined);
    }
  }
  if (asked === 'version') return { command: 'print', page: 'version' };
  if (asked) return { command: 'print', page: command === 'serve' ? 'help' : `help of ${command}` };
  return { command, client, flags, problems: [...problems] };
}

const isCommand = (word: string): word is (typeof COMMANDS)[number] => COMMANDS.some((command) => command === word);

type Flags = Record<string, unknown>;

/** An empty value counts as omitted: that is what an unset variable leaves. */
function give(flags: Flags, { key, isRepeated, kind }: { key: string } & Flag, typed: string | undefined) {
  if (typed?.trim() === '') return;
  const form = typed === undefined ? undefined : placeholderIn(typed, kind);
  const value = form === undefined ? (typed ?? true) : new Unfilled(form);
  flags[key] = isRepeated ? [flags[key] ?? [], value].flat() : value;
}

function toggle(flags: Flags, key: string, answer: boolean | string) {
  if (answer) flags[key] = answer;
  else delete flags[key];
}

const TRUTHS = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

type Toggle = Pick<Flag, 'also'>;

function answerIn(word: string, { also }: Toggle): boolean | string | undefined {
  const plain = word.trim().toLowerCase();
  return also?.includes(plain) ? plain : TRUTHS.get(plain);
}

function answerOf({ value = '', inlineValue }: { value?: string; inlineValue?: boolean }, flag: Toggle) {
  if (!inlineValue) return true;
  return value.trim() === '' ? false : answerIn(value, flag);
}

const isFlag = (typed: string) => /^-./s.test(typed);

// parseArgs takes the next word even if it is a flag; a negative number is a value.
const isValue = ({ value, inlineValue }: { value?: string; inlineValue?: boolean }) =>
  value !== undefined && (inlineValue || !isFlag(value) || /^-[\d.]/.test(value));

const UNEXPECTED =
  "unexpected argument: the only commands are 'sandbox', 'install' and 'uninstall', and flags begin with --";

// Repeats only names of flags: any other word could be a misplaced token.
function refusal(typed: string): string {
  const name = typed.startsWith('--') ? typed.replace(/=.*$/s, '') : typed.slice(0, 2);
  if (!/^--?[a-z][a-z-]{0,29}$/i.test(name)) return 'unknown option, which does not look like a flag';
  const flag = FLAGS.get(name);
  if (flag && typed !== name) return `'${name}' takes no value${flag.also ? ` but ${flag.also.join(' or ')}` : ''}`;
  if (flag) return `'${name}' is not expected here`;
  const meant = closest(name, [...FLAGS.keys()]);
  if (distance(name, meant) <= LARGEST_DISTANCE) return `unknown option '${name}' (Did you mean ${meant}?)`;
  if (!/token|pass|user|secret|key|auth/i.test(name)) return `unknown option '${name}'`;
  return `unknown option '${name}': credentials come from the environment or a file, because other users of this machine can read a command line`;
}

const LARGEST_DISTANCE = 2;
