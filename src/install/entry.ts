import { realpathSync } from 'node:fs';
import path from 'node:path';
import { addressSchema } from '../config/account/addresses.ts';
import { setting } from '../config/environment.ts';
import { flagName } from '../config/flag-row.ts';
import { SERVER_GROUPS, sandboxFlags } from '../config/flags.ts';
import { ConfigError } from '../errors.ts';
import { version } from '../version.ts';
import type { Machine } from './machine.ts';
import { isTable } from './syntax.ts';

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

const ADDRESS = [
  'IONOS_API_URL',
  'IONOS_COMPUTE_URL',
  'IONOS_BILLING_URL',
  'IONOS_PSQL_V2_URL',
  'IONOS_CONTRACT_NUMBER',
  'IONOS_PINNED_CERT',
] as const;

/** What the shell's environment says of the API; desktop clients do not inherit it. Throws ConfigError. */
export function addressOf({ env }: Pick<Machine, 'env'>): Record<string, string> {
  const given = ADDRESS.flatMap((name) => {
    // {region} in the address of API v2 is no placeholder.
    const value = (name === 'IONOS_PSQL_V2_URL' ? env[name] : setting(env, name))?.trim() || undefined;
    return value === undefined ? [] : [[name, value] as const];
  });
  const { error } = addressSchema().safeParse(Object.fromEntries(given));
  if (error) throw new ConfigError(error.issues.map(({ message }) => message));
  return Object.fromEntries(given);
}

/** Other settings of the client for the server, such as a time limit, stay as well. */
export type WholeEntry = Entry & Record<string, unknown>;

const CREDENTIALS = ['IONOS_TOKEN', 'IONOS_TOKEN_FILE', 'IONOS_USERNAME', 'IONOS_PASSWORD'];

/**
 * The new entry, with everything of an old one that it does not say otherwise: a policy, a proxy or --read-only that
 * was set by hand stays. The old entry itself stays out if it starts another program.
 */
export function mergedEntry(old: unknown, fresh: Entry): WholeEntry {
  const flags = ownFlags(old);
  if (!isTable(old) || flags === undefined) return { ...fresh };
  const kept = Object.entries(isTable(old.env) ? old.env : {}).filter(([name]) => !CREDENTIALS.includes(name));
  const env = { ...Object.fromEntries(kept), ...fresh.env } as Record<string, string>;
  const { env: _, ...rest } = old;
  const args = [...fresh.args, ...flags.filter(([name = '']) => !isReplaced(name, fresh.args)).flat()];
  return { ...rest, ...fresh, args, ...(Object.keys(env).length > 0 && { env }) };
}

/** Whether the entry starts this program. */
export const isOwn = (entry: unknown) => ownFlags(entry) !== undefined;

/** The flags with which an entry starts this program, each with its values; undefined if it starts another one. */
function ownFlags(entry: unknown): string[][] | undefined {
  if (!isTable(entry)) return undefined;
  const { command, args = [] } = entry;
  if (!Array.isArray(args) || !args.every((arg) => typeof arg === 'string')) return undefined;
  const words: string[] = [String(command), ...args];
  const start = words.findIndex((word) => /(^|[/\\])(ionos-postgres-mcp(@[\w.-]+)?|dist[/\\]index\.js)$/.test(word));
  if (start < 0) return undefined;
  const groups: string[][] = [];
  for (const word of words.slice(start + 1)) {
    if (word.startsWith('--')) groups.push([word]);
    else groups.at(-1)?.push(word);
  }
  return groups.filter(([name = '']) => KNOWN.has(nameIn(name)));
}

const KNOWN: ReadonlySet<string> = new Set(SERVER_GROUPS.flatMap(({ flags }) => Object.keys(flags).map(flagName)));

/** They keep a server from starting without --sandbox. */
const OF_THE_SANDBOX: ReadonlySet<string> = new Set(Object.keys(sandboxFlags).map(flagName));

const nameIn = (word: string) => word.split('=', 1)[0] ?? word;

/** The entry's name decides about the sandbox; --read-only is a form of --access. */
function isReplaced(word: string, args: readonly string[]): boolean {
  const name = nameIn(word);
  const given = args.map(nameIn);
  if (name === '--sandbox' || (OF_THE_SANDBOX.has(name) && !given.includes('--sandbox'))) return true;
  return ACCESS.includes(name) ? ACCESS.some((each) => given.includes(each)) : given.includes(name);
}

const ACCESS = ['--access', '--read-only'];

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
