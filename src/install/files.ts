import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { ConfigError, codeSuffix } from '../errors.ts';

/** A file of somebody's settings as it was read, so that nothing of it is lost when it is written again. */
export interface SettingsFile {
  /** As the client knows it. */
  path: string;
  /** Where links lead from there. */
  target: string;
  /** Without the byte order mark; empty where there is no file. */
  text: string;
  hasMark: boolean;
  /** Undefined where there is no file. */
  stats?: Stats;
}

const MARK = '\uFEFF';
const OWN_FILE = 0o600;
const OWN_FOLDER = 0o700;
const NOTHING_CHANGED = 'Nothing was changed';

/** Throws ConfigError where it cannot be read as text in UTF-8, or could not be written. */
export function readSettings(file: string): SettingsFile {
  const target = targetOf(file);
  const stats = statSync(target, { throwIfNoEntry: false });
  if (!stats) return { path: file, target, text: '', hasMark: false };
  if (!stats.isFile()) throw new ConfigError([`${file} is not a file. ${NOTHING_CHANGED}`]);
  // Asked of the file, since a folder lets anyone replace it who can write there, and root can write everywhere.
  if ((stats.mode & 0o222) === 0) throw new ConfigError([`${file} is read-only. ${NOTHING_CHANGED}`]);
  const text = textOf(file, target);
  const hasMark = text.startsWith(MARK);
  return { path: file, target, text: hasMark ? text.slice(1) : text, hasMark, stats };
}

function targetOf(file: string): string {
  try {
    return realpathSync(file);
  } catch (error) {
    if (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink()) {
      throw new ConfigError([`${file} is a link that leads nowhere. ${NOTHING_CHANGED}`]);
    }
    if (codeOf(error) === 'ENOENT') return file;
    throw new ConfigError([`cannot read ${file}${codeSuffix(error)}`]);
  }
}

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? error.code : undefined);

function textOf(file: string, target: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(target);
  } catch (error) {
    throw new ConfigError([`cannot read ${file}${codeSuffix(error)}`]);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new ConfigError([`${file} is not text in UTF-8. ${NOTHING_CHANGED}`]);
  }
}

/** Whether it is as it was when it was read. */
export function isUnchanged(file: SettingsFile): boolean {
  const now = readSettings(file.path);
  return now.text === file.text && now.hasMark === file.hasMark && !now.stats === !file.stats;
}

/** Puts a new text in the place of the old one, all of it or nothing. */
export function writeSettings(file: SettingsFile, text: string): void {
  replaceFile(file.target, (file.hasMark ? MARK : '') + text, file.stats);
}

/** Writes a file that only its owner can read, in a folder that only he can look into. */
export function writeSecret(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: OWN_FOLDER });
  replaceFile(file, text);
}

/** Takes from others whatever they could do with it. */
export function closeToOthers(file: string): void {
  if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, OWN_FILE);
}

function replaceFile(target: string, text: string, old?: Stats): void {
  const folder = path.dirname(target);
  mkdirSync(folder, { recursive: true, mode: OWN_FOLDER });
  const fresh = path.join(folder, `.${path.basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const handle = openSync(fresh, 'wx', OWN_FILE);
    try {
      writeFileSync(handle, text);
      if (old) keepOwner(fresh, old);
      if (old) fchmodSync(handle, old.mode & 0o777);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(fresh, target);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw new Error(`cannot write ${target}${codeSuffix(error)}; it is as it was`);
  }
}

/** With sudo it would be root's from then on. */
function keepOwner(file: string, { uid, gid }: Stats): void {
  const made = statSync(file);
  if (made.uid !== uid || made.gid !== gid) chownSync(file, uid, gid);
}

/** Keeps a copy beside the file and gives its path; beside the link to it, if it is one, since links lead into repositories. */
export function backUp(file: SettingsFile, now: Date): string | undefined {
  if (!file.stats) return undefined;
  const time = now.toISOString().slice(0, 19).replaceAll(':', '-');
  const content = (file.hasMark ? MARK : '') + file.text;
  for (let count = 1; ; count += 1) {
    const copy = `${file.path}.${time}${count === 1 ? '' : `-${count}`}.bak`;
    try {
      writeFileSync(copy, content, { flag: 'wx', mode: OWN_FILE });
      if (file.stats) keepOwner(copy, file.stats);
      return copy;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw new Error(`cannot write ${copy}${codeSuffix(error)}; nothing was changed`);
    }
  }
}
