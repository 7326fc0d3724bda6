/** A flag as it is typed and as the help describes it. */
export interface Flag {
  /** With two dashes. */
  name: string;
  /** What its value is called; a flag without one is there or not. */
  value?: string;
  description: string;
  isRepeated: boolean;
}

function flag(flags: string, description: string, isRepeated = false): Flag {
  const [name = '', value] = flags.split(' ');
  return { name, value, description, isRepeated };
}

const repeated = (flags: string, description: string) => flag(flags, description, true);

/** What the server takes however it is reached. */
export const SERVER: readonly Flag[] = [
  flag(
    '--sandbox',
    'try it without an account: talk to a built-in imitation of the API, which costs and keeps nothing',
  ),
  flag('--transport <kind>', 'stdio, for a client that launches it, or http (default: stdio)'),
  flag(
    '--access <level>',
    'what is offered at all: read; write, which adds creating and changing; full, which adds deleting and restoring ' +
      '(default: full); over HTTP the default is write, except with --sandbox',
  ),
  flag('--read-only', 'the same as --access read'),
  repeated(
    '--toolsets <sets>',
    'which kinds of tools are offered, of clusters, backups, users, databases and logs, separated by commas; all if left out',
  ),
  flag(
    '--log-level <level>',
    'trace, debug, info, warn, error or silent; JSON on stderr, writes are always logged (default: info)',
  ),
];

export const WRITES: readonly Flag[] = [
  flag(
    '--confirm <which>',
    'which writes a person has to agree to: never; destructive, for deletes, upgrades and all that has no way back; ' +
      'or writes, for all of them (default: destructive)',
  ),
  flag(
    '--require-human',
    'refuse what a person has to agree to where the client cannot ask one, instead of taking a token after a preview',
  ),
  flag('--policy <path>', 'file with rules that no caller can lift: protected clusters, sizes, places, versions'),
  flag('--credentials-dir <path>', "over stdio: where new passwords are written, if not in the user's state directory"),
  repeated(
    '--password-env <names>',
    'environment variables whose passwords callers may use by name; separated by commas, can be repeated',
  ),
];

const listen = (defaultPort: string): readonly Flag[] => [
  flag('--host <address>', 'address to listen on (default: 127.0.0.1)'),
  flag('--port <number>', `port to listen on, 0 for any free one (default: ${defaultPort})`),
];

/** None of them goes with stdio. */
export const HTTP: readonly Flag[] = [
  ...listen('3000'),
  flag('--public-url <url>', 'how clients reach it, up to the /mcp, as in https://mcp.example.com/postgres'),
  repeated(
    '--allowed-hosts <hosts>',
    'hosts by which clients may call, besides that of --public-url; without a port they stand for every port; ' +
      'separated by commas, can be repeated',
  ),
  repeated(
    '--allowed-origins <origins>',
    'origins whose web pages may call, as in https://app.example.com; separated by commas, can be repeated',
  ),
  flag(
    '--auth <mode>',
    'how callers sign in: none, only on this machine; token, with tokens that you hand out; oauth, with those of ' +
      'an authorization server (default: none)',
  ),
  flag(
    '--auth-tokens-file <path>',
    'file with a line label:class:token for each token; the class is read, write or full',
  ),
  flag('--oauth-issuer <url>', "the authorization server, as its tokens' iss spells it"),
  flag('--oauth-audience <uri>', "what its tokens' aud has to be, if not the URL of this server"),
  flag('--oauth-jwks-url <url>', 'where its keys are, if not where the issuer says'),
  flag(
    '--ionos-credentials <whose>',
    'server: all calls go to the API with the credentials below; caller: each with the token that its caller ' +
      'sends along, and those below are not read (default: server)',
  ),
  flag('--no-sse', 'leave out the older HTTP+SSE transport'),
  flag('--trust-proxy <hops>', 'proxies in front that append to X-Forwarded-For, 0 to 10 (default: 0)'),
  flag('--rate-limit <n>', 'requests a minute for each caller, 0 for no limit (default: 600)'),
  flag('--write-rate-limit <n>', 'the same for calls that write, 0 for no limit (default: 30)'),
  flag('--max-calls <n>', 'calls in flight at once, 1 to 100000 (default: 1000)'),
  flag('--caller-max-calls <n>', 'the same for each caller who signs in, 1 to 100000 (default: 100)'),
  flag(
    '--drain-delay <seconds>',
    'how long it still takes calls after SIGTERM, until load balancers have noticed, 0 to 60 (default: 5)',
  ),
  flag('--drain-timeout <seconds>', 'how long calls in flight then have to end, 0 to 300 (default: 25)'),
  flag('--metrics-port <number>', 'serve Prometheus metrics on a port of their own, 0 for any free one'),
  flag('--metrics-host <address>', 'address for that port (default: 127.0.0.1)'),
];

export const SANDBOX: readonly Flag[] = [
  flag('--settle <seconds>', 'how long a change takes in the sandbox, 0 to 3600 (default: 5)'),
  flag('--latency <ms>', 'how long each of its answers takes, 0 to 60000 (default: 0)'),
  repeated(
    '--fail <what:chance>',
    'make a share of its answers fail, as in 503:0.1; an HTTP status from 400 to 599, or drop (the connection closes), ' +
      'html (a page in place of JSON), hang (no answer comes), lost (it acts, its answer is lost); can be repeated',
  ),
];

/** What the command sandbox takes besides. */
export const ALONE: readonly Flag[] = listen('8080');
