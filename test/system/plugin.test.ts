import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { SkillsClient } from '@modelcontextprotocol/client/ext/skills';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import packageJson from '../../package.json' with { type: 'json' };
import { tools } from '../../src/tools/index.ts';

const root = path.join(import.meta.dirname, '../..');
const dist = path.join(root, 'dist');

interface Manifest {
  name: string;
  version: string;
  description: string;
  author: { name: string };
  homepage: string;
  license: string;
  mcpServers: Record<string, { command: string; args: string[]; env: Record<string, string> }>;
}

interface Marketplace {
  name: string;
  owner: { name: string };
  plugins: { name: string; source: string }[];
}

const manifestIn = (folder: string): Manifest => jsonOf(folder, 'plugin.json');
const jsonOf = (folder: string, file: string) =>
  JSON.parse(readFileSync(path.join(folder, '.claude-plugin', file), 'utf8'));
const skillNames = (folder: string) => readdirSync(path.join(folder, 'skills'));
const skillAt = (folder: string, name: string) => readFileSync(path.join(folder, 'skills', name, 'SKILL.md'), 'utf8');

/** Claude Code runs a plugin from a copy of its folder. */
function installed(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'ionos-postgres-mcp plugin '));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  cpSync(dist, folder, { recursive: true, filter: (file) => path.basename(file) !== 'maps' });
  return folder;
}

/** Starts the server that the plugin names, as Claude Code does in this environment. */
async function connect(folder: string, env: Record<string, string>) {
  const filled = (text: string) =>
    text
      .replaceAll(`\${CLAUDE_PLUGIN_ROOT}`, folder)
      .replace(/\$\{(\w+):-([^}]*)\}/g, (_, name: string, preset: string) => env[name] ?? preset);
  const [server] = Object.values(manifestIn(folder).mcpServers);
  const own = Object.entries(server?.env ?? {}).map(([name, value]) => [name, filled(value)]);
  const transport = new StdioClientTransport({
    command: server?.command ?? '',
    args: server?.args.map(filled),
    env: { ...getDefaultEnvironment(), HOME: folder, ...Object.fromEntries(own) },
    stderr: 'pipe',
  });
  let stderr = '';
  transport.stderr?.on('data', (text: Buffer) => {
    stderr += text;
  });
  const client = new Client({ name: 'claude-code', version: '0' });
  onTestFinished(() => client.close());
  const connected = client.connect(transport);
  return { client, connected, stderr: () => stderr };
}

describe('the plugin of Claude Code', { timeout: 30_000 }, () => {
  test('has a manifest of this package, with what Claude Code requires', () => {
    const { description, license, homepage, version } = packageJson;

    const manifest = manifestIn(dist);

    expect(manifest).toMatchObject({ version, description, license, homepage, author: { name: packageJson.name } });
    expect(manifest.name).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
    expect(URL.canParse(manifest.homepage)).toBe(true);
    expect(Object.keys(manifest.mcpServers)).toHaveLength(1);
  });

  test('names its server so that models take the names of all tools', () => {
    const { name, mcpServers } = manifestIn(dist);
    const [server] = Object.keys(mcpServers);

    for (const tool of tools) {
      expect(`mcp__plugin_${name}_${server}__${tool.name}`).toMatch(/^[\w-]{1,64}$/);
    }
  });

  test('can be installed from its own folder, by the names that the documentation says', () => {
    const { name, owner, plugins }: Marketplace = jsonOf(dist, 'marketplace.json');
    const page = readFileSync(path.join(root, 'docs/clients.md'), 'utf8');

    expect(owner.name).toBe(packageJson.name);
    expect(plugins).toMatchObject([{ name: manifestIn(dist).name, source: './' }]);
    expect(page).toContain(`claude plugin install ${plugins[0]?.name}@${name}\n`);
    const folders = [...page.matchAll(/claude (?:--plugin-dir|plugin marketplace add) (\S+)/g)];
    expect(folders).toHaveLength(2);
    for (const [, folder = ''] of folders) {
      expect(existsSync(path.join(root, folder, '.claude-plugin/plugin.json')), folder).toBe(true);
    }
    expect(page).toContain(
      `mcp__plugin_${plugins[0]?.name}_${Object.keys(manifestIn(dist).mcpServers)}__list_clusters`,
    );
  });

  test('has skills by the rules of Agent Skills', () => {
    expect(skillNames(dist)).toHaveLength(5);
    for (const name of skillNames(dist)) {
      const [, frontmatter = '', body = ''] = /^---\n([\s\S]+?)\n---\n([\s\S]+)$/.exec(skillAt(dist, name)) ?? [];

      expect(parse(frontmatter)).toEqual({ name, description: expect.stringMatching(/^.{1,1024}$/) });
      expect(body.split('\n').length).toBeLessThan(500);
      // Claude Code would run or insert these.
      expect(body).not.toMatch(/!`|\$\{?[A-Z]|(^|\s)@/);
    }
  });

  test('starts its server from a copy, with its tools and the same skills', async () => {
    const folder = installed();
    const { client, connected } = await connect(folder, { IONOS_TOKEN: 'any' });
    await connected;

    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(tools.map(({ name }) => name));
    const skills = new SkillsClient(client);
    for (const skill of (await skills.list()).skills) {
      const { text, verified } = await skills.read(skill);
      expect({ text, verified }).toEqual({ text: skillAt(folder, skill.frontmatter.name), verified: true });
    }
  });

  test('says what is missing where the environment has no credentials', async () => {
    const { connected, stderr } = await connect(installed(), {});

    await expect(connected).rejects.toThrow();
    await expect.poll(stderr).toContain('no credentials: set IONOS_TOKEN, IONOS_TOKEN_FILE');
  });
});
