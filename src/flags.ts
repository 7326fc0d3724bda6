import { Command, CommanderError, Option } from 'commander';
import { version } from './version.ts';

/** What the command line says: words to print, or a command with its flags as they were typed. */
export type CommandLine =
  | { command: 'print'; text: string }
  | { command: 'serve' | 'sandbox'; flags: Record<string, unknown>; problems: string[] };

export function readCommandLine(argv: readonly string[]): CommandLine {
  let text = '';
  const program = createProgram((words) => {
    text += words;
  });
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return { command: 'print', text };
    throw error;
  }
  const chosen = program.commands.find((command) => command.name() === program.args[0]);
  return {
    command: chosen ? 'sandbox' : 'serve',
    flags: { ...program.opts(), ...chosen?.opts() },
    problems: leftovers(chosen ?? program),
  };
}

function createProgram(write: (words: string) => void): Command {
  const program = new Command('ionos-postgres-mcp')
    .description(
      "Lets an AI assistant manage IONOS Cloud's managed PostgreSQL clusters: a Model Context Protocol server over stdio or HTTP.",
    )
    .configureOutput({
      writeOut: write,
      writeErr: () => {},
      getOutHelpWidth: () => 100,
      getErrHelpWidth: () => 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .exitOverride()
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .enablePositionalOptions();
  lenient(program, [...serverOptions(), ...writesOptions(), ...httpOptions(), ...sandboxOptions()])
    .version(version, '-V, --version', 'show the version')
    .addHelpText('after', ENVIRONMENT_AND_EXAMPLES);
  lenient(program.command('sandbox'), [...listenOptions('8080'), ...sandboxOptions('Options:')])
    .summary('serve the sandbox by itself, for other programs')
    .description(
      'Serves the sandbox by itself over HTTP until it is stopped, for programs such as ionosctl, the SDKs and the ' +
        'Terraform provider. It wants credentials as the API does, and takes any.',
    )
    .addHelpText('after', SANDBOX_EXAMPLES);
  return program;
}

// commander stops at the first flag it does not know; left over, they can be named together with every other problem
function lenient(command: Command, options: Option[]): Command {
  for (const option of options) command.addOption(option);
  return command
    .allowUnknownOption()
    .allowExcessArguments()
    .action(() => {});
}

// nor may it stop at a missing value: given as optional it arrives as `true`, which the schema refuses
function option(flags: string, description: string): Option {
  const takesValue = flags.includes('<');
  // a --no-… would be there as `true` without being given; like the others, it is `true` only if it is
  return Object.assign(new Option(flags, description), { required: false, optional: takesValue, negate: false });
}

const repeated = (flags: string, description: string) =>
  option(flags, description).argParser((value: string, previous: unknown) => [previous ?? [], value].flat());

const grouped = (heading: string, options: Option[]) => options.map((each) => each.helpGroup(heading));

const serverOptions = () => [
  option(
    '--sandbox',
    'try it without an account: talk to a built-in imitation of the API, which costs and keeps nothing',
  ),
  option('--transport <kind>', 'stdio, for a client that launches it, or http (default: stdio)'),
  option(
    '--access <level>',
    'what is offered at all: read; write, which adds creating and changing; full, which adds deleting ' +
      '(default: full); over HTTP the default is write, except with --sandbox',
  ),
  option('--read-only', 'the same as --access read'),
  option(
    '--log-level <level>',
    'trace, debug, info, warn, error or silent; JSON on stderr, writes are always logged (default: info)',
  ),
];

const writesOptions = () =>
  grouped('Writes:', [
    option(
      '--confirm <which>',
      'which writes a person has to agree to: never; destructive, for deletes, upgrades and all that has no way back; ' +
        'or writes, for all of them (default: destructive)',
    ),
    option(
      '--require-human',
      'refuse what a person has to agree to where the client cannot ask one, instead of taking a token after a preview',
    ),
    option('--policy <path>', 'file with rules that no caller can lift: protected clusters, sizes, places, versions'),
    option(
      '--credentials-dir <path>',
      "over stdio: where new passwords are written, if not in the user's state directory",
    ),
    repeated(
      '--password-env <names>',
      'environment variables whose passwords callers may use by name; separated by commas, can be repeated',
    ),
  ]);

const listenOptions = (port: string) => [
  option('--host <address>', 'address to listen on (default: 127.0.0.1)'),
  option('--port <number>', `port to listen on, 0 for any free one (default: ${port})`),
];

const httpOptions = () =>
  grouped('HTTP options, with --transport http:', [
    ...listenOptions('3000'),
    option('--public-url <url>', 'how clients reach it, up to the /mcp, as in https://mcp.example.com/postgres'),
    repeated(
      '--allowed-hosts <hosts>',
      'hosts by which clients may call, besides that of --public-url; without a port they stand for every port; ' +
        'separated by commas, can be repeated',
    ),
    repeated(
      '--allowed-origins <origins>',
      'origins whose web pages may call, as in https://app.example.com; separated by commas, can be repeated',
    ),
    option(
      '--auth <mode>',
      'how callers sign in: none, only on this machine; token, with tokens that you hand out; oauth, with those of ' +
        'an authorization server (default: none)',
    ),
    option(
      '--auth-tokens-file <path>',
      'file with a line label:class:token for each token; the class is read, write or full',
    ),
    option('--oauth-issuer <url>', "the authorization server, as its tokens' iss spells it"),
    option('--oauth-audience <uri>', "what its tokens' aud has to be, if not the URL of this server"),
    option('--oauth-jwks-url <url>', 'where its keys are, if not where the issuer says'),
    option(
      '--ionos-credentials <whose>',
      'server: all calls go to the API with the credentials below; caller: each with the token that its caller ' +
        'sends along, and those below are not read (default: server)',
    ),
    option('--no-sse', 'leave out the older HTTP+SSE transport'),
    option('--trust-proxy <hops>', 'proxies in front that append to X-Forwarded-For, 0 to 10 (default: 0)'),
    option('--rate-limit <n>', 'requests a minute for each caller, 0 for no limit (default: 600)'),
    option('--write-rate-limit <n>', 'the same for calls that write, 0 for no limit (default: 30)'),
    option('--max-calls <n>', 'calls in flight at once, 1 to 100000 (default: 1000)'),
    option('--caller-max-calls <n>', 'the same for each caller who signs in, 1 to 100000 (default: 100)'),
    option(
      '--drain-delay <seconds>',
      'how long it still takes calls after SIGTERM, until load balancers have noticed, 0 to 60 (default: 5)',
    ),
    option('--drain-timeout <seconds>', 'how long calls in flight then have to end, 0 to 300 (default: 25)'),
    option('--metrics-port <number>', 'serve Prometheus metrics on a port of their own, 0 for any free one'),
    option('--metrics-host <address>', 'address for that port (default: 127.0.0.1)'),
  ]);

const sandboxOptions = (heading = 'Sandbox options, with --sandbox:') =>
  grouped(heading, [
    option('--settle <seconds>', 'how long a change takes in the sandbox, 0 to 3600 (default: 5)'),
    option('--latency <ms>', 'how long each of its answers takes, 0 to 60000 (default: 0)'),
    repeated(
      '--fail <what:chance>',
      'make a share of its answers fail, as in 503:0.1; an HTTP status from 400 to 599, or drop (the connection closes), ' +
        'html (a page in place of JSON), hang (no answer comes), lost (it acts, its answer is lost); can be repeated',
    ),
  ]);

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

// Only the names of flags are repeated: other words may be a token, in the wrong place or as the value of an unknown flag.
function leftovers(command: Command): string[] {
  const [first] = command.args;
  const stray = first === undefined || isFlag(first) ? [] : [UNEXPECTED];
  return [...stray, ...command.args.filter(isFlag).map((flag) => refusal(command, flag))];
}

const UNEXPECTED = "unexpected argument: the only command is 'sandbox', and flags begin with --";

const isFlag = (arg: string) => /^-./s.test(arg);

function refusal(command: Command, arg: string): string {
  const flag = arg.startsWith('--') ? arg.replace(/=.*$/s, '') : arg.slice(0, 2);
  if (!/^--?[a-z][a-z-]{0,29}$/i.test(flag)) return 'unknown option, which does not look like a flag';
  const words = complaint(command, flag);
  if (!words) return arg === flag ? `'${flag}' is not expected here` : `'${flag}' takes no value`;
  if (/token|pass|user|secret|key|auth/i.test(flag) && !words.includes('Did you mean')) {
    return `unknown option '${flag}': credentials come from the environment or a file, since other users of this machine can read a command line`;
  }
  return words;
}

// asked strictly, commander adds which flag was probably meant
function complaint(command: Command, flag: string): string | undefined {
  try {
    command.allowUnknownOption(false).parse([flag], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.unknownOption') return error.message.replace('error: ', '').replace('\n', ' ');
  }
  return undefined;
}
