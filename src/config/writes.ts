import os from 'node:os';
import path from 'node:path';
import { ConfigError } from '../errors.ts';
import { SHORTEST_PASSWORD } from '../tools/schemas/credentials.ts';
import { filledIn, setting } from './environment.ts';
import type { SettingsOf } from './flag-row.ts';
import type { writesFlags } from './flags.ts';
import { type Environment, homeFolder } from './paths.ts';

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

export function readWrites(flags: SettingsOf<typeof writesFlags>, env: Environment, isHosted: boolean) {
  const { confirm, confirmAbove, requireHuman = false, policy, credentialsDir, passwordEnv } = flags;
  let signingKey: string | undefined;
  const unreadable = problemsOf(() => {
    signingKey = setting(env, 'MCP_SIGNING_KEY')?.trim();
  });
  const values = passwordEnv.map((name) => [name, env[name] ?? ''] as const);
  const problems = [
    ...unreadable,
    signingKey !== undefined &&
      signingKey.length < SHORTEST_KEY &&
      `MCP_SIGNING_KEY must have at least ${SHORTEST_KEY} characters; create one with: openssl rand -hex 32`,
    confirmAbove !== undefined &&
      confirm !== 'costly' &&
      `--confirm-above and --confirm ${confirm} contradict each other`,
    requireHuman && confirm === 'never' && '--require-human and --confirm never contradict each other',
    ...values.flatMap(([name, value]) => {
      const place = `${name}, which --password-env names,`;
      if (value === '') return [`${place} is not set`];
      if (value.length < SHORTEST_PASSWORD) return [`${place} has fewer than ${SHORTEST_PASSWORD} characters`];
      return problemsOf(() => filledIn(value, place, 'password'));
    }),
  ].filter((problem) => typeof problem === 'string');
  const config = {
    confirm,
    confirmAbove,
    requireHuman,
    policy,
    /** Shared by replicas; without it, a process accepts only its own confirmations. */
    signingKey,
    /** Over HTTP nobody could read them. */
    credentialsDir: isHosted ? undefined : (credentialsDir ?? stateFolder(env)),
    passwordEnv: Object.fromEntries(values),
  };
  const secrets = [signingKey, ...values.map(([, value]) => value)].filter((secret) => secret !== undefined);
  return { config, secrets, problems };
}

export type WritesConfig = ReturnType<typeof readWrites>['config'];

/** The platform's folder for the state of programs; undefined for a user without a home directory. */
export function stateFolder(env: Environment, platform = os.platform()): string | undefined {
  const base = stateBase(env, platform);
  return base && path.join(base, 'ionos-postgres-mcp', 'credentials');
}

function stateBase(env: Environment, platform: NodeJS.Platform): string | undefined {
  const own = platform === 'win32' ? env.LOCALAPPDATA : platform === 'darwin' ? undefined : env.XDG_STATE_HOME;
  // The XDG specification ignores relative paths.
  if (own && path.isAbsolute(own)) return own;
  const home = homeFolder(env, platform);
  return home && path.join(home, ...(BELOW_HOME[platform] ?? ['.local', 'state']));
}

const BELOW_HOME: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ['Library', 'Application Support'],
  win32: ['AppData', 'Local'],
};
