import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'jsonc-parser';
import { parse as parseToml } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { CLIENT_IDS, type ClientId } from '../../src/config/flag-schemas.ts';
import { loadConfig, readFile } from '../../src/config/index.ts';
import { TOKEN_REFERENCE } from '../../src/install/edit.ts';
import { version } from '../../src/version.ts';
import { createHome, SYSTEMS, type System, TOKEN } from './world.ts';

const account = { IONOS_TOKEN: TOKEN };
const copies = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.bak'));

/** Below the home directory. */
const FILES: Record<ClientId, Record<System, string>> = {
  'claude-desktop': {
    linux: '.config/Claude/claude_desktop_config.json',
    darwin: 'Library/Application Support/Claude/claude_desktop_config.json',
    win32: 'AppData/Roaming/Claude/claude_desktop_config.json',
  },
  'claude-code': { linux: '.claude.json', darwin: '.claude.json', win32: '.claude.json' },
  cursor: { linux: '.cursor/mcp.json', darwin: '.cursor/mcp.json', win32: '.cursor/mcp.json' },
  vscode: {
    linux: '.config/Code/User/mcp.json',
    darwin: 'Library/Application Support/Code/User/mcp.json',
    win32: 'AppData/Roaming/Code/User/mcp.json',
  },
  windsurf: {
    linux: '.codeium/windsurf/mcp_config.json',
    darwin: '.codeium/windsurf/mcp_config.json',
    win32: '.codeium/windsurf/mcp_config.json',
  },
  codex: { linux: '.codex/config.toml', darwin: '.codex/config.toml', win32: '.codex/config.toml' },
  gemini: { linux: '.gemini/settings.json', darwin: '.gemini/settings.json', win32: '.gemini/settings.json' },
};
const TOKEN_FILES: Record<System, string> = {
  linux: '.config/ionos-postgres-mcp/token',
  darwin: 'Library/Application Support/ionos-postgres-mcp/token',
  win32: 'AppData/Roaming/ionos-postgres-mcp/token',
};
const KEYS: Partial<Record<ClientId, string>> = { vscode: 'servers', codex: 'mcp_servers' };
const everywhere = SYSTEMS.flatMap((system) => CLIENT_IDS.map((client) => [client, system] as const));

interface Written {
  type?: string;
  command: string;
  args: string[];
  env?: Record<string, string>;
}

function entriesIn(client: ClientId, text: string): Record<string, Written> {
  const content: Record<string, Record<string, Written>> = client === 'codex' ? Object(parseToml(text)) : parse(text);
  return content[KEYS[client] ?? 'mcpServers'] ?? {};
}

describe.each(everywhere)('for %s on %s', (client, system) => {
  const file = FILES[client][system];

  test('install makes an entry with which the server starts, and uninstall takes it out again', async () => {
    const home = createHome({ system, env: account });
    const { code, out } = await home.run(`install ${client} --yes --read-only`);

    expect(code).toBe(0);
    expect(out).toContain(`${home.at(file)} (new)`);
    expect(out).toContain('was not found on this machine');
    const entry = entriesIn(client, home.read(file))['ionos-postgres'];
    expect(entry).toMatchObject({ command: '/usr/bin/node', args: [home.script, '--read-only'] });
    expect(home.mode(file)).toBe(0o600);
    if (client === 'vscode') {
      expect(entry?.env).toEqual({ IONOS_TOKEN: TOKEN_REFERENCE });
      expect(TOKEN_REFERENCE).toMatch(/^.\{input:ionos-token\}$/);
      expect(parse(home.read(file)).inputs).toEqual([
        { type: 'promptString', id: 'ionos-token', description: 'IONOS Cloud token', password: true },
      ]);
      expect(home.has(TOKEN_FILES[system])).toBe(false);
    } else {
      expect(entry?.env).toEqual({ IONOS_TOKEN_FILE: home.at(TOKEN_FILES[system]) });
      expect(home.read(TOKEN_FILES[system])).toBe(`${TOKEN}\n`);
      expect(home.mode(TOKEN_FILES[system])).toBe(0o600);
      expect(home.mode(path.dirname(TOKEN_FILES[system]))).toBe(0o700);
      expect(loadConfig(entry?.args.slice(1) ?? [], entry?.env ?? {}, readFile)).toMatchObject({
        access: 'read',
        api: { authorization: `Bearer ${TOKEN}` },
      });
    }

    const again = await home.run(`install ${client} --yes --read-only`);
    expect(again.out).toBe(
      `Nothing to change: ${titleIn(again.out)} already has ionos-postgres in ${home.at(file)}.\n`,
    );
    expect(copies(path.dirname(home.at(file)))).toEqual([]);

    const gone = await home.run(`uninstall ${client} --yes`);
    expect(gone.code).toBe(0);
    expect(entriesIn(client, home.read(file))).toEqual({});
    expect(home.read(file)).not.toContain('ionos');
    expect(home.has(TOKEN_FILES[system])).toBe(false);
    expect(copies(path.dirname(home.at(file)))).toHaveLength(1);
    expect((await home.run(`uninstall ${client} --yes`)).out).toContain('Nothing to change');
  });

  test('install --print shows the entry and changes nothing', async () => {
    const home = createHome({ system });
    const { code, out, notes } = await home.run(`install ${client} --print`);

    expect(code).toBe(0);
    expect(notes).toContain(home.at(file));
    expect(entriesIn(client, out)['ionos-postgres']?.args).toEqual([home.script]);
    expect(readdirSync(home.home)).toEqual([]);
  });

  test('install --sandbox needs no token', async () => {
    const home = createHome({ system, env: account });
    await home.run(`install ${client} --sandbox --yes`);

    const { 'ionos-postgres-sandbox': entry, ...others } = entriesIn(client, home.read(file));
    expect(entry).toMatchObject({ args: [home.script, '--sandbox'] });
    expect(entry).not.toHaveProperty('env');
    expect(others).toEqual({});
    expect(home.read(file)).not.toContain('token');
    expect(home.has(TOKEN_FILES[system])).toBe(false);
  });
});

