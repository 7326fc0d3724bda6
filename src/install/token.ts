import { existsSync, rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { readToken } from '../config/account/credentials.ts';
import { setting } from '../config/environment.ts';
import { readFile } from '../config/files.ts';
import { toPath } from '../config/paths.ts';
import { ConfigError } from '../errors.ts';
import { settingsFolder } from './clients.ts';
import { closeToOthers, exposureOf, writeSecret } from './files.ts';
import type { Machine } from './machine.ts';

/** Where the token comes from, and the file in which the server finds it later. */
export interface TokenPlan {
  file: string;
  /** What will happen to the file, for the person who has to agree. */
  says: string;
  /** Whether the file has to be written. */
  isOpen: boolean;
  /** Writes it; prompts for the token unless it is known. */
  carryOut(): Promise<void>;
}

/** The token file that this program creates. */
export const ownTokenFile = (machine: Machine) => path.join(settingsFolder(machine), 'ionos-postgres-mcp', 'token');

/** The file that an entry refers to: the person's own, if the environment names one. */
export function tokenFile(machine: Machine): string {
  const { env } = machine;
  const named = setting(env, 'IONOS_TOKEN') === undefined ? setting(env, 'IONOS_TOKEN_FILE') : undefined;
  return named === undefined ? ownTokenFile(machine) : path.resolve(toPath(named, 'IONOS_TOKEN_FILE', env));
}

const PROMPT = 'IONOS token (not shown as you type): ';

/** Throws ConfigError where there is no token and no terminal to ask in, or the token cannot be one. */
export function planToken(machine: Machine): TokenPlan {
  const { env, terminal } = machine;
  const given = setting(env, 'IONOS_TOKEN');
  const file = tokenFile(machine);
  if (given !== undefined) return planGiven(file, readToken(given, 'IONOS_TOKEN'));
  if (setting(env, 'IONOS_TOKEN_FILE') !== undefined) {
    tokenIn(file, 'IONOS_TOKEN_FILE');
    const risk = exposureOf(file);
    const says = `The token stays in ${file}, the file that IONOS_TOKEN_FILE names.${risk ? ` ${risk}` : ''}`;
    return { file, says, isOpen: false, carryOut: async () => {} };
  }
  if (existsSync(file)) {
    tokenIn(file, 'token file');
    const carryOut = async () => closeToOthers(file);
    return { file, says: `The token is already in ${file}.`, isOpen: false, carryOut };
  }
  if (!terminal.isInteractive) {
    throw new ConfigError([
      'no token: run this in a terminal to be asked for it, or set IONOS_TOKEN or IONOS_TOKEN_FILE; or use --sandbox',
    ]);
  }
  return {
    file,
    says: `You are asked for the token next; it is stored in ${file}, readable by you alone.`,
    isOpen: true,
    carryOut: async () => writeSecret(file, `${readToken(await typed(machine), 'the text that was entered')}\n`),
  };
}

const tokenIn = (file: string, name: string) => readToken(readFile(file, name), `the file ${file}`);

function planGiven(file: string, token: string): TokenPlan {
  const isKept = existsSync(file) && readFile(file, 'token file').trim() === token;
  if (isKept)
    return { file, says: `The token is already in ${file}.`, isOpen: false, carryOut: async () => closeToOthers(file) };
  const verb = existsSync(file) ? 'replaces the one in' : 'is stored in';
  return {
    file,
    says: `The token from IONOS_TOKEN ${verb} ${file}, readable by you alone.`,
    isOpen: true,
    carryOut: async () => writeSecret(file, `${token}\n`),
  };
}

async function typed({ terminal }: Machine): Promise<string> {
  const token = (await terminal.askHidden(PROMPT)).trim();
  if (token === '') throw new ConfigError(['no token was entered; nothing was changed']);
  return token;
}

/** Removes the file, and its folder if that is empty then. */
export function removeToken(file: string): void {
  rmSync(file, { force: true });
  try {
    rmdirSync(path.dirname(file));
  } catch {
    // It holds something else.
  }
}
