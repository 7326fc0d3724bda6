import { ConfigError } from '../../errors.ts';
import { problem } from '../../secure-url.ts';
import { setting } from '../environment.ts';
import { type Environment, isToken } from '../paths.ts';
import { type FileEnvironment, type FileProfile, type FoundFile, type IonosFile, nameKey } from './ionos-file.ts';

/** What of IONOS's configuration file counts. */
export interface Chosen {
  /** How problems name the file. */
  source: string;
  profile?: FileProfile;
  /** Whether the profile goes before credentials in the environment. */
  isByFlag: boolean;
  /** Those whose addresses are used; the first one that has a product counts. */
  environments: readonly FileEnvironment[];
  /** Names of profiles, to choose from. */
  names: readonly string[];
}

export interface ProfileChoice extends Omit<FoundFile, 'file'> {
  /** Undefined where there is no file, or one that cannot be used. */
  chosen?: Chosen;
}

/** By flag, else by the environment, else by the file itself. */
export function chooseProfile(found: FoundFile, { profile }: Flags, env: Environment): ProfileChoice {
  const { file, ...rest } = found;
  const [flag] = [profile].flat().filter((each) => typeof each === 'string');
  if (rest.problems.length > 0) return rest;
  if (!file) return flag === undefined ? rest : { ...rest, problems: [`--profile: ${NO_FILE}`] };
  try {
    return { ...rest, chosen: choose(file, flag, env) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { ...rest, problems: error.problems };
  }
}

type Flags = Readonly<Record<string, unknown>>;

function choose(file: IonosFile, flag: string | undefined, env: Environment): Chosen {
  const { source, currentProfile, environments } = file;
  const names = file.profiles.map(({ name }) => name).filter(isShown);
  const [by, wanted] =
    flag === undefined ? ['IONOS_CURRENT_PROFILE', setting(env, 'IONOS_CURRENT_PROFILE')] : ['--profile', flag];
  const profile = profileNamed(wanted ?? currentProfile, file);
  if (wanted !== undefined && !profile) problem(`${by}: there is no such profile in ${source}${offering(names)}`);
  const own = environments.filter(({ name }) => name === profile?.environment);
  return { source, profile, isByFlag: flag !== undefined, environments: profile ? own : environments, names };
}

const NO_FILE = 'there is no file ~/.ionos/config, and IONOS_CONFIG_FILE names no other';

function profileNamed(wanted: string | undefined, { profiles }: IonosFile): FileProfile | undefined {
  return wanted === undefined ? undefined : profiles.find(({ name }) => nameKey(name) === nameKey(wanted));
}

/** One that could be a token is left out. */
const isShown = (name: string) => /^[\w@.+-][\w@.+ -]{0,39}$/.test(name) && !isToken(name);

export const offering = (names: readonly string[]) => (names.length === 0 ? '' : `; it has: ${names.join(', ')}`);