const titleIn = (out: string) => /^Nothing to change: (.*) already has/.exec(out)?.[1];

describe('where the clients look', () => {
  test.each([
    ['claude-code', 'CLAUDE_CONFIG_DIR', '.claude.json'],
    ['codex', 'CODEX_HOME', 'config.toml'],
    ['gemini', 'GEMINI_CLI_HOME', '.gemini/settings.json'],
    ['claude-desktop', 'XDG_CONFIG_HOME', 'Claude/claude_desktop_config.json'],
    ['vscode', 'XDG_CONFIG_HOME', 'Code/User/mcp.json'],
  ])('%s is found where %s says', async (client, name, file) => {
    const home = createHome();
    await home.run(`install ${client} --sandbox --yes`, { [name]: home.at('elsewhere') });
    expect(home.has('elsewhere', file)).toBe(true);

    await home.run(`install ${client} --sandbox --yes`, { [name]: 'relative' });
    expect(existsSync('relative')).toBe(false);
  });

  test('Claude Desktop as a package for Windows has a folder of its own', async () => {
    const home = createHome({ system: 'win32' });
    const folder = 'AppData/Local/Packages/Claude_pzs8sxrjxfjjc/LocalCache/Roaming/Claude';
    mkdirSync(home.at(folder), { recursive: true });
    const { out } = await home.run('install claude-desktop --sandbox --yes');
    expect(home.has(folder, 'claude_desktop_config.json')).toBe(true);
    expect(out).not.toContain('was not found');
  });

  test('a user without a home directory is told so', async () => {
    const home = createHome();
    Object.assign(home, { home: undefined });
    const { setUpClient } = await import('../../src/install/index.ts');
    const config = loadConfig(['install', 'cursor', '--print'], {}, () => '');
    if (config.command !== 'install') throw new Error();
    const machine = { platform: 'linux', env: {}, home: undefined } as Parameters<typeof setUpClient>[1];
    await expect(setUpClient(config, machine)).rejects.toThrow('no home directory');
  });
});

