import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { Client } from '@modelcontextprotocol/client';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { describe, expect, onTestFinished, test } from 'vitest';
import packageJson from '../package.json' with { type: 'json' };
import { tools as ourTools } from '../src/tools/index.ts';

const run = promisify(execFile);
const root = path.join(import.meta.dirname, '..');
const built = path.join(root, 'dist/index.js');
const textOf = (file: string) => readFileSync(path.join(root, file), 'utf8');
const readme = textOf('README.md');

/** The fenced blocks of a language. */
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, text = '']) => text);

/** The text below a heading, down to the next one that is not below it. */
function section(heading: string): string {
  const [marks] = heading.split(' ');
  const start = readme.indexOf(`\n${heading}\n`);
  expect(start, heading).toBeGreaterThanOrEqual(0);
  const text = readme.slice(start + heading.length + 2);
  const end = text.search(new RegExp(`^#{1,${marks?.length}} `, 'm'));
  return end < 0 ? text : text.slice(0, end);
}

/** The cells of each row in a text's tables, without the heads. */
function rowsIn(text: string): string[][] {
  const lines = text.split('\n').filter((line) => line.startsWith('|'));
  const isRule = (line: string | undefined) => /^[|\s-]+$/.test(line ?? '');
  return lines
    .filter((line, index) => !isRule(line) && !isRule(lines[index + 1]))
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()));
}

const code = (cell: string | undefined) => [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, words = '']) => words);

const unquoted = (word: string) => word.replace(/["']/g, '');

/** Each command of the shell blocks, in words. */
const commands = blocks('sh')
  .flatMap((text) => text.replaceAll('\\\n', ' ').split(/\n| && /))
  .map((line) => (line.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? []).map(unquoted))
  .filter((words) => words.length > 0);

/** How something starts this server. */
interface Launch {
  where: string;
  command: string;
  args: string[];
  env: Record<string, string>;
}

type Entries = Record<string, { command: string; args: string[]; env?: Record<string, string> }>;

function launchesInJson(file: string, text: string): Launch[] {
  const { mcpServers, servers }: { mcpServers?: Entries; servers?: Entries } = JSON.parse(text);
  return Object.entries({ ...mcpServers, ...servers }).map(([name, { command, args, env = {} }]) => ({
    where: `${file}: ${name}, ${command} ${args.join(' ')}`,
    command,
    args,
    env,
  }));
}

function launchesInShell(words: string[]): Launch[] {
  const names = /^ionos-postgres-mcp(@|$)|(^|\/)dist\/index\.js$/;
  const named = words.findIndex((word) => names.test(word));
  const at = words.findLastIndex((word, index) => index < named && /^(npx|node)$/.test(word));
  const [command, ...args] = words.slice(at);
  if (named < 0 || at < 0 || command === undefined) return [];
  const env = words.slice(0, at).flatMap((word) => [...word.matchAll(/^([A-Z_]+)=(.*)$/g)]);
  return [
    {
      where: `README.md: ${words.join(' ')}`,
      command,
      args,
      env: Object.fromEntries(env.map(([, name = '', value = '']) => [name, value])),
    },
  ];
}

const launches = [
  ...launchesInJson('mcp.json', textOf('mcp.json')),
  ...blocks('json').flatMap((text) => launchesInJson('README.md', text)),
  ...commands.flatMap(launchesInShell),
];
const alone = launches.filter(({ args }) => args.includes('sandbox'));
const servers = launches.filter((launch) => !alone.includes(launch));
const byPlace = (some: Launch[]) => some.map((launch) => [launch.where, launch] as const);

/** What reaches this program: npx with the released package and a clone's path both stand for what is built here. */
function ownArgs({ command, args }: Launch): string[] {
  if (command === 'node') {
    expect(args[0]).toMatch(/(^|\/)dist\/index\.js$/);
    return args.slice(1);
  }
  const { name, version } = packageJson;
  expect([command, ...args.slice(0, 2)]).toEqual(['npx', '-y', `${name}@${version}`]);
  return args.slice(2);
}

/** A client whose server is the one built here, and the last line that it logged. */
async function start(args: string[], env: Record<string, string> = {}) {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [built, ...args],
    env,
    stderr: 'pipe',
  });
  let log = '';
  transport.stderr?.on('data', (text: Buffer) => {
    log += text;
  });
  const client = new Client({ name: 'readme', version: '0.0.0' });
  onTestFinished(() => client.close());
  await client.connect(transport);
  const lastLine = (): Record<string, unknown> => JSON.parse(log.trim().split('\n').at(-1) ?? '');
  return { client, lastLine };
}

