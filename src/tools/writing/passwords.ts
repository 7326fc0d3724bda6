import { randomInt, randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { PasswordRule } from '../../api/generations/writing/port.ts';
import { codeSuffix, InputError, RefusedError } from '../../errors.ts';
import { makeFolder } from '../../make-folder.ts';

export interface GivenPassword {
  password?: string;
  passwordEnv?: string;
}

/** Its value goes to the API and nowhere else. */
export interface Password {
  value: string;
  place?: string;
  complete(details: Record<string, string>): Promise<void>;
  discard(): Promise<void>;
}

export interface Passwords {
  /**
   * Where `take` would store a generated password, if it generates one. Throws InputError if there is none or it is too
   * long; `at` is the argument that contains it.
   */
  plan(given: GivenPassword, rules?: PasswordRules): { folder: string } | undefined;
  take(given: GivenPassword, keeping: Keeping): Promise<Password>;
}

export interface PasswordRules {
  at?: string;
  longest?: number;
  /** Of the generation that gets it. */
  rule?: PasswordRule;
}

export interface Keeping extends Pick<PasswordRules, 'at' | 'rule'> {
  label: string;
  details: Record<string, string>;
}

export interface PasswordOptions {
  /** Undefined if nobody could read them there. */
  credentialsDir?: string;
  /** They could be read, but this user has no home directory. */
  isHomeless?: boolean;
  passwordEnv: Readonly<Record<string, string>>;
}

const placeOf = (name: string, at?: string) => (at === undefined ? name : `${at}.${name}`);

const LENGTH = 32;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** Asked for by API v2; none that a URL or a shell in double quotes reads otherwise. */
const SPECIALS = '*';
const OWNER_ONLY = 0o600;

export function createPasswords({ credentialsDir, isHomeless, passwordEnv: variables }: PasswordOptions): Passwords {
  const names = Object.keys(variables);
  const allowed = names.length > 0 ? names.join(', ') : 'none, unless the operator names some (--password-env)';

  function passwordIn(
    { password, passwordEnv }: GivenPassword,
    { at, longest = Infinity, rule }: PasswordRules,
  ): string | undefined {
    if (password !== undefined && passwordEnv !== undefined) {
      throw new InputError([`${placeOf('password', at)}: give password or passwordEnv, not both`]);
    }
    if (password !== undefined && rule?.allows(password) === false) {
      throw new InputError([`${placeOf('password', at)}: ${rule.says}`]);
    }
    if (passwordEnv === undefined) return password;
    const value = Object.hasOwn(variables, passwordEnv) ? variables[passwordEnv] : undefined;
    if (value !== undefined && value.length > longest) {
      throw new InputError([
        `${placeOf('passwordEnv', at)} (${passwordEnv}): its password must have at most ${longest} characters`,
      ]);
    }
    if (value !== undefined && rule?.allows(value) === false) {
      throw new InputError([`${placeOf('passwordEnv', at)} (${passwordEnv}): its password ${rule.says}`]);
    }
    if (value !== undefined) return value;
    throw new InputError([
      `${placeOf('passwordEnv', at)}: must be one of the variables that the operator allows: ${allowed}`,
    ]);
  }

  function plan(given: GivenPassword, rules: PasswordRules = {}): { folder: string } | undefined {
    if (passwordIn(given, rules) !== undefined) return undefined;
    if (credentialsDir !== undefined) return { folder: credentialsDir };
    const reason = isHomeless
      ? 'This server generates one only if it is started with --credentials-dir, because its user has no home directory to keep it in.'
      : 'Over HTTP this server generates none, because you could not read the file.';
    throw new InputError([
      `${placeOf('password', rules.at)}: is missing. ${reason} Give password, which then stays in the conversation, or passwordEnv with a variable that the operator allows: ${allowed}`,
    ]);
  }

  return {
    plan,
    async take(given, { at, rule, label, details }) {
      plan(given, { at, rule });
      const value = passwordIn(given, { at, rule });
      if (value !== undefined) return { value, complete: async () => {}, discard: async () => {} };
      return keep(randomPassword(rule), { folder: credentialsDir ?? '', label, details });
    },
  };
}

const drawn = (alphabet: string, length: number) =>
  Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');

function randomPassword(rule?: PasswordRule): string {
  const value = rule ? `${drawn(ALPHABET, LENGTH - 1)}${drawn(SPECIALS, 1)}` : drawn(ALPHABET, LENGTH);
  return rule?.allows(value) === false ? randomPassword(rule) : value;
}

interface Kept extends Pick<Keeping, 'label' | 'details'> {
  folder: string;
}

async function keep(value: string, { folder, label, details }: Kept): Promise<Password> {
  const place = path.join(folder, `${fileName(label)}-${randomUUID().slice(0, 8)}.json`);
  const write = (more: Record<string, string>) =>
    writeWhole(place, `${JSON.stringify({ ...details, ...more, password: value }, null, 2)}\n`);
  try {
    makeFolder(path.resolve(folder));
    await write({});
  } catch (error) {
    throw new RefusedError(
      `The new password cannot be written to ${folder}${codeSuffix(error)}. The person has to choose another folder with --credentials-dir, or the call has to give passwordEnv.`,
    );
  }
  return {
    value,
    place,
    async complete(more) {
      // Best effort: the password itself is safe already.
      await write(more).catch(() => {});
    },
    discard: () => rm(place, { force: true }).catch(() => {}),
  };
}

/** Either the whole file exists or none, and it is on disk before the order is sent. */
async function writeWhole(place: string, text: string): Promise<void> {
  const part = `${place}.${randomUUID().slice(0, 8)}.part`;
  try {
    const file = await open(part, 'wx', OWNER_ONLY);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, place);
    await syncFolder(path.dirname(place));
  } catch (error) {
    await rm(part, { force: true }).catch(() => {});
    throw error;
  }
}

/** Makes the name durable; some systems cannot. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close().catch(() => {});
}

function fileName(label: string): string {
  return label.replace(/[^\w.-]+/g, '-').slice(0, 64) || 'cluster';
}
