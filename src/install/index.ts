import { existsSync } from 'node:fs';
import type { InstallCommand } from '../config/commands/install.ts';
import { ConfigError } from '../errors.ts';
import { linesOf, withoutSecrets } from './change.ts';
import { CLIENTS, commandOnPath, isThere, type McpClient } from './clients.ts';
import {
  type ClientSettings,
  isInstalled,
  readClient,
  snippet,
  TOKEN_REFERENCE,
  withEntry,
  withoutEntry,
} from './edit.ts';
import { addressOf, type Entry, isOwn, launchOf, mergedEntry, type WholeEntry } from './entry.ts';
import { backUp, isUnchanged, readSettings, writeSettings } from './files.ts';
import type { Machine } from './machine.ts';
import { isSame } from './syntax.ts';
import { ownTokenFile, planToken, removeToken, type TokenPlan, tokenFile } from './token.ts';

const DONE = 0;
/** The person was asked and did not agree. */
const DECLINED = 1;

/** Adds the entry to the client's settings or removes it, and returns the exit code. Throws ConfigError. */
export async function setUpClient(settings: InstallCommand, machine: Machine): Promise<number> {
  const task: Task = {
    settings,
    machine,
    client: CLIENTS[settings.client],
    path: CLIENTS[settings.client].file(machine),
  };
  if (settings.command === 'uninstall') return uninstall(task);
  return settings.print ? print(task) : install(task);
}

interface Task {
  settings: InstallCommand;
  machine: Machine;
  client: McpClient;
  /** The client's settings file. */
  path: string;
}

function entryOf({ settings, machine, client }: Task, tokenFile: string): Entry {
  const { command, args } = launchOf(machine);
  const token: Record<string, string> = client.hasInputs
    ? { IONOS_TOKEN: TOKEN_REFERENCE }
    : { IONOS_TOKEN_FILE: tokenFile };
  return {
    ...(client.hasType && { type: 'stdio' }),
    command,
    args: [...args, ...(settings.sandbox ? ['--sandbox'] : []), ...settings.args],
    ...(!settings.sandbox && { env: { ...token, ...addressOf(machine) } }),
  };
}

function print(task: Task): number {
  const { settings, machine, client } = task;
  const { terminal } = machine;
  const file = tokenFile(machine);
  terminal.note(`For ${client.title} this goes into ${task.path}:\n`);
  terminal.out(snippet(client, settings.name, { ...entryOf(task, file) }));
  if (client.hasInputs || settings.sandbox || existsSync(file)) return DONE;
  terminal.note(`The token belongs in ${file}, readable by you alone.\n`);
  return DONE;
}

async function install(task: Task): Promise<number> {
  const { settings, machine, client } = task;
  const { terminal } = machine;
  const current = readClient(client, task.path, settings.name);
  const token = settings.sandbox || client.hasInputs ? undefined : planToken(machine);
  const fresh = entryOf(task, token?.file ?? '');
  const entry = mergedEntry(current.entry, fresh);
  const isThereAlready = isInstalled(current, entry);
  const text = isThereAlready ? undefined : withEntry(client, current, settings.name, entry);
  if (text === undefined && !token?.isOpen) {
    terminal.out(`Nothing to change: ${client.title} already has ${settings.name} in ${task.path}.\n`);
    return DONE;
  }
  if (text !== undefined) show(task, current, { fresh, entry });
  if (token) terminal.out(`${token.says}\n`);
  else if (client.hasInputs && !settings.sandbox) {
    terminal.out(`${client.title} asks for the token when it first starts the server, and stores it as a secret.\n`);
  }
  if (!(await isAgreed(task, 'Make this change?'))) return DECLINED;
  await carryOut(task, current, token, text, entry);
  terminal.out(`Done. ${client.next}\n`);
  return DONE;
}

/** Shows what changes in the file. */
function show(task: Task, { file: { stats }, entry: old }: ClientSettings, made?: { fresh: Entry; entry: WholeEntry }) {
  const { settings, machine, client, path: file } = task;
  const { terminal } = machine;
  if (made && !isThere(client, machine)) {
    terminal.out(`${client.title} was not found on this machine; its settings file is created anyway.\n`);
  }
  terminal.out(`${file}${stats ? '' : ' (new)'}\n`);
  const name = `${client.key}.${settings.name}`;
  const known = made?.fresh ?? entryOf(task, ownTokenFile(machine));
  if (old !== undefined) terminal.out(linesOf('-', name, withoutSecrets(old, known)));
  if (made) terminal.out(linesOf('+', name, withoutSecrets(made.entry, known)));
  if (made && old !== undefined && !isOwn(old)) {
    terminal.out(`The old ${settings.name} does not start this program; all of it is replaced.\n`);
  }
  if (programOf(task, made?.entry))
    terminal.out(`${client.title} makes this change itself, through "${client.command} mcp".\n`);
}

