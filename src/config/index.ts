import * as z from 'zod';
import type { Access } from '../access.ts';
import { DEFAULT_V2_URL, type V2Config, v2Config } from '../api/generations/addresses.ts';
import { ConfigError } from '../errors.ts';
import type { LogLevel } from '../log.ts';
import type { PriceFile } from '../prices/price-file.ts';
import { TOOLSETS, type Toolset } from '../tools/toolsets.ts';
import { type ApiAddress, type ApiConfig, type AskedApis, addressSchema } from './account/addresses.ts';
import { credentialsSchema } from './account/credentials.ts';
import { findIonosFile } from './account/find-ionos-file.ts';
import type { FoundFile } from './account/ionos-file.ts';
import { chooseProfile, type ProfileChoice } from './account/profile.ts';
import { type Page, readCommandLine } from './command-line.ts';
import { DEFAULT_API_URL } from './environment.ts';
import type { ReadFile } from './files.ts';
import { flagName, type SettingsOf, type Surroundings, shapeOf } from './flag-row.ts';
import { type ClientId, client } from './flag-schemas.ts';
import { aloneFlags, installFlags, sandboxFlags, serverFlags, uninstallFlags, writesFlags } from './flags.ts';
import { type HttpConfig, httpSchema } from './http.ts';
import { httpFlags } from './http-flags.ts';
import type { Environment } from './paths.ts';
import { readWrites, type WritesConfig } from './writes.ts';

export { readFile } from './files.ts';

export type Config =
  | { command: 'print'; page: Page }
  | (ServeConfig & { transport: 'stdio'; api: ApiConfig })
  | (ServeConfig & {
      transport: 'http';
      http: HttpConfig;
      /** Without `authorization` if each caller brings their own credentials. */
      api: ApiAddress & { authorization?: string };
    })
  | { command: 'sandbox'; host: string; port: number; sandbox: SandboxConfig }
  | InstallCommand;

export interface InstallCommand {
  command: 'install' | 'uninstall';
  client: ClientId;
  sandbox: boolean;
  /** Of the entry. */
  name: string;
  /** Whether nobody is to be asked. */
  yes: boolean;
  print: boolean;
  /** With which the client starts the server. */
  args: readonly string[];
}

interface ServeConfig {
  command: 'serve';
  sandbox?: SandboxConfig;
  /** Undefined where API v1 alone is asked. */
  v2?: V2Config;
  access: Access;
  toolsets: readonly Toolset[];
  /** Of the operator; else the contract's own are read. */
  prices?: PriceFile;
  writes: WritesConfig;
  logLevel: LogLevel;
  auditFile?: string;
  secrets: readonly string[];
  /** Of IONOS's configuration file. */
  profile?: string;
  /** For the log. */
  warnings: readonly string[];
}

/** loadConfig with IONOS's configuration file, where that counts. */
export async function readConfig(argv: readonly string[], env: Environment, readFile: ReadFile): Promise<Config> {
  const line = readCommandLine(argv);
  if (line.command !== 'serve') return loadConfig(argv, env, readFile);
  const found = await findIonosFile({ flags: line.flags, isHosted: !overStdio(line.flags) }, { env, readFile });
  return loadConfig(argv, env, readFile, found);
}

/**
 * Flags take precedence over the environment; one ConfigError lists every problem. `argv` excludes node and the script.
 */
export function loadConfig(
  argv: readonly string[],
  env: Environment,
  readFile: ReadFile,
  ionosFile?: FoundFile,
): Config {
  const line = readCommandLine(argv);
  if (line.command === 'print') return line;

  const { command, flags } = line;
  const surroundings = { env, readFile };
  const account = ionosFile && chooseProfile(ionosFile, flags, env);
  const { settings, schema } = given(line, surroundings, account);
  const result: z.ZodSafeParseResult<Config> = schema.safeParse(settings);
  const problems = [
    ...line.problems,
    ...(command === 'serve' ? contradictions(flags, askedOf(flags, surroundings)) : []),
    ...(command === 'uninstall' ? needless(flags) : []),
    ...readersThatWrite(flags, surroundings),
    ...ordersElsewhere(flags),
    ...(result.error?.issues.map(({ message }) => message) ?? []),
    ...(account?.problems ?? []),
  ];
  if (result.success && problems.length === 0) return result.data;
  throw new ConfigError(problems);
}