/** Every setting that --help names, with its default. */
async function settings(): Promise<{ names: string[]; preset?: string }[]> {
  const outputs = await Promise.all(
    [['--help'], ['sandbox', '--help']].map((args) => run(process.execPath, [built, ...args])),
  );
  const entries = outputs.flatMap(({ stdout }) =>
    stdout
      .replace(/^Examples:.*/ms, '')
      .split(/\n(?= {2}\S)/)
      .slice(1)
      .map((entry) => entry.replace(/\n\s+/g, ' ')),
  );
  return entries
    .map((entry) => ({
      names:
        entry
          .trim()
          .split(/\s{2,}/)[0]
          ?.match(/--[a-z][a-z-]+|\b[A-Z]+_[A-Z_]+/g) ?? [],
      preset: /\(default: (.+?)\)/.exec(entry)?.[1],
    }))
    .filter(({ names }) => names.length > 0);
}

const FLAG = /--[a-z][a-z-]+/g;
const VARIABLE = /\b(?:IONOS_[A-Z_]+|[A-Z]+_PROXY)\b/g;
const settingsIn = (texts: string[]) =>
  texts.flatMap((text) => [FLAG, VARIABLE].flatMap((kind) => text.match(kind) ?? []));
const sorted = (names: Iterable<string>) => [...new Set(names)].sort();

describe('what README.md and mcp.json start', { timeout: 30_000 }, () => {
  test('is a server for each client that README.md describes, and for each on the sandbox', () => {
    expect(launchesInJson('mcp.json', textOf('mcp.json')).map(({ args }) => args.includes('--sandbox'))).toEqual([
      false,
      true,
    ]);
    for (const client of ['Claude Code', 'Cursor', 'VS Code']) {
      expect(section(`### ${client}`), client).toContain(`${packageJson.name}@${packageJson.version}`);
    }
    expect(servers.length).toBeGreaterThanOrEqual(8);
    expect(alone).not.toEqual([]);
  });

  test('is pinned to the present version everywhere', () => {
    const versions = `${readme}${textOf('mcp.json')}`.matchAll(/ionos-postgres-mcp@([\w.-]*\w)/g);

    expect(sorted([...versions].map(([, version = '']) => version))).toEqual([packageJson.version]);
  });

  test.each(byPlace(servers))('answers a client: %s', async (_, launch) => {
    const args = ownArgs(launch);
    const { client } = await start(args.includes('--sandbox') ? args : [...args, '--sandbox'], launch.env);

    const { tools } = await client.listTools();

    expect(client.getServerVersion()).toMatchObject({ name: packageJson.name, version: packageJson.version });
    expect(tools.map(({ name }) => name)).toContain('list_clusters');
  });

  const withPlaceholder = servers.filter(({ env }) => /^[<$]/.test(env.IONOS_TOKEN ?? ''));
  test.each(byPlace(withPlaceholder))('refuses a placeholder that was left in place: %s', async (_, launch) => {
    const env = { ...getDefaultEnvironment(), ...launch.env };

    await expect(run(process.execPath, [built, ...ownArgs(launch)], { env })).rejects.toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('IONOS_TOKEN still holds a placeholder'),
    });
  });

  test.each(byPlace(alone))('serves the sandbox to other programs: %s', async (_, launch) => {
    const child = spawn(process.execPath, [built, ...ownArgs(launch), '--port', '0'], { env: getDefaultEnvironment() });
    onTestFinished(async () => {
      const ended = once(child, 'exit');
      if (child.kill()) await ended;
    });

    const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), once(child, 'exit')]);
    const url = /http:\S+\/databases\/postgresql/.exec(String(line))?.[0];
    const answer = await fetch(`${url}/clusters`, { headers: { authorization: 'Bearer any' } });

    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ type: 'collection' });
  });
});

