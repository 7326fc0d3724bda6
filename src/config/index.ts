import * as z from 'zod';
import type { Access } from '../access.ts';
import { ConfigError } from '../errors.ts';
import type { LogLevel } from '../log.ts';
import type { Toolset } from '../tools/toolsets.ts';
import { type Page, readCommandLine } from './command-line.ts';
import { type ApiAddress, type ApiConfig, addressSchema, credentialsSchema, DEFAULT_API_URL } from './environment.ts';
import type { ReadFile } from './files.ts';
import { flagName, type SettingsOf, type Surroundings, shapeOf } from './flag-row.ts';
import { aloneFlags, sandboxFlags, serverFlags, writesFlags } from './flags.ts';
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
  | { command: 'sandbox'; host: string; port: number; sandbox: SandboxConfig };

interface ServeConfig {
  command: 'serve';
  sandbox?: SandboxConfig;
  access: Access;
  toolsets: readonly Toolset[];
  writes: WritesConfig;
  logLevel: LogLevel;
  auditFile?: string;
  secrets: readonly string[];
}

/**
 * Flags take precedence over the environment; one ConfigError lists every problem. `argv` excludes node and the script.
 */
export function loadConfig(argv: readonly string[], env: Environment, readFile: ReadFile): Config {
  const line = readCommandLine(argv);
  if (line.command === 'print') return line;

  const { command, flags } = line;
  const settings = command === 'serve' ? serverSettings(flags, env) : flags;
  const surroundings = { env, readFile };
  const schema = command === 'serve' ? serveSchema(surroundings, overStdio(flags)) : aloneSchema(surroundings);
  const result: z.ZodSafeParseResult<Config> = schema.safeParse(settings);
  const problems = [
    ...line.problems,
    ...(command === 'serve' ? contradictions(flags, surroundings) : []),
    ...(result.error?.issues.map(({ message }) => message) ?? []),
  ];
  if (result.success && problems.length === 0) return result.data;
  throw new ConfigError(problems);
}

type Flags = Record<string, unknown>;

const isOverHttp = (name: string) => Object.hasOwn(httpFlags, name);

const overStdio = ({ transport = 'stdio' }: Flags) => /^\s*stdio\s*$/i.test(String(transport));

function serverSettings(flags: Flags, env: Environment) {
  const pick = (isWanted: (name: string) => boolean) =>
    Object.fromEntries(Object.entries(flags).filter(([name]) => isWanted(name)));
  const { sandbox, ionosCredentials = 'server' } = flags;
  const signsIn = overStdio(flags) || ionosCredentials === 'server';
  return {
    ...pick((name) => !isOverHttp(name)),
    http: overStdio(flags) ? undefined : { ...pick(isOverHttp), sandbox, callerTokens: env },
    address: sandbox ? undefined : env,
    credentials: sandbox || !signsIn ? undefined : env,
    env,
  };
}

const toSandbox = ({ settle, latency, fail }: SettingsOf<typeof sandboxFlags>) => ({
  settleMs: Math.round(settle * 1000),
  latencyMs: latency,
  faults: fail,
});

type SandboxConfig = ReturnType<typeof toSandbox>;

/** Problems are reported in the order of these fields. */
function serveSchema(surroundings: Surroundings, overStdio: boolean) {
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
      address: addressSchema().default({ api: { apiUrl: DEFAULT_API_URL }, secrets: [] }),
      credentials: credentialsSchema(surroundings.readFile).default({ authorization: 'Bearer sandbox', secrets: [] }),
    })
    .transform(
      (
        { sandbox, http, access, readOnly, toolsets, logLevel, auditFile, address, credentials, ...rest },
        context,
      ): Config => {
        const preset = http && !sandbox ? 'write' : 'full';
        const writes = readWrites(rest, rest.env, http !== undefined);
        for (const problem of writes.problems) context.addIssue(problem);
        const server = {
          command: 'serve',
          sandbox: sandbox && toSandbox(rest),
          access: readOnly ? 'read' : (access ?? preset),
          toolsets,
          writes: writes.config,
          logLevel,
          auditFile,
        } as const;
        const api = { ...address.api, authorization: credentials.authorization };
        const secrets = [...credentials.secrets, ...address.secrets, ...writes.secrets];
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

function contradictions(flags: Flags, surroundings: Surroundings): string[] {
  const given = Object.keys(flags);
  const problems = [
    ...onlyTogether(flags.sandbox ? [] : given.filter((name) => Object.hasOwn(sandboxFlags, name)), '--sandbox'),
    ...onlyTogether(overStdio(flags) ? given.filter(isOverHttp) : [], '--transport http'),
    ...onlyTogether(overStdio(flags) ? [] : given.filter((name) => name === 'credentialsDir'), '--transport stdio'),
  ];
  const { readOnly, access } = flags;
  const { data } = readOnly && access ? serverFlags.access.schema('--access', surroundings).safeParse(access) : {};
  if (data === 'write' || data === 'full') {
    problems.push(`--read-only and --access ${data} contradict each other`);
  }
  return problems;
}

const onlyTogether = (names: string[], other: string) =>
  names.map((name) => `${flagName(name)} works only together with ${other}`);