describe('how the server is started', () => {
  async function printed(system: System, folder: string) {
    const home = createHome({ system });
    const script = path.join(home.root, folder, 'node_modules', 'ionos-postgres-mcp', 'dist', 'index.js');
    mkdirSync(path.dirname(script), { recursive: true });
    writeFileSync(script, '');
    const link = path.join(home.root, 'bin');
    symlinkSync(script, link);
    const { launchOf } = await import('../../src/install/entry.ts');
    return { script, ...launchOf({ platform: system, env: {}, node: '/usr/bin/node', script: link }) };
  }

  test.each([
    ['linux', '_npx/1f2e3d', 'npx', []],
    ['darwin', 'pnpm/dlx/abc', 'npx', []],
    ['win32', 'npm-cache/_npx/1f2e3d', 'cmd', ['/c', 'npx']],
  ] as const)('on %s from %s by its name and version', async (system, folder, command, before) => {
    const launch = await printed(system, folder);
    expect(launch).toMatchObject({ command, args: [...before, '-y', `ionos-postgres-mcp@${version}`] });
  });

  test('from an install by the path of the program itself, not of the link to it', async () => {
    const { script, command, args } = await printed('linux', 'lib');
    expect({ command, args }).toEqual({ command: '/usr/bin/node', args: [script] });
  });

  test('with a Node.js of Homebrew by the link to it that stays', async () => {
    const home = createHome();
    const node = path.join(home.root, 'Cellar', 'node', '24.1.0', 'bin', 'node');
    mkdirSync(path.dirname(node), { recursive: true });
    writeFileSync(node, '');
    mkdirSync(home.at('bin'));
    symlinkSync(node, home.at('bin', 'node'));
    const { launchOf } = await import('../../src/install/entry.ts');
    const start = (PATH: string) => launchOf({ platform: 'darwin', env: { PATH }, node, script: home.script }).command;
    expect(start(`bin:${home.at('bin')}`)).toBe(home.at('bin', 'node'));
    expect(start('/nowhere')).toBe(node);
  });
});

describe('which API is meant', () => {
  test('goes into the entry, with the contract and the pinned certificate', async () => {
    const address = {
      IONOS_API_URL: 'https://gateway.example',
      IONOS_COMPUTE_URL: 'https://compute.example',
      IONOS_PSQL_V2_URL: 'https://postgresql.{region}.example',
      IONOS_CONTRACT_NUMBER: '31812345',
      IONOS_PINNED_CERT: 'AB'.repeat(32),
    };
    const home = createHome({ env: { ...account, ...address, HTTPS_PROXY: 'http://me:proxy-secret@proxy' } });
    await home.run('install codex --yes');
    const { env } = entriesIn('codex', home.read('.codex/config.toml'))['ionos-postgres'] ?? {};
    expect(env).toEqual({ ...address, IONOS_TOKEN_FILE: expect.any(String) });
    expect((await home.run('install cursor --sandbox --print')).out).not.toContain('gateway');
  });

  test('is checked, and repeats no password', async () => {
    const home = createHome({ env: { ...account, IONOS_API_URL: 'https://me:api-secret@gateway.example' } });
    const failure: Error = await home.run('install cursor --yes').catch((error) => error);
    expect(failure.message).toContain('IONOS_API_URL must not contain a user or password');
    expect(failure.message + home.shown()).not.toContain('api-secret');
    expect(readdirSync(home.home)).toEqual([]);
  });
});

describe('who agrees', () => {
  test('a person is shown the change and asked; no is the default', async () => {
    const home = createHome({ env: account, answers: ['', 'n', 'Yes'] });
    for (const _ of [1, 2]) {
      const { code, out, notes } = await home.run('install cursor');
      expect(code).toBe(1);
      expect(out).toContain('+ mcpServers.ionos-postgres: {');
      expect(notes).toBe('Nothing was changed.\n');
      expect(readdirSync(home.home)).toEqual([]);
    }
    expect((await home.run('install cursor')).code).toBe(0);
    expect(home.asked).toEqual(Array(3).fill('Make this change? [y/N] '));
    expect(home.has('.cursor/mcp.json')).toBe(true);
  });

  test('where nobody can be asked nothing is changed', async () => {
    const home = createHome({ env: account });
    await expect(home.run('install cursor')).rejects.toThrow('no terminal to ask for confirmation; --yes');
    await expect(home.run('install gemini --sandbox')).rejects.toThrow('no terminal to ask for confirmation');
    expect(readdirSync(home.home)).toEqual([]);
    await home.run('install cursor --yes');
    const before = home.read('.cursor/mcp.json');
    await expect(home.run('uninstall cursor')).rejects.toThrow('no terminal to ask for confirmation');
    expect(home.read('.cursor/mcp.json')).toBe(before);
  });
});