describe('the tables of README.md', { timeout: 30_000 }, () => {
  test('name every tool with the access that it needs, and no other', async () => {
    const { client } = await start(['--sandbox']);
    const { tools } = await client.listTools();

    const rows = rowsIn(section('## Tools')).map(([tool, access]) => [code(tool)[0], access]);

    expect(rows.map(([name]) => name)).toEqual(tools.map(({ name }) => name));
    expect(rows).toEqual(ourTools.map(({ name, access }) => [name, access]));
  });

  test('say for every tool what it does and what a person would type', () => {
    for (const [tool, , does, prompt] of rowsIn(section('## Tools'))) {
      expect(does, tool).toMatch(/\w+/);
      expect(prompt, tool).toMatch(/^".+[.?]"$/);
    }
  });

  test('name every resource and no other', async () => {
    const { client } = await start(['--sandbox']);
    const { resources } = await client.listResources();
    const { resourceTemplates } = await client.listResourceTemplates();
    const fixed = resources.map(({ uri }) => uri).filter((uri) => !uri.includes('/clusters/'));

    const named = rowsIn(section('## Resources')).flatMap(([uri]) => code(uri));

    expect(named).toEqual([...fixed, ...resourceTemplates.map(({ uriTemplate }) => uriTemplate)]);
  });

  test('name every flag and variable of --help with its default, and no other', async () => {
    const rows = rowsIn(section('## Configuration'));
    const known = await settings();
    const documented = rows.flatMap(([setting]) => settingsIn(code(setting)));

    expect(sorted(documented)).toEqual(sorted(known.flatMap(({ names }) => names)));
    for (const { names, preset } of known.filter(({ preset }) => preset !== undefined)) {
      const row = rows.find(([setting]) => code(setting).some((words) => words.split(' ')[0] === names[0]));
      expect(row?.[1], names[0]).toBe(`\`${preset}\``);
    }
  });

  test('name every access level with the tools that it adds', () => {
    const rows = rowsIn(section('### Access')).map(([level, tools]) => [code(level)[0], code(tools)]);

    const added = (level: string) => ourTools.filter(({ access }) => access === level).map(({ name }) => name);
    expect(rows).toEqual([
      ['read', []],
      ['write', added('write')],
      ['full', added('full')],
    ]);
  });

  test('name the example clusters of the sandbox', async () => {
    const { client } = await start(['--sandbox']);
    const { structuredContent } = await client.callTool({ name: 'list_clusters', arguments: {} });

    const rows = rowsIn(section('## Sandbox')).map(([name, id]) => ({ displayName: code(name)[0], id: code(id)[0] }));

    expect(structuredContent).toEqual({ clusters: rows.map((row) => expect.objectContaining(row)) });
  });
});

describe('the text of README.md', { timeout: 30_000 }, () => {
  test('names no flag and no variable that --help does not know', async () => {
    const known = (await settings()).flatMap(({ names }) => names);
    const prose = readme.replace(/^```.*?^```$/gms, '').replace(/^### Claude Code\n.*?^#/ms, '');
    const named = [...settingsIn([prose, ...launches.flatMap(({ args }) => args)]), ...(readme.match(VARIABLE) ?? [])];

    expect(known).toEqual(expect.arrayContaining(sorted(named)));
  });

  test('names no npm script that does not exist', () => {
    const inText = [...readme.matchAll(/`npm ([^`]+)`/g)].map(([, words = '']) => words.split(' '));
    const inShell = commands.filter(([program]) => program === 'npm').map(([, ...words]) => words);
    const scripts = [...inText, ...inShell]
      .filter(([action]) => action !== 'ci')
      .map(([action, script]) => (action === 'run' ? script : action));

    expect(scripts).toEqual(expect.arrayContaining(['build', 'test', 'demo', 'snapshots']));
    expect(Object.keys(packageJson.scripts)).toEqual(expect.arrayContaining(scripts));
  });

  test('names no file that does not exist', () => {
    const layout = blocks('text').flatMap((text) => text.match(/^(src|test)\/\S*/gm) ?? []);
    const links = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map(([, target = '']) => target);

    expect(layout.length).toBeGreaterThan(5);
    for (const file of [...layout, ...links]) expect(existsSync(path.join(root, file)), file).toBe(true);
  });

  test('links to headings that exist', () => {
    const anchors = [...readme.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title.toLowerCase().replaceAll(' ', '-'),
    );

    for (const [, anchor] of readme.matchAll(/\]\(#([^)]+)\)/g)) expect(anchors).toContain(anchor);
  });

  test('shows errors as a client gets them', async () => {
    const { client } = await start(['--sandbox']);
    const text = async (name: string, args: Record<string, unknown>) => {
      const { content, isError } = await client.callTool({ name, arguments: args });
      expect(isError).toBe(true);
      return content.map((part) => (part.type === 'text' ? part.text : '')).join('');
    };
    const shown = blocks('text').map((block) => block.trim());

    expect(shown).toContain(await text('get_cluster', { clusterId: 'gone' }));
    expect(shown).toContain(await text('update_cluster', { clusterId: 'gone', ram: 4 }));
  });

  test('shows a line of the log as the server writes it', async () => {
    const { client, lastLine } = await start(['--sandbox']);
    const shown = blocks('text').find((block) => block.startsWith('{')) ?? '';
    const line: Record<string, unknown> = JSON.parse(shown);

    await client.callTool({ name: String(line.tool), arguments: { clusterId: line.target } });

    await expect.poll(lastLine).toEqual({ ...line, time: expect.any(String), ms: expect.any(Number) });
    expect(Object.keys(lastLine())).toEqual(Object.keys(line));
  });
});
