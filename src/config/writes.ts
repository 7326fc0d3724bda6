import os from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import { ConfigError } from '../errors.ts';
import { SHORTEST_PASSWORD } from '../tools/schemas/credentials.ts';
import { readPolicy } from '../writes/policy-file.ts';
import { type Environment, type ReadFile, setting } from './environment.ts';
import { list, text, wanted } from './flag-schemas.ts';

/** What has to be true before a write is sent, and where its passwords come from. */
export interface WritesConfig {
  confirm: z.infer<typeof confirm>;
  requireHuman: boolean;
  /** The file with the operator's rules. */
  policy?: string;
  /** For confirmations that another replica shall take; without it a process takes only its own. */
  signingKey?: string;
  /** Where new passwords are kept; there is no such place over HTTP. */
  credentialsDir?: string;
  /** By the name of their variable, those that callers may use. */
  passwordEnv: Record<string, string>;
}

const confirm = z.enum(['never', 'destructive', 'writes'], wanted('--confirm', 'never, destructive or writes'));

const SHORTEST_KEY = 32;
/** These belong to the server itself. */
const OWN_VARIABLE = /^(IONOS|MCP)_/i;

const isPath = (value: string) => value.trim() !== '';

/** Each by its flag's name. */
export const writesFlags = (readFile: ReadFile) => ({
  confirm: confirm.default('destructive'),
  requireHuman: z.literal(true).optional(),
  policy: text('--policy', 'the path of a file', isPath)
    .transform((file, context) => {
      for (const problem of problemsOf(() => readPolicy(file, readFile))) context.addIssue(problem);
      return file;
    })
    .optional(),
  credentialsDir: text('--credentials-dir', 'the path of a folder', isPath)
    .transform((folder) => path.resolve(folder))
    .optional(),
  passwordEnv: list(
    '--password-env',
    'names of environment variables, as in APP_DB_PASSWORD; none that begins with IONOS_ or MCP_',
    (name) => /^[a-z_]\w*$/i.test(name) && !OWN_VARIABLE.test(name),
  ).default([]),
});

function problemsOf(work: () => unknown): readonly string[] {
  try {
    work();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

type Flags = z.output<z.ZodObject<ReturnType<typeof writesFlags>>>;

/** The flags with what they ask of the environment, the secrets among it, and every problem with it. */
export function readWrites(flags: Flags, env: Environment, isHosted: boolean) {
  const { confirm, requireHuman = false, policy, credentialsDir, passwordEnv } = flags;
  let signingKey: string | undefined;
  const unreadable = problemsOf(() => {
    signingKey = setting(env, 'MCP_SIGNING_KEY')?.trim();
  });
  const values = passwordEnv.map((name) => [name, env[name] ?? ''] as const);
  const problems = [
    ...unreadable,
    signingKey !== undefined &&
      signingKey.length < SHORTEST_KEY &&
      `MCP_SIGNING_KEY has to have at least ${SHORTEST_KEY} characters; make one with: openssl rand -hex 32`,
    requireHuman && confirm === 'never' && '--require-human and --confirm never contradict each other',
    ...values.map(
      ([name, value]) =>
        value.length < SHORTEST_PASSWORD &&
        `${name}, which --password-env names, ${value === '' ? 'is not set' : `has fewer than ${SHORTEST_PASSWORD} characters`}`,
    ),
  ].filter((problem) => typeof problem === 'string');
  const config: WritesConfig = {
    confirm,
    requireHuman,
    policy,
    signingKey,
    credentialsDir: isHosted ? undefined : (credentialsDir ?? stateFolder(env)),
    passwordEnv: Object.fromEntries(values),
  };
  const secrets = [signingKey, ...values.map(([, value]) => value)].filter((secret) => secret !== undefined);
  return { config, secrets, problems };
}

/** Where programs keep what is theirs on this platform, for the user that runs them. */
export function stateFolder(env: Environment, platform = os.platform()): string {
  const home = env.HOME || os.homedir();
  const base: Partial<Record<NodeJS.Platform, string>> = {
    darwin: path.join(home, 'Library', 'Application Support'),
    win32: env.LOCALAPPDATA || path.join(home, 'AppData', 'Local'),
  };
  // Relative ones do not count, says the XDG specification.
  const xdg = env.XDG_STATE_HOME && path.isAbsolute(env.XDG_STATE_HOME) ? env.XDG_STATE_HOME : undefined;
  return path.join(base[platform] ?? xdg ?? path.join(home, '.local', 'state'), 'ionos-postgres-mcp', 'credentials');
}