describe('the token', () => {
  test('is asked for after the change was agreed to, and never shown', async () => {
    const home = createHome({ answers: ['y', ` Bearer ${TOKEN} `] });
    await home.run('install windsurf');
    expect(home.asked).toEqual(['Make this change? [y/N] ', 'IONOS token (not shown as you type): ']);
    expect(home.read('.config/ionos-postgres-mcp/token')).toBe(`${TOKEN}\n`);
    expect(home.shown()).not.toContain('planted');
    await home.run('install gemini --yes');
    expect(home.asked).toHaveLength(2);
    expect(home.shown()).toContain('is already in');
  });

  test.each([
    ['', 'no token was entered'],
    ['<your token>', 'placeholder'],
    ['two words', 'contains a character that no token has'],
  ])('typed as %j is refused, and nothing was written', async (typed, words) => {
    const home = createHome({ answers: ['y', typed] });
    await expect(home.run('install windsurf')).rejects.toThrow(words);
    expect(home.has('.codeium')).toBe(false);
    expect(home.has('.config')).toBe(false);
  });

  test('of the environment is checked before anything else', async () => {
    const home = createHome({ env: { IONOS_TOKEN: 'YOUR_TOKEN' } });
    await expect(home.run('install cursor --yes')).rejects.toThrow('IONOS_TOKEN still contains a placeholder');
    expect(readdirSync(home.home)).toEqual([]);
  });

  test('without one, and nobody to ask, is an error that names the ways out', async () => {
    const home = createHome();
    await expect(home.run('install cursor --yes')).rejects.toThrow(/IONOS_TOKEN or IONOS_TOKEN_FILE; or use --sandbox/);
    expect(readdirSync(home.home)).toEqual([]);
  });

  test('stays in a file of the user that IONOS_TOKEN_FILE names', async () => {
    const home = createHome();
    const file = home.write(TOKEN, 'secrets', 'ionos');
    await home.run('install cursor --yes', { IONOS_TOKEN_FILE: file });
    expect(entriesIn('cursor', home.read('.cursor/mcp.json'))['ionos-postgres']?.env).toEqual({
      IONOS_TOKEN_FILE: file,
    });
    await home.run('uninstall cursor --yes');
    expect(home.read('secrets/ionos')).toBe(TOKEN);
    expect((await home.run('install gemini --print', { IONOS_TOKEN_FILE: file })).out).toContain(file);
    expect(home.has('.config')).toBe(false);
  });

  test('of the person that others can see is named', async () => {
    const home = createHome();
    const file = home.write(TOKEN, 'project', 'token');
    chmodSync(file, 0o644);
    const { out } = await home.run('install cursor --print', { IONOS_TOKEN_FILE: file });
    expect(out).not.toContain('chmod');
    expect((await home.run('install cursor --yes', { IONOS_TOKEN_FILE: file })).out).toContain(
      'close it with chmod 600',
    );
    chmodSync(file, 0o600);
    home.write('', 'project', '.git');
    expect((await home.run('install gemini --yes', { IONOS_TOKEN_FILE: file })).out).toContain(
      'lies in the repository',
    );
  });

  test('takes the place of an older one, and a file that others can read is closed', async () => {
    const home = createHome();
    chmodSync(home.write('older-token-123456', '.config/ionos-postgres-mcp/token'), 0o644);
    await home.run('install cursor --yes');
    expect(home.mode('.config/ionos-postgres-mcp/token')).toBe(0o600);
    expect(home.read('.config/ionos-postgres-mcp/token')).toBe('older-token-123456');
    const { out } = await home.run('install cursor --yes', account);
    expect(out).toContain('replaces the one in');
    expect(out).toContain('Done.');
    expect(home.read('.config/ionos-postgres-mcp/token')).toBe(`${TOKEN}\n`);
  });

  test('that is left over is named', async () => {
    const home = createHome({ env: account });
    await home.run('install cursor --yes');
    const other = await home.run('uninstall gemini --yes');
    expect(other.out).not.toContain('still holds a token');
    home.write('{}', '.cursor/mcp.json');
    const { code, out } = await home.run('uninstall cursor --yes');
    expect(code).toBe(0);
    expect(out).toContain(`${home.at('.config/ionos-postgres-mcp/token')} still holds a token.`);
  });

  test('is kept by uninstall as long as another client names its file, or may', async () => {
    const home = createHome({ env: account });
    await home.run('install cursor --yes');
    await home.run('install codex --yes');
    await home.run('uninstall cursor --yes');
    expect(home.has('.config/ionos-postgres-mcp/token')).toBe(true);
    const unreadable = home.write('', '.gemini/settings.json');
    chmodSync(unreadable, 0o400);
    await home.run('uninstall codex --yes');
    expect(home.has('.config/ionos-postgres-mcp/token')).toBe(true);
    chmodSync(unreadable, 0o600);
    await home.run('install codex --yes');
    expect((await home.run('uninstall codex --yes')).out).toContain('no other client uses it');
    expect(home.has('.config/ionos-postgres-mcp')).toBe(false);
  });
});