/** Throws ConfigError where there is no terminal to ask in. */
async function isAgreed({ settings, machine: { terminal } }: Task, question: string): Promise<boolean> {
  if (settings.yes) return true;
  if (!terminal.isInteractive) {
    throw new ConfigError([
      'nothing was changed: there is no terminal to ask for confirmation; --yes makes the change without asking',
    ]);
  }
  const answer = await terminal.ask(`${question} [y/N] `);
  if (/^\s*y(es)?\s*$/i.test(answer)) return true;
  terminal.note('Nothing was changed.\n');
  return false;
}

async function carryOut(
  task: Task,
  current: ClientSettings,
  token: TokenPlan | undefined,
  text: string | undefined,
  entry: WholeEntry,
) {
  const { settings, client } = task;
  if (text !== undefined) refuseChanged(current);
  await token?.carryOut();
  if (text === undefined) return;
  const copy = keepCopy(task, current);
  const program = programOf(task, entry);
  if (!program) {
    refuseChanged(current);
    return writeSettings(current.file, text);
  }
  const { name } = settings;
  // It refuses to add a server whose name is taken.
  if (current.entry !== undefined) await runOwn(task, program, ['mcp', 'remove', '--scope', 'user', name]);
  const lost = current.entry !== undefined && copy ? `; the old entry was removed, and is still in ${copy}` : '';
  await runOwn(task, program, ['mcp', 'add-json', '--scope', 'user', name, JSON.stringify(entry)], lost);
  if (readClient(client, task.path, name).entry === undefined) {
    throw new Error(`${client.title} did not add ${name} to ${task.path}${lost}`);
  }
}

/** The file may have changed while the person was being asked. */
function refuseChanged({ file }: ClientSettings) {
  if (!isUnchanged(file)) {
    throw new ConfigError([`${file.path} has changed in the meantime and was not overwritten; try again`]);
  }
}

function keepCopy({ machine }: Task, { file }: ClientSettings): string | undefined {
  const copy = backUp(file, machine.now());
  if (copy) machine.terminal.out(`The previous version is kept as ${copy}\n`);
  return copy;
}

/**
 * The client's own command, if the client has to make the change itself and the command is on the PATH. What was in the
 * entry before may be secret, and the arguments of a command can be seen by everyone on the machine.
 */
function programOf(task: Task, entry?: WholeEntry): string | undefined {
  const { client, machine } = task;
  if (!client.makesChanges) return undefined;
  if (entry && !isSame(withoutSecrets(entry, entryOf(task, entry.env?.IONOS_TOKEN_FILE ?? '')), entry))
    return undefined;
  return commandOnPath(client, machine);
}

async function runOwn({ client, machine }: Task, program: string, args: readonly string[], more = '') {
  const { code } = await machine.run(program, args);
  if (code === 0) return;
  const words = [client.command, ...args.slice(0, 2)].join(' ');
  throw new Error(
    `"${words}" failed${code === undefined ? '' : ` with exit code ${code}`}; run "${client.command} mcp list" to see why${more}`,
  );
}

async function uninstall(task: Task): Promise<number> {
  const { settings, machine, client } = task;
  const { terminal } = machine;
  const { name } = settings;
  const current = readClient(client, task.path, name);
  const token = ownTokenFile(machine);
  if (current.entry === undefined) {
    terminal.out(`Nothing to change: ${client.title} has no ${name} in ${task.path}.\n`);
    if (existsSync(token) && !isNeeded(task, '', token))
      terminal.out(`${token} still holds a token. Delete it if nothing else needs it.\n`);
    return DONE;
  }
  const text = withoutEntry(client, current, name);
  show(task, current);
  const isLast = mentions(current.file.text, token) && !isNeeded(task, text, token);
  if (isLast) terminal.out(`The token file ${token} is removed too; no other client uses it.\n`);
  if (!(await isAgreed(task, 'Make this change?'))) return DECLINED;
  refuseChanged(current);
  keepCopy(task, current);
  const program = programOf(task);
  if (program) await runOwn(task, program, ['mcp', 'remove', '--scope', 'user', name]);
  else writeSettings(current.file, text);
  if (isLast) removeToken(token);
  terminal.out(`Done. ${client.title} no longer has ${name}.\n`);
  return DONE;
}

const mentions = (text: string, file: string) =>
  text.includes(file) || text.includes(JSON.stringify(file).slice(1, -1));

/** Whether another client refers to the token file, or may: its settings cannot be read. */
function isNeeded({ machine, path: own }: Task, text: string, token: string): boolean {
  if (!existsSync(token)) return true;
  if (mentions(text, token)) return true;
  return Object.values(CLIENTS)
    .map((client) => client.file(machine))
    .filter((file) => file !== own)
    .some((file) => {
      try {
        return mentions(readSettings(file).text, token);
      } catch {
        return true;
      }
    });
}
