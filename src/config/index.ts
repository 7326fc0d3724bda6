import * as z from 'zod';
import type { Access } from '../access.ts';
import type { AccountFacts } from '../api/credentials.ts';
import { type V2Config, type V2Urls, v2Config, v2Urls } from '../api/generations/addresses.ts';
import { ConfigError } from '../errors.ts';
import type { LogLevel } from '../log.ts';
import type { PriceFile } from '../prices/price-file.ts';
import type { TelemetryConfig } from '../telemetry/index.ts';
import type { Toolset } from '../tools/toolsets.ts';
import { accountsSchema } from './account/account.ts';
import type { ApiAddress, ApiConfig, AskedApis } from './account/addresses.ts';
import { findIonosFile } from './account/find-ionos-file.ts';
import type { FoundFile } from './account/ionos-file.ts';
import { type AccountChoices, chooseAccounts } from './account/profile.ts';
import { type Page, readCommandLine } from './command-line.ts';
import { type InstallCommand, installSchema, needless } from './commands/install.ts';
import { aloneSchema, type SandboxCommand, type SandboxConfig, toSandbox } from './commands/sandbox.ts';
import type { ReadFile } from './files.ts';
import { flagName, type Surroundings, shapeOf } from './flag-row.ts';
import { installFlags, sandboxFlags, serverFlags, writesFlags } from './flags.ts';
import { httpFlags } from './hosted/flags.ts';
import { type HttpConfig, httpSchema } from './hosted/http.ts';
import type { Environment } from './paths.ts';
import { readTelemetry } from './telemetry/index.ts';
import { readWrites, type WritesConfig } from './writes.ts';

export { readFile } from './files.ts';

export type Config =
  | { command: 'print'; page: Page }
  | (ServeConfig & { transport: 'stdio'; api: ApiConfig; profiles?: readonly ProfileConfig[] })
  | (ServeConfig & {
      transport: 'http';
      http: HttpConfig;
      /** Without `authorization` if each caller brings their own credentials. */
      api: ApiAddress & { authorization?: string };
    })
  | SandboxCommand
  | InstallCommand;

/** One of several accounts. */
export interface ProfileConfig {
  name: string;
  /** Undefined if it is not known. */
  contract?: string;
  api: ApiConfig;
  /** Undefined where API v1 alone is asked. */
  v2?: V2Config;
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
  /** Undefined where nothing is sent to a collector. */
  telemetry?: TelemetryConfig;
  secrets: readonly string[];
  /** The only one of IONOS's configuration file that counts. */
  profile?: string;
  /** At least one; more than one only where there are profiles. */
  accounts: readonly AccountFacts[];
  /** For the log. */
  warnings: readonly string[];
}

/** loadConfig with IONOS's configuration file, where that counts. */
export async function readConfig(argv: readonly string[], env: Environment, readFile: ReadFile): Promise<Config> {
  const line = readCommandLine(argv);
  if (line.command !== 'serve') return loadConfig(argv, env, readFile);
  const found = await findIonosFile(wishOf(line.flags), { env, readFile });
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
  const choices = chooseAccounts(ionosFile, wishOf(flags), env);
  const { settings, schema } = given(line, surroundings, choices);
  const result: z.ZodSafeParseResult<Config> = schema.safeParse(settings);
  const problems = [
    ...line.problems,
    ...(command === 'serve' ? contradictions(flags, askedOf(flags, surroundings)) : []),
    ...(command === 'uninstall' ? needless(flags) : []),
    ...readersThatWrite(flags, surroundings),
    ...ordersElsewhere(flags),
    ...(result.error?.issues.map(({ message }) => message) ?? []),
    ...(command === 'serve' ? choices.problems : []),
  ];
  if (result.success && problems.length === 0) return result.data;
  // What the accounts have in common is read for each of them.
  throw new ConfigError([...new Set(problems)]);
}

/** What there is to check, and the schema to check it with. */
function given({ command, client, flags }: Given, surroundings: Surroundings, choices: AccountChoices) {
  if (command === 'sandbox') return { settings: flags, schema: aloneSchema(surroundings) };
  if (command !== 'serve') return { settings: { client, ...flags }, schema: installSchema(command, surroundings) };
  const asked = askedOf(flags, surroundings);
  const schema = serveSchema(surroundings, { overStdio: overStdio(flags), asked, choices });
  return { settings: serverSettings(flags, surroundings.env, choices), schema };
}

type Given = Exclude<ReturnType<typeof readCommandLine>, { command: 'print' }>;
type Flags = Record<string, unknown>;