describe('an entry of that name', () => {
  const OLD = {
    command: 'npx',
    args: ['-y', 'ionos-postgres-mcp@0.0.9', '--key=hunter2secret', '--api-key', 'sk-live-4242'],
    env: { IONOS_TOKEN: 'old-token-in-plain-text', OTHER: 'also-secret' },
    headers: { Authorization: 'Bearer header-secret' },
    note: 'note-secret',
    disabled: true,
  };

  test('that differs is shown without its secrets, and replaced after a yes', async () => {
    const home = createHome({ env: account, answers: ['n', 'y'] });
    const neighbours = `"other": {"command": "x", "env": {"KEY": "neighbour-secret"}}`;
    home.write(`{"mcpServers": {${neighbours}, "ionos-postgres": ${JSON.stringify(OLD)}}}`, '.cursor/mcp.json');
    const before = home.read('.cursor/mcp.json');

    await home.run('install cursor');
    expect(home.read('.cursor/mcp.json')).toBe(before);
    await home.run('install cursor');

    const shown = home.shown();
    for (const line of [
      '"command": "npx"',
      '"ionos-postgres-mcp@0.0.9"',
      '"IONOS_TOKEN": "[hidden]"',
      '"disabled": true',
    ]) {
      expect(shown).toContain(line);
    }
    expect(shown).not.toMatch(/secret|hunter2|4242|plain|planted/);
    const { other, 'ionos-postgres': ours } = entriesIn('cursor', home.read('.cursor/mcp.json'));
    expect(other).toEqual({ command: 'x', env: { KEY: 'neighbour-secret' } });
    expect(ours).toMatchObject({ type: 'stdio', command: '/usr/bin/node' });
    const [copy = ''] = copies(home.at('.cursor'));
    expect(copy).toBe('mcp.json.2026-11-26T12-00-00.bak');
    expect(home.read('.cursor', copy)).toBe(before);
    expect(home.mode('.cursor', copy)).toBe(0o600);
  });

  const HARDENED = `{
  // mine
  "mcpServers": {
    "ionos-postgres": {
      "command": "node",
      // the policy of the team
      "args": ["/old/dist/index.js", "--read-only", "--policy", "/etc/policy.jsonc", "--confirm=writes", "--toolsets", "clusters", "logs"],
      "env": { "IONOS_TOKEN": "old-secret", "HTTPS_PROXY": "http://u:proxy-secret@p:1", "NODE_EXTRA_CA_CERTS": "/ca.pem" },
      "timeout": 60, // seconds
      "disabled": false
    }
  }
}
`;

  test('keeps what was set by hand, and the comments in it', async () => {
    const home = createHome({ env: account });
    home.write(HARDENED, '.cursor/mcp.json');

    await home.run('install cursor --yes');

    const text = home.read('.cursor/mcp.json');
    expect(entriesIn('cursor', text)['ionos-postgres']).toEqual({
      type: 'stdio',
      command: '/usr/bin/node',
      args: [
        ...[home.script, '--read-only', '--policy', '/etc/policy.jsonc', '--confirm=writes'],
        ...['--toolsets', 'clusters', 'logs'],
      ],
      env: {
        HTTPS_PROXY: 'http://u:proxy-secret@p:1',
        NODE_EXTRA_CA_CERTS: '/ca.pem',
        IONOS_TOKEN_FILE: home.at('.config/ionos-postgres-mcp/token'),
      },
      timeout: 60,
      disabled: false,
    });
    for (const comment of ['// mine', '// the policy of the team', '// seconds']) expect(text).toContain(comment);
    expect(home.shown()).not.toMatch(/secret|planted/);
    expect((await home.run('install cursor --yes')).out).toContain('Nothing to change');
  });

  test.each([
    [
      '--access full',
      ['--access', 'full', '--policy', '/etc/policy.jsonc', '--confirm=writes', '--toolsets', 'clusters', 'logs'],
    ],
    ['--toolsets users', ['--toolsets', 'users', '--read-only', '--policy', '/etc/policy.jsonc', '--confirm=writes']],
    [
      '--sandbox --name ionos-postgres',
      [
        '--sandbox',
        '--read-only',
        '--policy',
        '/etc/policy.jsonc',
        '--confirm=writes',
        '--toolsets',
        'clusters',
        'logs',
      ],
    ],
  ])('has other flags where they are given: %s', async (flags, expected) => {
    const home = createHome({ env: account });
    home.write(HARDENED, '.cursor/mcp.json');

    await home.run(`install cursor --yes ${flags}`);

    const { args, env } = entriesIn('cursor', home.read('.cursor/mcp.json'))['ionos-postgres'] ?? { args: [] };
    expect(args.slice(1)).toEqual(expected);
    expect(env).not.toHaveProperty('IONOS_TOKEN');
  });

  test.each<[string, string[], string[]]>([
    ['node', ['/x/dist/index.js', '--sandbox', '--settle', '9', '--log-level', 'warn'], ['--log-level', 'warn']],
    ['npx', ['-y', 'ionos-postgres-mcp@0.0.9', '--no-such', 'x', '--access=read'], ['--access=read']],
    ['/usr/bin/ionos-postgres-mcp', ['--read-only'], ['--read-only']],
    ['npx', ['-y', 'mcp-remote@1', 'https://x.example/mcp', '--read-only'], []],
  ])('of %s %j leaves the flags that the server knows', async (command, args, kept) => {
    const home = createHome({ env: account });
    home.write(JSON.stringify({ mcpServers: { 'ionos-postgres': { command, args } } }), '.cursor/mcp.json');

    const { out } = await home.run('install cursor --yes');

    expect(entriesIn('cursor', home.read('.cursor/mcp.json'))['ionos-postgres']?.args.slice(1)).toEqual(kept);
    expect(out.includes('does not start this program')).toBe(args.includes('mcp-remote@1'));
  });

  test('in TOML keeps what was set by hand, too', async () => {
    const home = createHome({ env: account });
    const old = [
      '[mcp_servers.ionos-postgres]',
      'command = "node"',
      'args = ["/x/dist/index.js", "--read-only"]',
      'startup_timeout_sec = 20',
    ];
    home.write(
      `${old.join('\n')}\n[mcp_servers.ionos-postgres.env]\nHTTPS_PROXY = "http://p:1"\n`,
      '.codex/config.toml',
    );

    await home.run('install codex --yes');

    expect(entriesIn('codex', home.read('.codex/config.toml'))['ionos-postgres']).toEqual({
      command: '/usr/bin/node',
      args: [home.script, '--read-only'],
      startup_timeout_sec: 20,
      env: { HTTPS_PROXY: 'http://p:1', IONOS_TOKEN_FILE: home.at('.config/ionos-postgres-mcp/token') },
    });
  });

  test('that is no object is replaced as well', async () => {
    const home = createHome();
    home.write('{"mcpServers": {"ionos-postgres-sandbox": "a-secret"}}', '.cursor/mcp.json');
    await home.run('install cursor --sandbox --yes');
    expect(home.shown()).toContain('- mcpServers.ionos-postgres-sandbox: "[hidden]"');
    expect(entriesIn('cursor', home.read('.cursor/mcp.json'))).toHaveProperty('ionos-postgres-sandbox.command');
  });

  test('can have another name', async () => {
    const home = createHome();
    await home.run('install codex --sandbox --yes --name demo');
    await home.run('install codex --sandbox --yes --name constructor');
    expect(Object.keys(entriesIn('codex', home.read('.codex/config.toml')))).toEqual(['demo', 'constructor']);
    await home.run('uninstall codex --yes --name demo');
    expect(Object.keys(entriesIn('codex', home.read('.codex/config.toml')))).toEqual(['constructor']);
    expect((await home.run('uninstall codex --yes --name toString')).out).toContain('Nothing to change');
  });

  test('two copies of one second have two names', async () => {
    const home = createHome();
    home.write('{}', '.cursor/mcp.json');
    await home.run('install cursor --sandbox --yes');
    await home.run('uninstall cursor --sandbox --yes');
    expect(copies(home.at('.cursor'))).toHaveLength(2);
  });
});

