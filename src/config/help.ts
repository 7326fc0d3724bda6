import { Command, Option } from 'commander';
import { version } from '../version.ts';
import type { Page } from './command-line.ts';
import { VARIABLES, type Variable } from './environment.ts';
import { type Flag, flagName } from './flag-row.ts';
import { CLIENT_IDS } from './flag-schemas.ts';
import { aloneFlags, installFlags, pageFlags, SERVER_GROUPS, sandboxFlags, uninstallFlags } from './flags.ts';

export function textOf(page: Page): string {
  if (page === 'version') return `${version}\n`;
  const program = createProgram();
  const command = program.commands.find((each) => page === `help of ${each.name()}`) ?? program;
  let text = '';
  command.configureOutput({
    writeOut(words) {
      text += words;
    },
    getOutHelpWidth: () => 100,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text;
}

function createProgram(): Command {
  const { help, version: release } = pageFlags;
  const program = new Command('ionos-postgres-mcp')
    .description(
      "Lets an AI assistant manage IONOS Cloud's managed PostgreSQL clusters: a Model Context Protocol server over stdio or HTTP.",
    )
    .helpOption(`-${help.short}, --help`, help.says)
    .helpCommand(false)
    .version(version, `-${release.short}, --version`, release.says)
    .addHelpText('after', `\nEnvironment:\n${VARIABLES.map(describe).join('\n')}\n${EXAMPLES}`);
  for (const { heading, flags } of SERVER_GROUPS) add(program, flags, heading);
  const sandbox = program
    .command('sandbox')
    .summary('serve only the sandbox, for other programs')
    .description(
      'Serves only the sandbox, over HTTP, until it is stopped, for programs such as ionosctl, the SDKs and the ' +
        'Terraform provider. Like the API it requires credentials; any will do.',
    )
    .addHelpText('after', SANDBOX_EXAMPLES);
  add(sandbox, { ...aloneFlags, ...sandboxFlags });
  const install = program
    .command('install')
    .summary('add the server to the settings of an MCP client')
    .description(
      'Adds this server to the settings of an MCP client, or updates its entry. Shows the change and asks first, and ' +
        'keeps a copy of the file. The token is read from IONOS_TOKEN or prompted for, and stored in a file that only ' +
        'you can read; VS Code prompts for it and stores it itself.',
    )
    .argument('<client>', CLIENT_IDS.join(', '))
    .addHelpText('after', INSTALL_EXAMPLES);
  add(install, installFlags);
  const uninstall = program
    .command('uninstall')
    .summary('remove it again')
    .description('Removes the entry again, and the token file once no client uses it.')
    .argument('<client>', CLIENT_IDS.join(', '));
  add(uninstall, uninstallFlags);
  return program;
}

function add(command: Command, flags: Readonly<Record<string, Flag>>, heading = 'Options:') {
  for (const [key, { value, ...flag }] of Object.entries(flags)) {
    const option = new Option([flagName(key), value].filter(Boolean).join(' '), wordsOf(flag));
    command.addOption(option.helpGroup(heading));
  }
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

const SANDBOX_EXAMPLES = `
Examples:
  ionos-postgres-mcp sandbox --port 8080 --fail 503:0.1 --fail drop:0.05
  IONOS_API_URL=http://127.0.0.1:8080 IONOS_TOKEN=any ionosctl dbaas postgres cluster list`;

const INSTALL_EXAMPLES = `
Examples:
  ionos-postgres-mcp install claude-desktop
  ionos-postgres-mcp install cursor --sandbox --yes
  ionos-postgres-mcp install codex --read-only --print`;
