#!/usr/bin/env node
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import nodeModule from 'node:module';
import path from 'node:path';
import v8 from 'node:v8';
import vm from 'node:vm';

/** Stands for the files of this build, whose compiled code is no use to another. */
declare const BUILD_ID: string;

/** Whether one client talks to it, over stdio, and not many. */
const isForOne = !process.argv.some((arg) => /^(--transport=)?http$/.test(arg));
/** Whether somebody has chosen himself how memory grows. */
const isTuned = /semi-space|optimize-for-size/.test([...process.execArgv, process.env.NODE_OPTIONS].join(' '));
/** How far V8 lets memory grow before it clears up: many callers need that, one does not. */
const GROWTH = {
  little: ['--optimize-for-size', '--semi-space-growth-factor=1'],
  // The first flag sets the second one besides, and does not take it back.
  usual: ['--no-optimize-for-size', '--max-semi-space-size=0', '--semi-space-growth-factor=2'],
};
/** Milliseconds after which it is to grow little: a start is faster before. */
const STARTED_MS = 50;

/** Milliseconds after which the code that a start takes has been compiled. */
const SETTLED_MS = 3_000;
const DAY_MS = 86_400_000;
const MONTH_MS = 30 * DAY_MS;
/** Bytes of the checksum behind the compiled code. */
const SUM = 4;

/**
 * Loads the program with the code that V8 compiled in an earlier run, kept in the user's cache folder, since compiling it
 * is most of a start. Node 22 can do that by itself, but takes a seventh longer. Whatever goes wrong, the program runs
 * without.
 */
function launch(): void {
  if (isForOne && !isTuned) setTimeout(beFrugal, STARTED_MS).unref();
  // Not before Node 20.15 and 22.2.
  const checksum: Cache['checksum'] | undefined = require('node:zlib').crc32;
  const folder = checksum && cacheFolder();
  if (folder) loadCached(path.join(__dirname, 'main.js'), { folder, checksum });
  else require('./main.js');
}

let isFrugal = false;

function beFrugal(): void {
  isFrugal = true;
  for (const flag of GROWTH.little) v8.setFlagsFromString(flag);
}

/** V8 takes compiled code only under the flags under which it was made, which are those of the start. */
function asAtTheStart<T>(work: () => T): T {
  if (!isFrugal) return work();
  for (const flag of GROWTH.usual) v8.setFlagsFromString(flag);
  try {
    return work();
  } finally {
    beFrugal();
  }
}

/** A folder of this user alone: who can write there can say what this program does. Undefined where there is none. */
function cacheFolder(): string | undefined {
  const { env, platform, arch, version, getuid } = process;
  if (env.NODE_DISABLE_COMPILE_CACHE) return undefined;
  const home = env.HOME || env.USERPROFILE;
  const named = (platform === 'win32' && env.LOCALAPPDATA) || env.XDG_CACHE_HOME;
  // A relative path there is invalid and to be ignored, as the XDG Base Directory Specification says.
  const base = named && path.isAbsolute(named) ? named : home && path.join(home, '.cache');
  if (!base || !path.isAbsolute(base)) return undefined;
  const all = path.join(base, 'ionos-postgres-mcp');
  const folder = path.join(all, `${BUILD_ID}-${version}-${arch}`);
  try {
    if (makeFolder(folder)) removeOld(all);
    const [ofAll, ofFolder] = [lstatSync(all), lstatSync(folder)];
    const isOurs = [ofAll, ofFolder].every(
      (stats) => stats.isDirectory() && (!getuid || (stats.uid === getuid() && (stats.mode & 0o022) === 0)),
    );
    if (!isOurs) return undefined;
    if (Date.now() - ofFolder.mtimeMs > DAY_MS) markUsed(folder);
    return folder;
  } catch {
    return undefined;
  }
}

/** Whether it was not there before. Makes those above it as well; Node's own way to do so never ends below /proc. */
function makeFolder(folder: string, isLast = false): boolean {
  try {
    mkdirSync(folder, { mode: 0o700 });
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST') return false;
    if (code !== 'ENOENT' || isLast) throw error;
    makeFolder(path.dirname(folder));
    return makeFolder(folder, true);
  }
}

/** What other builds have left, and nobody has used for a month. */
function removeOld(all: string): void {
  try {
    for (const name of readdirSync(all)) {
      const folder = path.join(all, name);
      if (Date.now() - statSync(folder).mtimeMs > MONTH_MS) rmSync(folder, { recursive: true, force: true });
    }
  } catch {
    // It takes up room, and no more than that.
  }
}

/** By the one date that `removeOld` goes by; reading changes none. */
function markUsed(folder: string): void {
  try {
    utimesSync(folder, new Date(), new Date());
  } catch {
    // It may be removed, and made again.
  }
}

interface Cache {
  folder: string;
  /** V8 notices some damage to compiled code and crashes from the rest. */
  checksum(data: Buffer): number;
}

const loaded = new Map<string, { exports: unknown }>();

/** As `require` does, for a file of this program. */
function loadCached(file: string, cache: Cache): unknown {
  const known = loaded.get(file);
  if (known) return known.exports;
  const module = { exports: {} };
  loaded.set(file, module);
  const place = path.join(cache.folder, `${path.basename(file)}.cache`);
  const cachedData = readWhole(place, cache);
  const code = `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, 'utf8')}\n})`;
  const script = asAtTheStart(() => new vm.Script(code, { filename: file, cachedData }));
  if (!cachedData || script.cachedDataRejected) setTimeout(() => keep(script, place, cache), SETTLED_MS).unref();
  const requireFromFile = nodeModule.createRequire(file);
  const requireHere = (id: string) =>
    id.startsWith('./') ? loadCached(path.join(__dirname, id), cache) : requireFromFile(id);
  script.runInThisContext()(module.exports, requireHere, module, file, __dirname);
  return module.exports;
}

/** The compiled code that is kept there, undefined where it is missing or damaged. */
function readWhole(place: string, { checksum }: Cache): Buffer | undefined {
  try {
    const kept = readFileSync(place);
    const code = kept.subarray(0, -SUM);
    return checksum(code) === kept.readUInt32LE(code.length) ? code : undefined;
  } catch {
    return undefined;
  }
}

function keep(script: vm.Script, place: string, { checksum }: Cache): void {
  try {
    // Whole or not at all: another process may read it right now.
    const part = `${place}.${process.pid}`;
    const code = asAtTheStart(() => script.createCachedData());
    const sum = Buffer.alloc(SUM);
    sum.writeUInt32LE(checksum(code));
    writeFileSync(part, Buffer.concat([code, sum]), { mode: 0o600 });
    renameSync(part, place);
  } catch {
    // A disk that is full or read-only only costs time at the next start.
  }
}

launch();
