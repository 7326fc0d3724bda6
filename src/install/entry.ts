import { realpathSync } from 'node:fs';
import path from 'node:path';
import { addressSchema, setting } from '../config/environment.ts';
import { ConfigError } from '../errors.ts';
import { version } from '../version.ts';
import type { Machine } from './machine.ts';

/** How a client starts the server. */
export interface Entry {
  type?: 'stdio';
  command: string;
  args: string[];
  env?: Record<string, string>;
}

type Started = Pick<Machine, 'platform' | 'env' | 'node' | 'script'>;

/**
 * Starts this program the way it was started now: from the cache of npx by name, since that cache is emptied at times;
 * otherwise by absolute paths, since desktop clients often have no PATH.
 */
export function launchOf(machine: Started): { command: string; args: string[] } {
  const script = realPath(machine.script);
  if (!isFetched(script)) return { command: stableNode(machine), args: [script] };
  const npx = ['npx', '-y', `ionos-postgres-mcp@${version}`] as const;
  // npx is a .cmd script there, which only a shell can start.
  if (machine.platform === 'win32') return { command: 'cmd', args: ['/c', ...npx] };
  const [command, ...args] = npx;
  return { command, args };
}

/** The API and contract that the shell's environment names; desktop clients do not inherit it. Throws ConfigError. */
export function addressOf({ env }: Pick<Machine, 'env'>): Record<string, string> {
  const named = ['IONOS_API_URL', 'IONOS_CONTRACT_NUMBER'] as const;
  const given = named.flatMap((name) => {
    const value = setting(env, name)?.trim();
    return value === undefined ? [] : [[name, value] as const];
  });
  const { error } = addressSchema().safeParse(Object.fromEntries(given));
  if (error) throw new ConfigError(error.issues.map(({ message }) => message));
  return Object.fromEntries(given);
}

/** Whether it is in the cache of npx or pnpm dlx. */
function isFetched(script: string): boolean {
  const folders = script.split(/[/\\]/);
  return folders.includes('_npx') || (folders.includes('pnpm') && folders.includes('dlx'));
}

/** Homebrew and Nix remove these folders when Node.js is updated; the link to it on the PATH stays. */
const VERSIONED = /[/\\]Cellar[/\\]|^\/nix\/store\//;

function stableNode({ node, env, platform }: Started): string {
  if (!VERSIONED.test(node)) return node;
  const folders = (env.PATH ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  const links = folders.map((folder) => path.join(folder, platform === 'win32' ? 'node.exe' : 'node'));
  return links.find((link) => !VERSIONED.test(link) && realPath(link) === realPath(node)) ?? node;
}

function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return path.resolve(file);
  }
}