/** What there is to check, and the schema to check it with. */
function given({ command, client, flags }: Given, surroundings: Surroundings, account?: ProfileChoice) {
  if (command === 'sandbox') return { settings: flags, schema: aloneSchema(surroundings) };
  if (command !== 'serve') return { settings: { client, ...flags }, schema: installSchema(command, surroundings) };
  const schema = serveSchema(surroundings, {
    overStdio: overStdio(flags),
    asked: askedOf(flags, surroundings),
    account,
  });
  const settings = serverSettings(flags, surroundings.env);
  // Whoever relies on a file that has problems need not hear of other credentials.
  const isBroken = account !== undefined && account.problems.length > 0;
  return { settings: isBroken ? { ...settings, credentials: undefined } : settings, schema };
}

type Given = Exclude<ReturnType<typeof readCommandLine>, { command: 'print' }>;
type Flags = Record<string, unknown>;

const isOverHttp = (name: string) => Object.hasOwn(httpFlags, name);

/** None of these goes with a server. */
const isForInstall = (name: string) => Object.hasOwn(installFlags, name) && !Object.hasOwn(serverFlags, name);

const overStdio = ({ transport = 'stdio' }: Flags) => /^\s*stdio\s*$/i.test(String(transport));

function serverSettings(flags: Flags, env: Environment) {
  const pick = (isWanted: (name: string) => boolean) =>
    Object.fromEntries(Object.entries(flags).filter(([name]) => isWanted(name)));
  const { sandbox, ionosCredentials = 'server' } = flags;
  const signsIn = overStdio(flags) || ionosCredentials === 'server';
  return {
    ...pick((name) => !isOverHttp(name) && !isForInstall(name)),
    http: overStdio(flags) ? undefined : { ...pick(isOverHttp), sandbox, callerTokens: env },
    address: sandbox ? undefined : env,
    credentials: sandbox || !signsIn ? undefined : env,
    env,
  };
}

/** As far as it can be read: what is wrong with it is named elsewhere. */
function askedOf({ api, regions }: Flags, surroundings: Surroundings): AskedApis {
  const { data: generation } = serverFlags.api.schema('--api', surroundings).safeParse(api);
  const { data: names } = serverFlags.regions.schema('--regions', surroundings).safeParse(regions);
  return { generation, regions: regions === undefined ? undefined : names };
}

const toSandbox = ({ settle, latency, fail }: SettingsOf<typeof sandboxFlags>) => ({
  settleMs: Math.round(settle * 1000),
  latencyMs: latency,
  faults: fail,
});

type SandboxConfig = ReturnType<typeof toSandbox>;

interface ServeContext {
  overStdio: boolean;
  asked: AskedApis;
  account?: ProfileChoice;
}

/** Problems are reported in the order of these fields. */
function serveSchema(surroundings: Surroundings, { overStdio, asked, account }: ServeContext) {
  const { sandbox, transport, logLevel, ...server } = shapeOf(serverFlags, surroundings);
  return z
    .strictObject({
      sandbox,
      ...shapeOf(sandboxFlags, surroundings),
      transport,
      http: overStdio ? z.undefined() : httpSchema(surroundings),
      ...server,
      ...shapeOf(writesFlags, surroundings),
      logLevel,
      env: z.custom<Environment>(),
      address: addressSchema(account?.chosen, asked).default({
        api: { apiUrl: DEFAULT_API_URL },
        v2: { url: DEFAULT_V2_URL },
        secrets: [],
      }),
      credentials: credentialsSchema(surroundings.readFile, account?.chosen).default({
        authorization: 'Bearer sandbox',
        secrets: [],
      }),
    })
    .transform(
      (
        {
          sandbox,
          http,
          access,
          readOnly,
          toolsets,
          api: version,
          newClusters,
          regions,
          logLevel,
          auditFile,
          ...given
        },
        context,
      ): Config => {
        const { address, credentials, ...rest } = given;
        const preset = http && !sandbox ? 'write' : 'full';
        const writes = readWrites(rest, rest.env, http !== undefined);
        for (const problem of writes.problems) context.addIssue(problem);
        const server = {
          command: 'serve',
          sandbox: sandbox && toSandbox(rest),
          v2: v2Config({ generation: version, urls: address.v2, regions, newClusters }),
          access: readOnly ? 'read' : (access ?? preset),
          toolsets,
          prices: rest.prices,
          writes: writes.config,
          logLevel,
          auditFile,
          profile: account?.chosen?.profile?.name,
          warnings: account?.warnings ?? [],
        } as const;
        const api = { ...address.api, authorization: credentials.authorization };
        const secrets = [
          ...new Set([...credentials.secrets, ...address.secrets, ...writes.secrets, ...(account?.secrets ?? [])]),
        ];
        if (!http) return { ...server, transport: 'stdio', api, secrets };
        return {
          ...server,
          transport: 'http',
          http: http.config,
          api: http.config.ionosCredentials === 'caller' ? address.api : api,
          secrets: [...secrets, ...http.secrets],
        };
      },
    );
}

