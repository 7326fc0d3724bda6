import { z } from 'zod';
import { type ApiConfig, DEFAULT_API_URL, type Environment, environmentSchema, type ReadFile } from './environment.ts';
import { ConfigError } from './errors.ts';
import { readCommandLine } from './flags.ts';

export type { ApiConfig, ProxyConfig } from './environment.ts';

export type Config =
  | { command: 'print'; text: string }
  | {
      command: 'serve';
      api: ApiConfig;
      sandbox?: SandboxConfig;
      transport: 'stdio';
      access: Access;
      logLevel: LogLevel;
      /** Every credential in use, for whoever keeps them out of the output. */
      secrets: readonly string[];
    }
  | { command: 'sandbox'; host: string; port: number; sandbox: SandboxConfig };

export interface SandboxConfig {
  settleMs: number;
  latencyMs: number;
  faults: Fault[];
}

export interface Fault {
  /** An HTTP status, or the way in which an answer goes wrong. */
  kind: number | Mishap;
  /** From 0, never, to 1, always. */
  chance: number;
}

export type Mishap = z.infer<typeof mishap>;
/** What is registered at all: `read` sees, `write` also creates and changes, `full` also deletes. */
export type Access = z.infer<typeof access>;
export type LogLevel = z.infer<typeof logLevel>;

/** Flags go before environment; every problem is named in one ConfigError. `argv` is without node and script. */
export function loadConfig(argv: readonly string[], env: Environment, readFile: ReadFile): Config {
  const line = readCommandLine(argv);
  if (line.command === 'print') return line;

  const { command, flags } = line;
  const account = command === 'serve' && !flags.sandbox ? { account: env } : {};
  const result = configSchema(readFile).safeParse({ ...flags, ...account, command });
  const problems = [
    ...line.problems,
    ...(command === 'serve' ? contradictions(flags) : []),
    ...(result.error?.issues.map(({ message }) => message) ?? []),
  ];
  if (result.success && problems.length === 0) return result.data;
  throw new ConfigError(problems);
}

// the value is not repeated: what stands in the wrong place may be a token
const wanted = (flag: string, rule: string) => ({
  error: ({ input }: { input?: unknown }) => `${flag} ${input === true ? 'needs a value:' : 'takes'} ${rule}`,
});

const number = (flag: string, rule: string, max: number, digits = /^\d*\.?\d+$/) =>
  z
    .string(wanted(flag, rule))
    .refine((text) => digits.test(text) && Number(text) <= max, wanted(flag, rule))
    .transform(Number);

const access = z.enum(['read', 'write', 'full'], wanted('--access', 'read, write or full'));
const logLevel = z.enum(
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
  .transform((text): Fault => {
    const [what, chance] = text.split(':');
    const kind = Number(what);
    return { kind: Number.isNaN(kind) ? mishap.parse(what) : kind, chance: Number(chance) };
  });

const sandboxFlags = {
  settle: number('--settle', 'seconds from 0 to 3600', 3600).default(5),
  latency: number('--latency', 'milliseconds from 0 to 60000', 60_000).default(0),
  // the last of them without its value stands alone
  fail: z.preprocess((value) => [value].flat(), z.array(fault)).default([]),
};

type SandboxFlags = z.infer<z.ZodObject<typeof sandboxFlags>>;

const toSandbox = ({ settle, latency, fail }: SandboxFlags): SandboxConfig => ({
  settleMs: Math.round(settle * 1000),
  latencyMs: latency,
  faults: fail,
});

const addressRule = wanted('--host', 'a host name or an IP address');

const configSchema = (readFile: ReadFile) =>
  z.discriminatedUnion('command', [
    z
      .strictObject({
        command: z.literal('serve'),
        sandbox: z.literal(true).optional(),
        ...sandboxFlags,
        access: access.default('full'),
        readOnly: z.literal(true).optional(),
        logLevel: logLevel.default('info'),
        account: environmentSchema(readFile).optional(),
      })
      .transform(
        ({ command, sandbox, readOnly, access, logLevel, account = NO_ACCOUNT, ...rest }): Config => ({
          command,
          ...account,
          sandbox: sandbox && toSandbox(rest),
          transport: 'stdio',
          access: readOnly ? 'read' : access,
          logLevel,
        }),
      ),
    z
      .strictObject(
        {
          command: z.literal('sandbox'),
          host: z
            .string(addressRule)
            .regex(/^[\w.:%-]+$/, addressRule)
            .default('127.0.0.1'),
          port: number('--port', 'a port from 0 to 65535', 65_535, /^\d+$/).default(8080),
          ...sandboxFlags,
        },
        { error: (issue) => (issue.code === 'unrecognized_keys' ? serverOnly(issue.keys) : undefined) },
      )
      .transform(
        ({ command, host, port, ...rest }): Config => ({
          command,
          host,
          port,
          sandbox: toSandbox(rest),
        }),
      ),
  ]);

const NO_ACCOUNT = { api: { apiUrl: DEFAULT_API_URL, authorization: 'Bearer sandbox' }, secrets: [] };

function serverOnly(keys: string[]): string {
  const flags = keys.map((key) => `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
  return `${flags.join(', ')}: not for the command sandbox, which serves the sandbox by itself`;
}

function contradictions(flags: Record<string, unknown>): string[] {
  const strays = flags.sandbox ? [] : Object.keys(sandboxFlags).filter((name) => name in flags);
  const problems = strays.map((name) => `--${name} works only together with --sandbox`);
  const { readOnly, access } = flags;
  if (readOnly && (access === 'write' || access === 'full')) {
    problems.push(`--read-only and --access ${access} contradict each other`);
  }
  return problems;
}