describe('a file that cannot be changed', () => {
  const broken: [string, ClientId, string, RegExp][] = [
    [
      'a broken file',
      'cursor',
      '{\n  "secret-1": {},\n  "mcpServers" {}\n}',
      /mcp\.json is broken at line 3, column 16: a colon/,
    ],
    ['two commas', 'cursor', '{"a": 1,,}', /broken at line 1, column 9/],
    ['a file that ends early', 'gemini', '{"a": {\n', /broken at line 2, column 1/],
    ['a list', 'vscode', '["secret-1"]', /holds a list; an object is needed/],
    ['a text', 'cursor', '"secret-1"', /holds a string; an object is needed/],
    ['servers in a list', 'windsurf', '{"mcpServers": ["secret-1"]}', /mcpServers is a list; an object is needed/],
    ['servers that are null', 'windsurf', '{"mcpServers": null}', /mcpServers is null; an object is needed/],
    ['inputs that are none', 'vscode', '{"inputs": {"a": "secret-1"}}', /inputs is an object; a list is needed/],
    ['a name twice', 'cursor', '{"mcpServers": {"a": "secret-1"}, "mcpServers": {}}', /cannot change safely/],
    ['broken TOML', 'codex', 'a = 1\nb = "secret-1', /config\.toml is broken at line 2, column \d+\. Nothing/],
    ['an inline table', 'codex', 'mcp_servers = { a = { command = "secret-1" } }', /cannot change safely/],
    ['servers of another kind', 'codex', 'mcp_servers = ["secret-1"]', /cannot change safely|a list/],
    [
      'text that looks like a table',
      'codex',
      'a = """\n[mcp_servers.ionos-postgres]\nsecret-1\n"""',
      /cannot change safely/,
    ],
    ['other bytes', 'cursor', '\xff', /not text in UTF-8/],
  ];
  test.each(broken)('%s is refused, and nothing is lost or shown', async (_, client, text, words) => {
    const home = createHome({ env: account });
    const file = FILES[client].linux;
    const bytes = Buffer.from(text, 'latin1');
    writeFileSync(home.write('', file), bytes);
    const failure: Error = await home.run(`install ${client} --yes`).catch((error) => error);
    expect(failure).toMatchObject({ name: 'ConfigError', message: expect.stringMatching(words) });
    expect(failure.message + home.shown()).not.toContain('secret-1');
    expect(readdirSync(path.dirname(home.at(file)))).toEqual([path.basename(file)]);
    expect(home.read(file)).toBe(bytes.toString());
    expect(home.has('.config/ionos-postgres-mcp')).toBe(false);
  });

  test('that is read-only is refused', async () => {
    const home = createHome();
    chmodSync(home.write('{}', '.cursor/mcp.json'), 0o444);
    await expect(home.run('install cursor --sandbox --yes')).rejects.toThrow(
      'mcp.json is read-only. Nothing was changed',
    );
    expect(home.read('.cursor/mcp.json')).toBe('{}');
  });

  test('that is a folder, or a link to nothing, is refused', async () => {
    const home = createHome();
    mkdirSync(home.at('.cursor/mcp.json'), { recursive: true });
    await expect(home.run('install cursor --sandbox --yes')).rejects.toThrow('mcp.json is not a file');
    mkdirSync(home.at('.gemini'));
    symlinkSync('/nowhere/at-all', home.at('.gemini/settings.json'));
    await expect(home.run('install gemini --sandbox --yes')).rejects.toThrow('is a link to a file that does not exist');
  });

  test('that somebody else changed while the person thought is left as it is', async () => {
    const changed = () => {
      home.write('{"new": 1}', '.cursor/mcp.json');
      return 'y';
    };
    const home = createHome({ answers: [changed] });
    home.write('{}', '.cursor/mcp.json');
    await expect(home.run('install cursor --sandbox')).rejects.toThrow('has changed in the meantime');
    expect(home.read('.cursor/mcp.json')).toBe('{"new": 1}');
  });
});

