#!/usr/bin/env node
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, realpathSync } from 'node:fs';
import nodeModule from 'node:module';
import path from 'node:path';
import { makeFolder } from './make-folder.ts';

// The build compiles this file for Node 12, so that a Node that is too old says so instead of failing to parse.

const OLDEST_NODE = 20;
/** Everything that a start needs is compiled by then; hosts often kill a process instead of closing it. */
const STARTED_MS = 3_000;

/** From Node 22.1 and 22.10 on. */
const compileCache: {
  createRequire: unknown;
  enableCompileCache?(folder: string): unknown;
  flushCompileCache?(): void;
} = nodeModule;

function launch(): void {
  const { node } = process.versions;
  if (Number.parseInt(node, 10) < OLDEST_NODE) {
    process.exitCode = 2;
    process.stderr.write(`ionos-postgres-mcp needs Node.js ${OLDEST_NODE} or newer; this is Node.js ${node}.\n`);
    return;
  }
  const folder = compileCache.enableCompileCache && cacheFolder();
  if (folder) {
    compileCache.enableCompileCache?.(folder);
    setTimeout(() => compileCache.flushCompileCache?.(), STARTED_MS).unref();
  }
  require('./main.js');
}

/**
 * Whoever can write to the folder of compiled code controls this program. Undefined unless only this user can; on
 * Windows that cannot be checked.
 */
function cacheFolder(): string | undefined {
  const { env, platform, getuid } = process;
  const user = getuid?.();
  if (user === undefined || env.NODE_DISABLE_COMPILE_CACHE) return undefined;
  // A relative XDG_CACHE_HOME is invalid, as the XDG Base Directory Specification says.
  const named = env.XDG_CACHE_HOME && path.isAbsolute(env.XDG_CACHE_HOME) ? env.XDG_CACHE_HOME : undefined;
  const base = named || (env.HOME && path.isAbsolute(env.HOME) ? path.join(env.HOME, '.cache') : undefined);
  if (base === undefined) return undefined;
  try {
    const folder = path.join(base, 'ionos-postgres-mcp');
    makeFolder(folder);
    const place = realpathSync(folder);
    if (!isClosed(path.dirname(place), user) || !holdsOnlyOwn(place, user)) return undefined;
    return platform === 'linux' ? byHandle(place, user) : place;
  } catch {
    return undefined;
  }
}

/** Only root and this user can replace the folder or one above it. */
function isClosed(folder: string, user: number): boolean {
  const { uid, mode } = lstatSync(folder);
  if ((uid !== 0 && uid !== user) || (mode & 0o022) !== 0) return false;
  return path.dirname(folder) === folder || isClosed(path.dirname(folder), user);
}

function holdsOnlyOwn(place: string, user: number): boolean {
  const stats = lstatSync(place);
  if (stats.uid !== user || (stats.mode & 0o022) !== 0) return false;
  if (stats.isFile()) return true;
  return stats.isDirectory() && readdirSync(place).every((name) => holdsOnlyOwn(path.join(place, name), user));
}

/** An open handle, so that the folder cannot be replaced after the check. */
function byHandle(place: string, user: number): string | undefined {
  const handle = openSync(place, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  const { uid, mode } = fstatSync(handle);
  if (uid === user && (mode & 0o022) === 0) return `/proc/self/fd/${handle}`;
  closeSync(handle);
  return undefined;
}

/** On this signal Node would open its debugger, to whoever reaches the port. */
process.on('SIGUSR1', () => {});
launch();
