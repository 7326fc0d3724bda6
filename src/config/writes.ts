import os from 'node:os';
import path from 'node:path';
import { ConfigError } from '../errors.ts';
import { SHORTEST_PASSWORD } from '../tools/schemas/credentials.ts';
import { type Environment, setting } from './environment.ts';
import type { SettingsOf } from './flag-row.ts';
import type { writesFlags } from './flags.ts';

const SHORTEST_KEY = 32;
function problemsOf(work: () => unknown): readonly string[] {
  try {
    work();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/** The flags with what they ask of the environment, the secrets among it, and every problem with it. */
export function readWrites(flags: SettingsOf<typeof writesFlags>, env: Environment, isHosted: boolean) {
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
  const config = {
    confirm,
    requireHuman,
    /** The file with the operator's rules. */
    policy,
    /** For confirmations that another replica shall take; without it a process takes only its own. */
    signingKey,
    /** Where new passwords are kept; there is no such place over HTTP. */
    credentialsDir: isHosted ? undefined : (credentialsDir ?? stateFolder(env)),
    /** By the name of their variable, those that callers may use. */
    passwordEnv: Object.fromEntries(values),
  };
  const secrets = [signingKey, ...values.map(([, value]) => value)].filter((secret) => secret !== undefined);
  return { config, secrets, problems };
}

/** What has to be true before a write is sent, and where its passwords come from. */
export type WritesConfig = ReturnType<typeof readWrites>['config'];

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