const aloneSchema = (surroundings: Surroundings) =>
  z
    .strictObject(
      { ...shapeOf(aloneFlags, surroundings), ...shapeOf(sandboxFlags, surroundings) },
      { error: (issue) => (issue.code === 'unrecognized_keys' ? serverOnly(issue.keys) : undefined) },
    )
    .transform(({ host, port, ...rest }): Config => ({ command: 'sandbox', host, port, sandbox: toSandbox(rest) }));

function serverOnly(keys: string[]): string {
  const flags = keys.map(flagName);
  return `${flags.join(', ')}: not for the command sandbox, which serves only the sandbox`;
}

const installSchema = (command: InstallCommand['command'], surroundings: Surroundings) =>
  z
    .strictObject(
      { client: client(command), ...shapeOf(installFlags, surroundings) },
      { error: (issue) => (issue.code === 'unrecognized_keys' ? notFor(command, issue.keys) : undefined) },
    )
    .transform(
      ({ client, sandbox = false, name, yes = false, print = false, access, readOnly, toolsets }): Config => ({
        command,
        client,
        sandbox,
        name: name ?? (sandbox ? 'ionos-postgres-sandbox' : 'ionos-postgres'),
        yes,
        print,
        args: [
          ...(access ? ['--access', access] : []),
          ...(readOnly ? ['--read-only'] : []),
          ...(toolsets.length < TOOLSETS.length ? ['--toolsets', toolsets.join(',')] : []),
        ],
      }),
    );

const notFor = (command: string, keys: readonly string[]) =>
  `${keys.map(flagName).join(', ')}: not for the command ${command}`;

function needless(flags: Flags): string[] {
  const keys = Object.keys(flags).filter(
    (name) => Object.hasOwn(installFlags, name) && !Object.hasOwn(uninstallFlags, name),
  );
  return keys.length > 0 ? [notFor('uninstall', keys)] : [];
}

function contradictions(flags: Flags, { generation }: AskedApis): string[] {
  const given = Object.keys(flags);
  return [
    ...onlyTogether(flags.sandbox ? [] : given.filter((name) => Object.hasOwn(sandboxFlags, name)), '--sandbox'),
    ...onlyTogether(overStdio(flags) ? given.filter(isOverHttp) : [], '--transport http'),
    ...onlyTogether(overStdio(flags) ? [] : given.filter((name) => name === 'credentialsDir'), '--transport stdio'),
    ...onlyTogether(generation === 'v1' ? given.filter((name) => name === 'regions') : [], '--api v2 or auto'),
    ...onlyTogether(given.filter(isForInstall), 'the command install'),
    ...(!overStdio(flags) && flags.profile && flags.ionosCredentials === 'caller' ? [CALLERS_OWN] : []),
  ];
}

const CALLERS_OWN = '--profile and --ionos-credentials caller contradict each other';

function ordersElsewhere({ api, newClusters }: Flags): string[] {
  return api === 'v1' && newClusters === 'v2' ? ['--new-clusters v2 and --api v1 contradict each other'] : [];
}

function readersThatWrite(flags: Flags, surroundings: Surroundings): string[] {
  const { readOnly, access } = flags;
  const { data } = readOnly && access ? serverFlags.access.schema('--access', surroundings).safeParse(access) : {};
  return data === 'write' || data === 'full' ? [`--read-only and --access ${data} contradict each other`] : [];
}

const onlyTogether = (names: string[], other: string) =>
  names.map((name) => `${flagName(name)} works only together with ${other}`);