const isOverHttp = (name: string) => Object.hasOwn(httpFlags, name);

/** None of these goes with a server. */
const isForInstall = (name: string) => Object.hasOwn(installFlags, name) && !Object.hasOwn(serverFlags, name);

const overStdio = ({ transport = 'stdio' }: Flags) => /^\s*stdio\s*$/i.test(String(transport));

const wishOf = (flags: Flags) => ({ flags, isHosted: !overStdio(flags) });

function serverSettings(flags: Flags, env: Environment, { accounts, problems }: AccountChoices) {
  const pick = (isWanted: (name: string) => boolean) =>
    Object.fromEntries(Object.entries(flags).filter(([name]) => isWanted(name)));
  const { sandbox, ionosCredentials = 'server' } = flags;
  const signsIn = overStdio(flags) || ionosCredentials === 'server';
  return {
    ...pick((name) => !isOverHttp(name) && !isForInstall(name)),
    http: overStdio(flags) ? undefined : { ...pick(isOverHttp), sandbox, callerTokens: env, stateVariable: env },
    accounts: accounts.map(() => ({
      address: sandbox ? undefined : env,
      // Whoever relies on a file that has problems need not hear of other credentials.
      credentials: sandbox || !signsIn || problems.length > 0 ? undefined : env,
    })),
    env,
  };
}

/** As far as it can be read: what is wrong with it is named elsewhere. */
function askedOf({ api, regions }: Flags, surroundings: Surroundings): AskedApis {
  const { data: generation } = serverFlags.api.schema('--api', surroundings).safeParse(api);
  const { data: names } = serverFlags.regions.schema('--regions', surroundings).safeParse(regions);
  return { generation, regions: regions === undefined ? undefined : names };
}

interface ServeContext {
  overStdio: boolean;
  asked: AskedApis;
  choices: AccountChoices;
}

/** Problems are reported in the order of these fields. */
function serveSchema(surroundings: Surroundings, { overStdio, asked, choices }: ServeContext) {
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
      accounts: accountsSchema(choices.accounts, { asked, readFile: surroundings.readFile }),
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
        const {
          accounts: [account, ...more],
          ...rest
        } = given;
        const preset = http && !sandbox ? 'write' : 'full';
        const writes = readWrites(rest, rest.env, http !== undefined);
        for (const problem of writes.problems) context.addIssue(problem);
        const telemetry = readTelemetry(rest.env);
        const isOwn = http?.config.ionosCredentials !== 'caller';
        const v2Of = (urls: V2Urls) => v2Config({ generation: version, urls, regions, newClusters });
        const server = {
          command: 'serve',
          sandbox: sandbox && toSandbox(rest),
          v2: v2Of(account.v2),
          access: readOnly ? 'read' : (access ?? preset),
          toolsets,
          prices: rest.prices,
          writes: writes.config,
          logLevel,
          auditFile,
          telemetry: telemetry.config,
          profile: more.length > 0 ? undefined : account.name,
          accounts: [account, ...more].map(({ name: profile, contract, facts, address, v2 }): AccountFacts => {
            const { apiUrl, computeUrl, billingUrl } = address;
            const asked = v2Of(v2);
            const urls = { apiUrl, computeUrl, billingUrl, v2Urls: asked ? v2Urls(asked) : [] };
            return { profile, contract, credentials: isOwn ? facts : undefined, ...urls };
          }),
          warnings: [
            ...choices.warnings,
            ...(http?.config.stateUrl && !writes.config.signingKey ? [NO_KEY] : []),
            ...telemetry.warnings,
          ],
        } as const;
        const { api } = account;
        const ofAccounts = [account, ...more].flatMap((each) => each.secrets);
        const secrets = [...new Set([...ofAccounts, ...writes.secrets, ...choices.secrets, ...telemetry.secrets])];
        const profiles = [account, ...more].map(({ name = '', contract, api, v2 }) => {
          return { name, contract, api, v2: v2Of(v2) };
        });
        if (!http)
          return { ...server, transport: 'stdio', api, profiles: more.length > 0 ? profiles : undefined, secrets };
        return {
          ...server,
          transport: 'http',
          http: http.config,
          api: http.config.ionosCredentials === 'caller' ? account.address : api,
          secrets: [...secrets, ...http.secrets],
        };
      },
    );
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

const NO_KEY =
  'with --state-url, but without MCP_SIGNING_KEY, each replica accepts only its own confirmation tokens; give all of them the same key';

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
