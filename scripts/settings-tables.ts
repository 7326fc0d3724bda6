import { VARIABLES, type Variable } from '../src/config/environment.ts';
import { type Flag, flagName } from '../src/config/flag-row.ts';
import { aloneFlags, pageFlags, SERVER_GROUPS } from '../src/config/flags.ts';

/** The page that describes every flag and variable, below the root. */
export const PAGE = 'docs/configuration.md';
const MARKERS = /(?<=^<!-- settings: [^\n]* -->\n).*?(?=^<!-- \/settings -->$)/ms;

/** The page's text with what lies between its markers written anew. */
export function withTables(page: string): string {
  if (!MARKERS.test(page)) throw new Error(`${PAGE} lacks the line <!-- settings: … --> or <!-- /settings -->`);
  return page.replace(MARKERS, () => `\n${tables().join('\n\n')}\n\n`);
}

function tables(): string[] {
  const [general, ...others] = SERVER_GROUPS;
  return [
    table('Flag', [...rowsOf(general?.flags ?? {}), ...pageRows()]),
    ...others.flatMap(({ heading, intro = '', flags }) => [
      `### ${heading.replace(/:$/, '')}`,
      intro,
      table('Flag', rowsOf(flags)),
    ]),
    '### The command sandbox',
    'It also accepts these:',
    table('Flag of `sandbox`', rowsOf(aloneFlags)),
    '## Environment variables',
    table('Environment variable', VARIABLES.map(variableRow)),
  ];
}

type Cells = [setting: string, preset: string, meaning: string];

function table(head: string, rows: readonly Cells[]): string {
  const lines = [[head, 'Default', 'Meaning'], ['---', '---', '---'], ...rows];
  return lines.map((cells) => `| ${cells.join(' | ').replaceAll('|  |', '| |')} |`).join('\n');
}

const code = (text: string) => `\`${text}\``;

const rowsOf = (flags: Readonly<Record<string, Flag>>) =>
  Object.entries(flags).map(([key, flag]): Cells => {
    const name = [flagName(key), flag.value].filter(Boolean).join(' ');
    return [code(name), presetOf(flag) || (flag.value ? '' : 'off'), meaningOf(flag)];
  });

const pageRows = () =>
  Object.entries(pageFlags).map(
    ([name, { short, says }]): Cells => [`${code(`-${short}`)}, ${code(`--${name}`)}`, '', meaningOf({ says })],
  );

const variableRow = (variable: Variable): Cells => [
  variable.names.map(code).join(', '),
  presetOf(variable),
  meaningOf(variable),
];

const presetOf = ({ default: preset, otherwise = '' }: Pick<Flag, 'default' | 'otherwise'>) =>
  preset === undefined ? otherwise : code(preset);

function meaningOf({ says, exception, more }: Pick<Flag, 'says' | 'exception' | 'more'>): string {
  const text = [says, exception, more].filter(Boolean).join('; ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
