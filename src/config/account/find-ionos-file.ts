import path from 'node:path';
import { ConfigError } from '../../errors.ts';
import { setting } from '../environment.ts';
import { isMissing, isOpenToOthers } from '../files.ts';
import type { Surroundings } from '../flag-row.ts';
import { type Environment, homeFolder, toPath } from '../paths.ts';

import type { FoundFile } from './ionos-file.ts';

/** IONOS's tools write some 20 kB. */
const MAX_BYTES = 128 * 1024;

export interface FileWish {
  flags: Readonly<Record<string, unknown>>;
  isHosted: boolean;
}

/** Undefined where the file is not read: whoever sets credentials, and names no profile or file, needs none. */
export async function findIonosFile(wish: FileWish, { env, readFile }: Surroundings): Promise<FoundFile | undefined> {
  if (!isWanted(wish, env)) return undefined;
  const found: FoundFile = { problems: [], warnings: [], secrets: [] };
  try {
    const place = placeOf(env);
    const text = place && textAt(place, readFile);
    if (!place || text === undefined) return found;
    const { readIonosFile } = await import('./ionos-file-content.ts');
    const warnings = isOpenToOthers(place.path) ? [`${place.source}: ${OPEN}`] : [];
    return { ...readIonosFile(text, place.source), warnings };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { ...found, problems: error.problems };
  }
}

const OPEN = 'other users of this machine can read or change this file; run chmod 600 on it';

const CREDENTIALS = ['IONOS_TOKEN', 'IONOS_TOKEN_FILE', 'IONOS_USERNAME', 'IONOS_PASSWORD'] as const;
const NAMES = ['IONOS_CONFIG_FILE', 'IONOS_CURRENT_PROFILE'] as const;

/** An empty variable counts as not set. */
export const isSet = (env: Environment, name: string) => (env[name]?.trim() ?? '') !== '';

export const hasCredentials = (env: Environment) => CREDENTIALS.some((name) => isSet(env, name));

function isWanted({ flags, isHosted }: FileWish, env: Environment): boolean {
  if (flags.sandbox) return false;
  if (flags.profile !== undefined || NAMES.some((name) => isSet(env, name))) return true;
  return !hasCredentials(env) && !(isHosted && flags.ionosCredentials === 'caller');
}

interface Place {
  path: string;
  source: string;
  isNamed: boolean;
}

function placeOf(env: Environment): Place | undefined {
  const named = setting(env, 'IONOS_CONFIG_FILE');
  if (named !== undefined) {
    return { path: toPath(named, 'IONOS_CONFIG_FILE', env), source: 'IONOS_CONFIG_FILE', isNamed: true };
  }
  const home = homeFolder(env);
  if (home === undefined) return undefined;
  return { path: path.join(home, '.ionos', 'config'), source: '~/.ionos/config', isNamed: false };
}

function textAt({ path, source, isNamed }: Place, readFile: Surroundings['readFile']): string | undefined {
  try {
    return readFile(path, source, MAX_BYTES);
  } catch (error) {
    if (!isNamed && isMissing(error)) return undefined;
    throw error;
  }
}