describe('a file keeps', () => {
  test.each([
    ['its byte order mark', '\uFEFF{\n  "a": 1\n}\n'],
    ['its line breaks', '{\r\n\t"a": 1\r\n}\r\n'],
    ['both', '\uFEFF{\r\n    "a": 1\r\n}'],
  ])('%s', async (_, text) => {
    const home = createHome();
    home.write(text, '.cursor/mcp.json');
    await home.run('install cursor --sandbox --yes');
    const written = home.read('.cursor/mcp.json');
    expect(written.startsWith('\uFEFF')).toBe(text.startsWith('\uFEFF'));
    expect(written.includes('\r\n')).toBe(text.includes('\r\n'));
    expect(written.replaceAll('\r\n', '').includes('\n')).toBe(!text.includes('\r\n'));
    expect(written).toContain(`\n${/\n([ \t]+)/.exec(text)?.[1]}"mcpServers"`);
    await home.run('uninstall cursor --sandbox --yes');
    expect(home.read('.cursor/mcp.json')).toMatch(/"mcpServers": \{\s*\}/);
  });

  test.each(['', '\n', '\uFEFF'])('nothing where it holds %j, and gets the entry', async (text) => {
    const home = createHome();
    home.write(text, '.cursor/mcp.json');
    home.write(text, '.codex/config.toml');
    await home.run('install cursor --sandbox --yes');
    await home.run('install codex --sandbox --yes');
    expect(entriesIn('cursor', home.read('.cursor/mcp.json').replace('\uFEFF', ''))).toHaveProperty(
      'ionos-postgres-sandbox',
    );
    expect(entriesIn('codex', home.read('.codex/config.toml').replace('\uFEFF', ''))).toHaveProperty(
      'ionos-postgres-sandbox',
    );
  });

  test('its mode, and the link that leads to it', async () => {
    const home = createHome();
    chmodSync(home.write('{}\n', 'dotfiles/cursor.json'), 0o640);
    mkdirSync(home.at('.cursor'));
    symlinkSync(home.at('dotfiles/cursor.json'), home.at('.cursor/mcp.json'));
    await home.run('install cursor --sandbox --yes');
    expect(lstatSync(home.at('.cursor/mcp.json')).isSymbolicLink()).toBe(true);
    expect(home.read('dotfiles/cursor.json')).toContain('ionos-postgres-sandbox');
    expect(home.mode('dotfiles/cursor.json')).toBe(0o640);
    expect(readdirSync(home.at('dotfiles'))).toEqual(['cursor.json']);
    expect(copies(home.at('.cursor'))).toHaveLength(1);
  });
});

