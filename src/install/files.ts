import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
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
import { makeFolder } from '../make-folder.ts';

/** A settings file as it was read, with what has to survive when it is written. */
export interface SettingsFile {
  /** As the client knows it. */
  path: string;
  /** The same with all links resolved. */
  target: string;
  /** Without the byte order mark; empty where there is no file. */
  text: string;
  hasMark: boolean;
  /** Undefined where there is no file. */
  stats?: Stats;
}

const MARK = '\uFEFF';
const OWN_FILE = 0o600;
const NOTHING_CHANGED = 'Nothing was changed';

/** Throws ConfigError where it cannot be read as text in UTF-8, or could not be written. */
export function readSettings(file: string): SettingsFile {
  const target = targetOf(file);
  const stats = statSync(target, { throwIfNoEntry: false });
  if (!stats) return { path: file, target, text: '', hasMark: false };
  if (!stats.isFile()) throw new ConfigError([`${file} is not a file. ${NOTHING_CHANGED}`]);
  // Renaming over a file needs no permission on the file itself, and root needs none at all.
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
      throw new ConfigError([`${file} is a link to a file that does not exist. ${NOTHING_CHANGED}`]);
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

/** Whether the file still is what was read. */
export function isUnchanged(file: SettingsFile): boolean {
  const now = readSettings(file.path);
  return now.text === file.text && now.hasMark === file.hasMark && !now.stats === !file.stats;
}

/** Replaces the text atomically. */
export function writeSettings(file: SettingsFile, text: string): void {
  replaceFile(file.target, (file.hasMark ? MARK : '') + text, file.stats);
}

/** Writes a file that only its owner can read; a new folder for it is closed to others as well. */
export function writeSecret(file: string, text: string): void {
  makeFolder(path.dirname(path.resolve(file)));
  replaceFile(file, text);
}

/** Removes the permissions of everyone but the owner. */
export function closeToOthers(file: string): void {
  if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, OWN_FILE);
}

/** Who else may get to see a file of the person's own; undefined if nobody. */
export function exposureOf(file: string): string | undefined {
  const target = realpathSync(file);
  if (process.platform !== 'win32' && (statSync(target).mode & 0o077) !== 0) {
    return 'Others on this machine can read it; close it with chmod 600.';
  }
  for (let folder = path.dirname(target); ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, '.git')))
      return `It lies in the repository ${folder}; make sure it is never committed.`;
    if (path.dirname(folder) === folder) return undefined;
  }
}

function replaceFile(target: string, text: string, old?: Stats): void {
  const folder = path.dirname(target);
  makeFolder(path.resolve(folder));
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
    throw new Error(`cannot write ${target}${codeSuffix(error)}; the file is unchanged`);
  }
}

/** Otherwise a run with sudo would make it root's. */
function keepOwner(file: string, { uid, gid }: Stats): void {
  const made = statSync(file);
  if (made.uid !== uid || made.gid !== gid) chownSync(file, uid, gid);
}

/** Copies the file and returns the copy's path. For a link the copy is beside the link: its target is often in a repository. */
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
