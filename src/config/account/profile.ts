import { ConfigError } from '../../errors.ts';
import { problem } from '../../secure-url.ts';
import { setting } from '../environment.ts';
import { type Environment, isToken } from '../paths.ts';
import { collected } from './endpoints.ts';
import { type FileWish, isSet } from './find-ionos-file.ts';
import { type Chosen, type FileProfile, type FoundFile, type IonosFile, nameKey } from './ionos-file.ts';

/** An account of IONOS to act for. */
export interface AccountChoice {
  /** Of its profile. */
  name?: string;
  /** Undefined where there is no file, or one that cannot be used. */
  chosen?: Chosen;
}

export interface AccountChoices extends Omit<FoundFile, 'file'> {
  /** At least one. */
  accounts: readonly AccountChoice[];
}

/** By flag, else by the environment, else by the file itself. Several are named by flags alone. */
export function chooseAccounts(found: FoundFile | undefined, wish: FileWish, env: Environment): AccountChoices {
  const named = [wish.flags.profile].flat().filter((each) => typeof each === 'string');
  const { file, ...rest } = found ?? NOTHING;
  const accounts = named.length > 0 ? named.map((name) => ({ name })) : [{}];
  const problems = [...rest.problems, ...(named.length > 1 ? problemsOfSeveral(named, wish, env) : [])];
  if (problems.length > 0 || wish.flags.sandbox) return { ...rest, problems, accounts };
  if (!file) return { ...rest, accounts, problems: named.length > 0 ? [`--profile: ${NO_FILE}`] : [] };
  try {
    return { ...rest, accounts: collected(accounts, ({ name }: AccountChoice) => choose(file, name, env)) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { ...rest, accounts, problems: error.problems };
  }
}

const NOTHING: FoundFile = { problems: [], warnings: [], secrets: [] };

function problemsOfSeveral(named: readonly string[], { flags, isHosted }: FileWish, env: Environment): string[] {
  const keys = named.map(nameKey);
  const problems = [
    isHosted && '--profile can be given several times only with --transport stdio',
    new Set(keys).size < keys.length && '--profile names a profile twice',
    named.some((name) => !isShown(name.trim())) &&
      '--profile accepts several names only of up to 40 letters, digits, blanks and . _ - + @',
    !flags.sandbox &&
      isSet(env, 'IONOS_CONTRACT_NUMBER') &&
      '--profile names several accounts, IONOS_CONTRACT_NUMBER one',
  ];
  return problems.filter((each) => each !== false);
}

function choose(file: IonosFile, flag: string | undefined, env: Environment): AccountChoice {
  const { source, currentProfile, environments } = file;
  const names = file.profiles.map(({ name }) => name).filter(isShown);
  const [by, wanted] =
    flag === undefined ? ['IONOS_CURRENT_PROFILE', setting(env, 'IONOS_CURRENT_PROFILE')] : ['--profile', flag];
  const profile = profileNamed(wanted ?? currentProfile, file);
  if (wanted !== undefined && !profile) problem(`${by}: there is no such profile in ${source}${offering(names)}`);
  const own = environments.filter(({ name }) => name === profile?.environment);
  const isByFlag = flag !== undefined;
  const chosen = { source, profile, isByFlag, environments: profile ? own : environments, names };
  return { name: profile?.name.trim(), chosen };
}

const NO_FILE = 'there is no file ~/.ionos/config, and IONOS_CONFIG_FILE names no other';

function profileNamed(wanted: string | undefined, { profiles }: IonosFile): FileProfile | undefined {
  return wanted === undefined ? undefined : profiles.find(({ name }) => nameKey(name) === nameKey(wanted));
}

/** One that could be a token is left out. */
const isShown = (name: string) => /^[\w@.+-][\w@.+ -]{0,39}$/.test(name) && !isToken(name);

export const offering = (names: readonly string[]) => (names.length === 0 ? '' : `; it has: ${names.join(', ')}`);