describe('Claude Code', () => {
  function withProgram(name: string, system: System = 'linux', answer = 0) {
    const home: ReturnType<typeof createHome> = createHome({
      system,
      env: account,
      run(_, args) {
        if (answer === 0 && args[1] === 'add-json') {
          home.write(JSON.stringify({ mcpServers: { [args[4] ?? '']: JSON.parse(args[5] ?? '') } }), '.claude.json');
        }
        return { code: answer };
      },
    });
    home.write('', 'bin', name);
    return { home, PATH: home.at('bin') };
  }

  test('changes its file itself where its program is there, since it writes to it while it runs', async () => {
    const { home, PATH } = withProgram('claude');
    home.write('{"mcpServers": {"ionos-postgres": {}}, "numStartups": 7}', '.claude.json');
    await home.run('install claude-code --yes', { PATH });
    expect(home.shown()).toContain('Claude Code makes this change itself, through "claude mcp".');
    expect(home.shown()).not.toContain('was not found on this machine');
    const program = home.at('bin/claude');
    expect(home.ran).toEqual([
      [program, 'mcp', 'remove', '--scope', 'user', 'ionos-postgres'],
      [program, 'mcp', 'add-json', '--scope', 'user', 'ionos-postgres', expect.stringContaining('IONOS_TOKEN_FILE')],
    ]);
    expect(JSON.stringify(home.ran)).not.toContain(TOKEN);
    expect(copies(home.home)).toHaveLength(1);
    await home.run('uninstall claude-code --yes', { PATH });
    expect(home.ran.at(-1)).toEqual([program, 'mcp', 'remove', '--scope', 'user', 'ionos-postgres']);
  });

  test('has its file changed where its program is a script for cmd', async () => {
    const { home, PATH } = withProgram('claude.cmd', 'win32');
    await home.run('install claude-code --yes', { PATH });
    expect(home.ran).toEqual([]);
    expect(home.has('.claude.json')).toBe(true);
  });

  test('that fails after it removed the old entry says where that still is', async () => {
    const home: ReturnType<typeof createHome> = createHome({
      env: account,
      run(_, args) {
        if (args[1] !== 'remove') return { code: 1 };
        home.write('{"mcpServers": {}}', '.claude.json');
        return { code: 0 };
      },
    });
    home.write('', 'bin', 'claude');
    home.write('{"mcpServers": {"ionos-postgres": {"command": "x"}}}', '.claude.json');

    const failure: Error = await home
      .run('install claude-code --yes', { PATH: home.at('bin') })
      .catch((error) => error);

    const [copy = ''] = copies(home.home);
    expect(failure.message).toContain(`the old entry was removed, and is still in ${home.at(copy)}`);
    expect(home.read(copy)).toContain('"command": "x"');
  });

  test('gets no old secret on its command line', async () => {
    const { home, PATH } = withProgram('claude');
    const old = { command: 'node', args: ['/x/dist/index.js'], env: { HTTPS_PROXY: 'http://u:secret@p:1' } };
    home.write(JSON.stringify({ mcpServers: { 'ionos-postgres': old } }), '.claude.json');

    await home.run('install claude-code --yes', { PATH });

    expect(home.ran).toEqual([]);
    expect(entriesIn('claude-code', home.read('.claude.json'))['ionos-postgres']?.env).toMatchObject(old.env);
  });

  test('that fails is an error which says how to find out more', async () => {
    const { home, PATH } = withProgram('claude', 'linux', 3);
    const failure: Error = await home.run('install claude-code --yes', { PATH }).catch((error) => error);
    expect(failure.message).toContain('"claude mcp add-json" failed with exit code 3');
    expect(failure.message).toContain('run "claude mcp list" to see why');
  });
});
