import * as z from 'zod';
import { ACCESSES, type Access } from '../access.ts';
import { ConfigError } from '../errors.ts';
import type { LogLevel } from '../log.ts';
import { TOOLSETS, type Toolset } from '../tools/toolsets.ts';
import { keyOf, type Page, readCommandLine } from './command-line.ts';
import {
  type ApiAddress,
  type ApiConfig,
  addressSchema,
  credentialsSchema,
  DEFAULT_API_URL,
  type Environment,
  type ReadFile,
} from './environment.ts';
import { address, flagName, list, number, port, several, wanted } from './flag-schemas.ts';
import { type Flag, HTTP } from './flags.ts';
import { type HttpConfig, httpSchema } from './http.ts';
import { readWrites, type WritesConfig, writesFlags } from './writes.ts';

export type Config =
  | { command: 'print'; page: Page }
  | (ServeConfig & { transport: 'stdio'; api: ApiConfig })
  | (ServeConfig & {
      transport: 'http';
      http: HttpConfig;
      /** Without `authorization` where each caller brings credentials of his own. */
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
  /** Every credential in use, for whoever keeps them out of the output. */
  secrets: readonly string[];
}

export interface SandboxConfig {
  settleMs: number;
  latencyMs: number;
  faults: SandboxFault[];
}

export interface SandboxFault {
  /** An HTTP status, or the way in which an answer goes wrong. */
  kind: number | Mishap;
  /** From 0, never, to 1, always. */
  chance: number;
}

export type Mishap = z.infer<typeof mishap>;

/** Flags go before environment; every problem is named in one ConfigError. `argv` is without node and script. */
export function loadConfig(argv: readonly string[], env: Environment, readFile: ReadFile): Config {
  const line = readCommandLine(argv);
  if (line.command === 'print') return line;

  const { command, flags } = line;
  const settings = command === 'serve' ? serverSettings(flags, env) : flags;
  const schema = command === 'serve' ? serveSchema(readFile, overStdio(flags)) : aloneSchema;
  const result: z.ZodSafeParseResult<Config> = schema.safeParse(settings);
  const problems = [
    ...line.problems,
    ...(command === 'serve' ? contradictions(flags) : []),
    ...(result.error?.issues.map(({ message }) => message) ?? []),
  ];
  if (result.success && problems.length === 0) return result.data;
  throw new ConfigError(problems);
}

type Flags = Record<string, unknown>;

const keysOf = (flags: readonly Flag[]) => new Set(flags.map(({ name }) => keyOf(name)));

/** None of these goes with stdio. */
const httpKeys = keysOf(HTTP);

const overStdio = ({ transport = 'stdio' }: Flags) => transport === 'stdio';

/** The flags as the schema takes them, with no more of the environment than they ask for. */
function serverSettings(flags: Flags, env: Environment) {
  const pick = (isWanted: (name: string) => boolean) =>
    Object.fromEntries(Object.entries(flags).filter(([name]) => isWanted(name)));
  const { sandbox, ionosCredentials = 'server' } = flags;
  const signsIn = overStdio(flags) || ionosCredentials === 'server';
  return {
    ...pick((name) => !httpKeys.has(name)),
    http: overStdio(flags) ? undefined : { ...pick((name) => httpKeys.has(name)), callerTokens: env },
    address: sandbox ? undefined : env,
    credentials: sandbox || !signsIn ? undefined : env,
    env,
  };
}

const transport = z.enum(['stdio', 'http'], wanted('--transport', 'stdio or http'));
const access = z.enum(ACCESSES, wanted('--access', 'read, write or full'));

const isToolset = (name: string): name is Toolset => TOOLSETS.some((each) => each === name);

const logLevel: z.ZodType<LogLevel> = z.enum(
  ['trace', 'debug', 'info', 'warn', 'error', 'silent'],
  wanted('--log-level', 'trace, debug, info, warn, error or silent'),
);

const mishap = z.enum(['drop', 'html', 'hang', 'lost']);
const faultRule = wanted(
  '--fail',
  'what:chance, as in 503:0.1 (an HTTP status from 400 to 599, drop, html, hang or lost; a chance from 0 to 1)',
);
const fault = z
  .string(faultRule)
  .regex(/^([45]\d\d|drop|html|hang|lost):([01]|0?\.\d+|1\.0+)$/, faultRule)
  .transform((text): SandboxFault => {
    const [what, chance] = text.split(':');
    const kind = Number(what);
    return { kind: Number.isNaN(kind) ? mishap.parse(what) : kind, chance: Number(chance) };
  });

const sandboxFlags = {
  settle: number('--settle', 'seconds', 0, 3600).default(5),
  latency: number('--latency', 'milliseconds', 0, 60_000).default(0),
  fail: several(fault).default([]),
};

type SandboxFlags = z.infer<z.ZodObject<typeof sandboxFlags>>;

const toSandbox = ({ settle, latency, fail }: SandboxFlags): SandboxConfig => ({
  settleMs: Math.round(settle * 1000),
  latencyMs: latency,
  faults: fail,
});

const serveSchema = (readFile: ReadFile, overStdio: boolean) =>
  z
    .strictObject({
      sandbox: z.literal(true).optional(),
      ...sandboxFlags,
      transport: transport.default('stdio'),
      http: overStdio ? z.undefined() : httpSchema(),
      access: access.optional(),
      readOnly: z.literal(true).optional(),
      toolsets: list('--toolsets', `some of ${TOOLSETS.join(',')}`, isToolset)
        .transform((names) => names.filter(isToolset))
        .optional(),
      ...writesFlags(readFile),
      logLevel: logLevel.default('info'),
      env: z.custom<Environment>(),
      address: addressSchema.default({ api: { apiUrl: DEFAULT_API_URL }, secrets: [] }),
      credentials: credentialsSchema(readFile).default({ authorization: 'Bearer sandbox', secrets: [] }),
    })
    .transform(
      ({ sandbox, http, access, readOnly, toolsets, logLevel, address, credentials, ...rest }, context): Config => {
        const preset = http && !sandbox ? 'write' : 'full';
        const writes = readWrites(rest, rest.env, http !== undefined);
        for (const problem of writes.problems) context.addIssue(problem);
        const server = {
          command: 'serve',
          sandbox: sandbox && toSandbox(rest),
          access: readOnly ? 'read' : (access ?? preset),
          toolsets: toolsets ?? TOOLSETS,
          writes: writes.config,
          logLevel,
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

const aloneSchema = z
  .strictObject(
    {
      host: address('--host').default('127.0.0.1'),
      port: port('--port').default(8080),
      ...sandboxFlags,
    },
    { error: (issue) => (issue.code === 'unrecognized_keys' ? serverOnly(issue.keys) : undefined) },
  )
  .transform(({ host, port, ...rest }): Config => ({ command: 'sandbox', host, port, sandbox: toSandbox(rest) }));

function serverOnly(keys: string[]): string {
  const flags = keys.map(flagName);
  return `${flags.join(', ')}: not for the command sandbox, which serves the sandbox by itself`;
}

function contradictions(flags: Flags): string[] {
  const given = Object.keys(flags);
  const problems = [
    ...onlyTogether(flags.sandbox ? [] : given.filter((name) => name in sandboxFlags), '--sandbox'),
    ...onlyTogether(overStdio(flags) ? given.filter((name) => httpKeys.has(name)) : [], '--transport http'),
    ...onlyTogether(overStdio(flags) ? [] : given.filter((name) => name === 'credentialsDir'), '--transport stdio'),
  ];
  const { readOnly, access } = flags;
  if (readOnly && (access === 'write' || access === 'full')) {
    problems.push(`--read-only and --access ${access} contradict each other`);
  }
  return problems;
}

const onlyTogether = (names: string[], other: string) =>
  names.map((name) => `${flagName(name)} works only together with ${other}`);
