import { Command, Option } from 'commander';
import { version } from '../version.ts';
import type { Page } from './command-line.ts';
import { ALONE, type Flag, HTTP, SANDBOX, SERVER, WRITES } from './flags.ts';

/** What is printed in place of serving, with the line break at its end. */
export function textOf(page: Page): string {
  if (page === 'version') return `${version}\n`;
  const program = createProgram();
  const [sandbox = program] = program.commands;
  const command = page === 'help' ? program : sandbox;
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
  const program = new Command('ionos-postgres-mcp')
    .description(
      "Lets an AI assistant manage IONOS Cloud's managed PostgreSQL clusters: a Model Context Protocol server over stdio or HTTP.",
    )
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .version(version, '-V, --version', 'show the version')
    .addHelpText('after', ENVIRONMENT_AND_EXAMPLES);
  add(program, SERVER);
  add(program, WRITES, 'Writes:');
  add(program, HTTP, 'HTTP options, with --transport http:');
  add(program, SANDBOX, 'Sandbox options, with --sandbox:');
  const sandbox = program
    .command('sandbox')
    .summary('serve the sandbox by itself, for other programs')
    .description(
      'Serves the sandbox by itself over HTTP until it is stopped, for programs such as ionosctl, the SDKs and the ' +
        'Terraform provider. It wants credentials as the API does, and takes any.',
    )
    .addHelpText('after', SANDBOX_EXAMPLES);
  add(sandbox, [...ALONE, ...SANDBOX]);
  return program;
}

function add(command: Command, flags: readonly Flag[], heading = 'Options:') {
  for (const { name, value, description } of flags) {
    const option = new Option(value ? `${name} ${value}` : name, description);
    command.addOption(option.helpGroup(heading));
  }
}

const ENVIRONMENT_AND_EXAMPLES = `
Environment:
  IONOS_TOKEN              API token, preferred
  IONOS_TOKEN_FILE         or a file that holds it
  IONOS_USERNAME,          or a user and password; refused by IONOS for accounts with 2-factor login
  IONOS_PASSWORD
  IONOS_API_URL            other base URL (default: https://api.ionos.com/databases/postgresql)
  IONOS_CONTRACT_NUMBER    contract to act for, for resellers
  HTTPS_PROXY, HTTP_PROXY  proxy to reach the API through, the first that is set
  NO_PROXY                 hosts that need none
  MCP_AUTH_TOKENS          over HTTP: the lines of --auth-tokens-file, in its place; commas do too
  MCP_SIGNING_KEY          32 characters or more; replicas that share it take each other's tokens

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
