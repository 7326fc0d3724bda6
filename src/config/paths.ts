import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError } from '../errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Undefined for a user without an entry in passwd, if the environment names none. */
export function homeFolder(env: Environment, platform = os.platform()): string | undefined {
  const named = platform === 'win32' ? env.USERPROFILE : env.HOME;
  return [named, homeOfUser()].find((folder) => folder && path.isAbsolute(folder));
}

function homeOfUser(): string | undefined {
  try {
    return os.userInfo().homedir;
  } catch {
    return undefined;
  }
}

export function toPath(typed: string, setting: string, env: Environment): string {
  const refuse = (words: string): never => {
    throw new ConfigError([`${setting} ${words}`]);
  };
  const text = typed.trim();
  if (isToken(text)) refuse('contains a token; it must be the path of a file');
  if (/^file:\/\//i.test(text)) return pathOfUrl(text) ?? refuse('is a file:// URL that names no file here');
  if (/^[a-z][a-z\d+.-]+:\/\//i.test(text)) refuse('must be a path, not a URL');
  const variable = variableIn(text);
  if (variable) refuse(`contains ${variable}, which only a shell expands; write the full path`);
  if (!text.startsWith('~')) return text;
  const [user = ''] = text.slice(1).split(/[/\\]/, 1);
  if (user) refuse('begins with ~ and a name, which only a shell expands; write the full path, or ./~ for a file name');
  const home = homeFolder(env) ?? refuse('begins with ~, but this user has no home directory; write the full path');
  return path.join(home, text.slice(1));
}

function pathOfUrl(text: string): string | undefined {
  try {
    return fileURLToPath(text);
  } catch {
    return undefined;
  }
}

/** Without its name, which may be a secret. */
function variableIn(text: string): string | undefined {
  const parts = text.split(/[/\\]/);
  if (parts.some((part) => /^\$(\{|\(|[a-z_])/i.test(part))) return 'a variable such as $HOME';
  return parts.some((part) => /^%[a-z_][\w()]*%/i.test(part)) ? 'a variable such as %USERPROFILE%' : undefined;
}

/** A token, or an entry of a tokens file, in place of its path. */
export function isToken(text: string): boolean {
  return /^bearer\s|^eyJ[\w-]+\.|:(read|write|full):/i.test(text) || /^[\w+=-]{43,}$/.test(text);
}

/** A path that could be a token or password is not repeated unless the file exists. */
export function shownPath(text: string, { isThere = false } = {}): string {
  const isShown = !/\p{C}/u.test(text) && (isThere || (looksLikePath(text) && !mayBeSecret(text)));
  return isShown ? text : 'the file (its name is not shown: it could be a token)';
}

const looksLikePath = (text: string) =>
  /^(\.{0,2}[/\\]|~|[a-z]:[/\\])/i.test(text) || /^[\w-]{1,32}(\.[a-z]{1,8})+$/i.test(text);

const mayBeSecret = (text: string) =>
  isToken(text) || text.split(/[/\\.]/).some((part) => /^[\w+=~-]{32,}$/.test(part));
