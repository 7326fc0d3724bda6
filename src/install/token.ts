import { existsSync, rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { readToken, setting } from '../config/environment.ts';
import { readFile } from '../config/files.ts';
import { toPath } from '../config/paths.ts';
import { ConfigError } from '../errors.ts';
import { settingsFolder } from './clients.ts';
import { closeToOthers, writeSecret } from './files.ts';
import type { Machine } from './machine.ts';

/** Where the token for an entry comes from, and in which file it is when the client starts the server. */
export interface TokenPlan {
  file: string;
  /** What happens to the file, for the person who has to agree. */
  says: string;
  /** Whether there is something to do. */
  isOpen: boolean;
  /** Does it; asks the person for the token, if nobody else has it. */
  carryOut(): Promise<void>;
}

/** The file that this program makes. */
export const ownTokenFile = (machine: Machine) => path.join(settingsFolder(machine), 'ionos-postgres-mcp', 'token');

const PROMPT = 'IONOS token (not shown as you type): ';

/** Throws ConfigError where there is no token and nobody to ask, or where one can be none. */
export function planToken(machine: Machine): TokenPlan {
  const { env, terminal } = machine;
  const given = setting(env, 'IONOS_TOKEN');
  const named = setting(env, 'IONOS_TOKEN_FILE');
  const file = ownTokenFile(machine);
  if (given !== undefined) return planGiven(file, readToken(given, 'IONOS_TOKEN'));
  if (named !== undefined) {
    const own = path.resolve(toPath(named, 'IONOS_TOKEN_FILE', env));
    tokenIn(own, 'IONOS_TOKEN_FILE');
    return { file: own, says: `The token stays in ${own}, which IONOS_TOKEN_FILE names.`, isOpen: false, ...noWork };
  }
  if (existsSync(file)) {
    tokenIn(file, 'token file');
    const carryOut = async () => closeToOthers(file);
    return { file, says: `The token is in ${file} already.`, isOpen: false, carryOut };
  }
  if (!terminal.isInteractive) {
    throw new ConfigError([
      'no token: run this in a terminal, which asks for it, or set IONOS_TOKEN or IONOS_TOKEN_FILE; or use --sandbox',
    ]);
  }
  return {
    file,
    says: `The token is asked for, and kept in ${file}, which only you can read.`,
    isOpen: true,
    carryOut: async () => writeSecret(file, `${readToken(await typed(machine), 'what was typed')}\n`),
  };
}

const noWork = { carryOut: async () => {} };

const tokenIn = (file: string, name: string) => readToken(readFile(file, name), `the file ${file}`);

function planGiven(file: string, token: string): TokenPlan {
  const isKept = existsSync(file) && readFile(file, 'token file').trim() === token;
  if (isKept)
    return { file, says: `The token is in ${file} already.`, isOpen: false, carryOut: async () => closeToOthers(file) };
  const verb = existsSync(file) ? 'takes the place of the one in' : 'is kept in';
  return {
    file,
    says: `The token of IONOS_TOKEN ${verb} ${file}, which only you can read.`,
    isOpen: true,
    carryOut: async () => writeSecret(file, `${token}\n`),
  };
}

async function typed({ terminal }: Machine): Promise<string> {
  const token = (await terminal.askHidden(PROMPT)).trim();
  if (token === '') throw new ConfigError(['no token was typed; nothing was changed']);
  return token;
}

/** With the folder that was made for it. */
export function removeToken(file: string): void {
  rmSync(file, { force: true });
  try {
    rmdirSync(path.dirname(file));
  } catch {
    // Something else is in it.
  }
}
