import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { loadConfig } from '../../src/config/index.ts';
import { setUpClient } from '../../src/install/index.ts';
import type { ProgramResult } from '../../src/install/machine.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

export const TOKEN = 'planted-ionos-token-4711-0815';
export const SYSTEMS = ['linux', 'darwin', 'win32'] as const;
export type System = (typeof SYSTEMS)[number];

interface Settings {
  system?: System;
  env?: Record<string, string>;
  /** What the person types, one after the other; undefined where nobody is there. */
  answers?: (string | (() => string))[];
  /** How the clients' own programs answer. */
  run?(program: string, args: readonly string[]): ProgramResult;
}

/** A home directory of its own on such a system, and this program installed beside it. */
export function createHome({ system = 'linux', env = {}, answers, run }: Settings = {}) {
  const root = temporaryFolder('home');
  const home = path.join(root, 'user');
  mkdirSync(home);
  const script = path.join(root, 'lib', 'node_modules', 'ionos-postgres-mcp', 'dist', 'index.js');
  mkdirSync(path.dirname(script), { recursive: true });
  writeFileSync(script, '');
  const own: Record<string, string> =
    system === 'win32'
      ? { APPDATA: path.join(home, 'AppData', 'Roaming'), LOCALAPPDATA: path.join(home, 'AppData', 'Local') }
      : {};

  const ran: string[][] = [];
  const asked: string[] = [];
  const typed = [...(answers ?? [])];
  let output = { out: '', notes: '' };
  const answer = async (question: string) => {
    asked.push(question);
    const next = typed.shift() ?? '';
    return typeof next === 'string' ? next : next();
  };

  return {
    root,
    home,
    script,
    ran,
    asked,
    at: (...names: string[]) => path.join(home, ...names),
    read: (...names: string[]) => readFileSync(path.join(home, ...names), 'utf8'),
    has: (...names: string[]) => existsSync(path.join(home, ...names)),
    mode: (...names: string[]) => statSync(path.join(home, ...names)).mode & 0o777,
    write(text: string, ...names: string[]) {
      const file = path.join(home, ...names);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
      return file;
    },
    /** Runs a command as it would be typed. */
    async run(line: string, more: Record<string, string> = {}) {
      output = { out: '', notes: '' };
      const config = loadConfig(line.split(' '), {}, () => '');
      if (config.command !== 'install' && config.command !== 'uninstall') throw new Error(`${line} installs nothing`);
      const code = await setUpClient(config, {
        platform: system,
        env: { ...own, ...env, ...more },
        home,
        node: '/usr/bin/node',
        script,
        now: () => new Date('2026-11-26T12:00:00Z'),
        terminal: {
          isInteractive: answers !== undefined,
          out(text) {
            output.out += text;
          },
          note(text) {
            output.notes += text;
          },
          ask: answer,
          askHidden: answer,
        },
        async run(program, args) {
          ran.push([program, ...args]);
          return run?.(program, args) ?? { code: 0 };
        },
      });
      return { code, ...output };
    },
    /** What was shown so far by the last command. */
    shown: () => output.out + output.notes,
  };
}
