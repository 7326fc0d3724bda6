import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { CLIENT_IDS } from '../../src/config/flag-schemas.ts';
import { PROGRAM, startNode } from '../helpers/process.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const TOKEN = 'planted-ionos-token-4711-0815';
const program = realpathSync(PROGRAM);

function createHome() {
  const home = temporaryFolder('home');
  async function run(line: string, env: Record<string, string> = {}) {
    const child = spawn(process.execPath, [PROGRAM, ...line.split(' ')], { env: { HOME: home, ...env } });
    child.stdin.end();
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    return { code: code as number | null, stdout, stderr };
  }
  return { home, run, read: (...names: string[]) => readFileSync(path.join(home, ...names), 'utf8') };
}

test('install --print prints the entry alone on stdout', async () => {
  const { home, run } = createHome();
  for (const client of CLIENT_IDS) {
    const { code, stdout, stderr } = await run(`install ${client} --print`, { IONOS_TOKEN: TOKEN });
    expect(code, client).toBe(0);
    if (client !== 'codex') JSON.parse(stdout);
    expect(stdout).toContain(program);
    expect(stderr).toContain(home);
    expect(stdout + stderr).not.toContain(TOKEN);
  }
  expect(readdirSync(home)).toEqual([]);
});

test('what install writes starts the server, as the client would start it', async () => {
  const { run, read } = createHome();
  const { code, stdout, stderr } = await run('install cursor --sandbox --yes --toolsets clusters');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('Done.');

  const entry = JSON.parse(read('.cursor', 'mcp.json')).mcpServers['ionos-postgres-sandbox'];
  expect(entry.command).toBe(process.execPath);
  const { initialize, call, request } = startNode(entry.args, entry.env);
  await initialize();
  expect((await call('list_clusters')).result.content?.[0]?.text).toContain('analytics-prod');
  const { result } = await request('tools/list');
  expect(JSON.stringify(result)).not.toContain('"name":"list_backups"');
});

test('the token of the environment goes into a file that its user alone can read, and nowhere else', async () => {
  const { home, run, read } = createHome();
  const installed = await run('install claude-desktop --yes', { IONOS_TOKEN: TOKEN });
  const uninstalled = await run('uninstall claude-desktop');
  expect([installed.code, uninstalled.code]).toEqual([0, 2]);
  expect(read('.config', 'ionos-postgres-mcp', 'token')).toBe(`${TOKEN}\n`);
  expect(read('.config', 'Claude', 'claude_desktop_config.json')).not.toContain(TOKEN);
  expect(installed.stdout + installed.stderr + uninstalled.stdout + uninstalled.stderr).not.toContain(TOKEN);
  expect((await run('uninstall claude-desktop --yes')).code).toBe(0);
  expect(readdirSync(path.join(home, '.config'))).toEqual(['Claude']);
});

test('Claude Code is told by its own program', async () => {
  const { home, run, read } = createHome();
  const fake = `#!${process.execPath}
require('node:fs').writeFileSync(process.env.HOME + '/.claude.json', JSON.stringify({ mcpServers: { [process.argv[6]]: JSON.parse(process.argv[7]) } }));`;
  mkdirSync(path.join(home, 'bin'));
  writeFileSync(path.join(home, 'bin', 'claude'), fake);
  chmodSync(path.join(home, 'bin', 'claude'), 0o755);
  const { code, stderr } = await run('install claude-code --sandbox --yes', { PATH: path.join(home, 'bin') });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(read('.claude.json')).mcpServers).toHaveProperty('ionos-postgres-sandbox.type', 'stdio');
});

test.each([
  ['install cursor', 'no token: run this in a terminal'],
  ['install cursor --sandbox', 'no terminal to ask for confirmation; --yes'],
  ['install curser', 'did you mean cursor?'],
  ['install', 'install needs a client'],
  ['install cursor --sandbox --yes --token planted', "unknown option '--token'"],
])('%s ends with 2 and words, and changes nothing', async (line, words) => {
  const { home, run } = createHome();
  const { code, stdout, stderr } = await run(line);
  expect(code).toBe(2);
  expect(stderr).toContain(words);
  expect(stdout + stderr).not.toContain('planted');
  expect(readdirSync(home)).toEqual([]);
});

test('a file that cannot be written is as it was', async () => {
  const { home, run, read } = createHome();
  mkdirSync(path.join(home, '.cursor'));
  writeFileSync(path.join(home, '.cursor', 'mcp.json'), '{ "a": ');
  const { code, stderr } = await run('install cursor --sandbox --yes');
  expect(code).toBe(2);
  expect(stderr).toMatch(/mcp\.json is broken at line 1, column 8: a value is missing\. Nothing was changed/);
  expect(read('.cursor', 'mcp.json')).toBe('{ "a": ');
});

test.each(['install', 'uninstall'])('%s --help names each client and each flag', async (command) => {
  const { run } = createHome();
  const { code, stdout } = await run(`${command} --help`);
  expect(code).toBe(0);
  for (const word of [...CLIENT_IDS, '--sandbox', '--yes', '--name']) expect(stdout).toContain(word);
  expect(stdout.includes('--print')).toBe(command === 'install');
});
