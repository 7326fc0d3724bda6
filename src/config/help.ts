import { version } from '../version.ts';
import type { Page } from './command-line.ts';
import { VARIABLES, type Variable } from './environment.ts';
import { type Flag, flagName } from './flag-row.ts';
import { CLIENT_IDS } from './flag-schemas.ts';
import { aloneFlags, installFlags, pageFlags, SERVER_GROUPS, sandboxFlags, uninstallFlags } from './flags.ts';

export function textOf(page: Page): string {
  if (page === 'version') return `${version}\n`;
  return laidOut(COMMANDS.find(({ name }) => page === `help of ${name}`) ?? PROGRAM);
}

interface Row {
  term: string;
  words: string;
}

interface Command {
  name?: string;
  description: string;
  takesClient?: boolean;
  /** Below their headings. */
  options: readonly [heading: string, flags: Readonly<Record<string, Flag>>][];
  after?: string;
}

const OPTIONS = 'Options:';
const PROGRAM_NAME = 'ionos-postgres-mcp';
const COLUMNS = 100;

function laidOut({ name, description, takesClient, options, after }: Command): string {
  const { help, version: release } = pageFlags;
  const ofVersion = { term: `-${release.short}, --version`, words: release.says };
  const rowsOf = ([heading, flags]: Command['options'][number]) => [
    ...(name === undefined && heading === OPTIONS ? [ofVersion] : []),
    ...Object.entries(flags).map(([key, flag]) => ({
      term: [flagName(key), flag.value].filter(Boolean).join(' '),
      words: wordsOf(flag),
    })),
    ...(heading === OPTIONS ? [{ term: `-${help.short}, --help`, words: help.says }] : []),
  ];
  const sections: [heading: string, rows: readonly Row[]][] = [
    ...(takesClient ? [['Arguments:', [{ term: 'client', words: CLIENT_IDS.join(', ') }]] as [string, Row[]]] : []),
    ...options.map((group): [string, Row[]] => [group[0], rowsOf(group)]),
    ...(name === undefined ? [['Commands:', COMMANDS.map(summaryOf)] as [string, Row[]]] : []),
  ];
  const width = Math.max(...sections.flatMap(([, rows]) => rows.map(({ term }) => term.length)));
  const usage = [PROGRAM_NAME, name, '[options]', name === undefined && '[command]', takesClient && '<client>'];
  return [
    `Usage: ${usage.filter(Boolean).join(' ')}`,
    wrapped(description, COLUMNS).join('\n'),
    ...sections.map(([heading, rows]) => [heading, ...rows.map((row) => inColumns(row, width))].join('\n')),
    ...(after === undefined ? [] : [after]),
  ]
    .join('\n\n')
    .concat('\n');
}

const GAP = 2;

function inColumns({ term, words }: Row, width: number): string {
  const beginning = `${' '.repeat(GAP)}${term.padEnd(width + GAP)}`;
  return beginning + wrapped(words, COLUMNS - beginning.length).join(`\n${' '.repeat(beginning.length)}`);
}

function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= columns) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function wordsOf({ says, default: preset, exception }: Pick<Flag, 'says' | 'default' | 'exception'>): string {
  const words = preset === undefined ? says : `${says} (default: ${preset})`;
  return [words, exception].filter(Boolean).join('; ').replaceAll('`', '');
}

const NAMES_WIDTH = 'HTTPS_PROXY, HTTP_PROXY'.length;

function describe(variable: Variable): string {
  const names = variable.names.join(', ');
  const [first = '', ...rest] = names.length > NAMES_WIDTH ? names.split(/(?<=,) /) : [names];
  const words = `  ${wordsOf(variable)}`;
  const beginning =
    first.length > NAMES_WIDTH ? [first, ' '.repeat(NAMES_WIDTH) + words] : [first.padEnd(NAMES_WIDTH) + words];
  return [...beginning, ...rest].map((line) => `  ${line}`).join('\n');
}

const EXAMPLES = `
Examples:
  IONOS_TOKEN_FILE=~/.ionos-token ionos-postgres-mcp --read-only
  ionos-postgres-mcp --sandbox --settle 0.5
  ionos-postgres-mcp sandbox --port 8080
  IONOS_TOKEN_FILE=/run/secrets/ionos ionos-postgres-mcp --transport http --host 0.0.0.0 \\
    --public-url https://mcp.example.com --auth token --auth-tokens-file /run/secrets/callers`;

const SANDBOX_EXAMPLES = `Examples:
  ionos-postgres-mcp sandbox --port 8080 --fail 503:0.1 --fail drop:0.05
  IONOS_API_URL=http://127.0.0.1:8080 IONOS_TOKEN=any ionosctl dbaas postgres cluster list`;

const INSTALL_EXAMPLES = `Examples:
  ionos-postgres-mcp install claude-desktop
  ionos-postgres-mcp install cursor --sandbox --yes
  ionos-postgres-mcp install codex --read-only --print`;

const PROGRAM: Command = {
  description:
    "Lets an AI assistant manage IONOS Cloud's managed PostgreSQL clusters: a Model Context Protocol server over stdio or HTTP.",
  options: SERVER_GROUPS.map(({ heading, flags }) => [heading, flags]),
  after: `Environment:\n${VARIABLES.map(describe).join('\n')}\n${EXAMPLES}`,
};

const COMMANDS: readonly (Command & { name: string; summary: string })[] = [
  {
    name: 'sandbox',
    summary: 'serve only the sandbox, for other programs',
    description:
      'Serves only the sandbox, over HTTP, until it is stopped, for programs such as ionosctl, the SDKs and the ' +
      'Terraform provider. Like the API it requires credentials; any will do.',
    options: [[OPTIONS, { ...aloneFlags, ...sandboxFlags }]],
    after: SANDBOX_EXAMPLES,
  },
  {
    name: 'install',
    summary: 'add the server to the settings of an MCP client',
    description:
      'Adds this server to the settings of an MCP client, or updates its entry. Shows the change and asks first, and ' +
      'keeps a copy of the file. The token is read from IONOS_TOKEN or prompted for, and stored in a file that only ' +
      'you can read; VS Code prompts for it and stores it itself.',
    takesClient: true,
    options: [[OPTIONS, installFlags]],
    after: INSTALL_EXAMPLES,
  },
  {
    name: 'uninstall',
    summary: 'remove it again',
    description: 'Removes the entry again, and the token file once no client uses it.',
    takesClient: true,
    options: [[OPTIONS, uninstallFlags]],
  },
];

const summaryOf = ({ name, summary, takesClient }: (typeof COMMANDS)[number]): Row => ({
  term: [name, '[options]', takesClient && '<client>'].filter(Boolean).join(' '),
  words: summary,
});
