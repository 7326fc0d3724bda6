import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { ClientId } from '../config/flag-schemas.ts';
import { ConfigError } from '../errors.ts';
import type { Machine } from './machine.ts';

type Place = Pick<Machine, 'platform' | 'env' | 'home'>;

/** An MCP client, and the file with the servers that its user has in every project. */
export interface McpClient {
  title: string;
  file(place: Place): string;
  /** Exists once the client has run; by default the folder of that file. */
  sign?(place: Place): string;
  syntax: 'json' | 'toml';
  /** The key that holds the servers. */
  key: string;
  /** Whether entries name their transport. */
  hasType?: true;
  /** Whether the client can prompt for secrets and stores them itself. */
  hasInputs?: true;
  /** By which people start it, where that is a command. */
  command?: string;
  /** Whether it has to make the change itself, because it rewrites the file while it runs. */
  makesChanges?: true;
  /** What the person does next, so that the client reads the file. */
  next: string;
}

/**
 * The files as documented by the clients:
 * - https://modelcontextprotocol.io/docs/develop/connect-local-servers
 * - https://code.claude.com/docs/en/mcp, and CLAUDE_CONFIG_DIR in https://code.claude.com/docs/en/env-vars
 * - https://cursor.com/docs/mcp
 * - https://code.visualstudio.com/docs/copilot/reference/mcp-configuration, and for the folder of the user's profile
 *   https://code.visualstudio.com/docs/configure/settings#_user-settingsjson-location
 * - https://docs.windsurf.com/windsurf/cascade/mcp
 * - https://developers.openai.com/codex/mcp, and CODEX_HOME in https://developers.openai.com/codex/config-advanced
 * - https://geminicli.com/docs/tools/mcp-server, and GEMINI_CLI_HOME in https://geminicli.com/docs/reference/configuration
 */
export const CLIENTS: Readonly<Record<ClientId, McpClient>> = {
  'claude-desktop': {
    title: 'Claude Desktop',
    file: (place) => path.join(claudeDesktopFolder(place), 'claude_desktop_config.json'),
    syntax: 'json',
    key: 'mcpServers',
    next: 'Quit Claude Desktop and start it again.',
  },
  'claude-code': {
    title: 'Claude Code',
    file: (place) => path.join(absolute(place.env.CLAUDE_CONFIG_DIR) ?? homeOf(place), '.claude.json'),
    sign: (place) => absolute(place.env.CLAUDE_CONFIG_DIR) ?? path.join(homeOf(place), '.claude'),
    syntax: 'json',
    key: 'mcpServers',
    hasType: true,
    command: 'claude',
    makesChanges: true,
    next: 'New sessions of Claude Code have the server; /mcp shows it.',
  },
  cursor: {
    title: 'Cursor',
    command: 'cursor',
    file: (place) => path.join(homeOf(place), '.cursor', 'mcp.json'),
    syntax: 'json',
    key: 'mcpServers',
    hasType: true,
    next: 'Start Cursor again, and look for the server under Settings > MCP.',
  },
  vscode: {
    title: 'VS Code',
    command: 'code',
    file: (place) => path.join(settingsFolder(place), 'Code', 'User', 'mcp.json'),
    syntax: 'json',
    key: 'servers',
    hasType: true,
    hasInputs: true,
    next: 'In VS Code run the command "MCP: List Servers" and start the server.',
  },
  windsurf: {
    title: 'Windsurf',
    command: 'windsurf',
    file: (place) => path.join(homeOf(place), '.codeium', 'windsurf', 'mcp_config.json'),
    syntax: 'json',
    key: 'mcpServers',
    next: 'Refresh the MCP servers in Windsurf, or start it again.',
  },
  codex: {
    title: 'Codex CLI',
    command: 'codex',
    file: (place) => path.join(absolute(place.env.CODEX_HOME) ?? path.join(homeOf(place), '.codex'), 'config.toml'),
    syntax: 'toml',
    key: 'mcp_servers',
    next: 'New sessions of Codex have the server; /mcp shows it.',
  },
  gemini: {
    title: 'Gemini CLI',
    command: 'gemini',
    file: (place) => path.join(absolute(place.env.GEMINI_CLI_HOME) ?? homeOf(place), '.gemini', 'settings.json'),
    syntax: 'json',
    key: 'mcpServers',
    next: 'Start Gemini CLI again, in a folder that it trusts; /mcp shows the server.',
  },
};

const absolute = (folder: string | undefined) => (folder && path.isAbsolute(folder) ? folder : undefined);

function homeOf({ home }: Place): string {
  if (home === undefined) throw new ConfigError(['this user has no home directory, where clients keep their settings']);
  return home;
}

/** Where programs keep a user's settings on this system. */
export function settingsFolder(place: Place): string {
  const { platform, env } = place;
  if (platform === 'win32') return absolute(env.APPDATA) ?? path.join(homeOf(place), 'AppData', 'Roaming');
  if (platform === 'darwin') return path.join(homeOf(place), 'Library', 'Application Support');
  return absolute(env.XDG_CONFIG_HOME) ?? path.join(homeOf(place), '.config');
}

// Windows gives a packaged (MSIX) Claude Desktop, the default since 2026, a folder of its own in place of %APPDATA%:
// https://github.com/anthropics/claude-code/issues/26073
function claudeDesktopFolder(place: Place): string {
  const usual = path.join(settingsFolder(place), 'Claude');
  if (place.platform !== 'win32') return usual;
  const packages = path.join(
    absolute(place.env.LOCALAPPDATA) ?? path.join(homeOf(place), 'AppData', 'Local'),
    'Packages',
  );
  const own = namesIn(packages)
    .filter((name) => name.startsWith('Claude_'))
    .map((name) => path.join(packages, name, 'LocalCache', 'Roaming', 'Claude'))
    .filter((folder) => existsSync(folder));
  return own.find((folder) => existsSync(path.join(folder, 'claude_desktop_config.json'))) ?? own[0] ?? usual;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** Whether the client is on this machine, or has run on it. */
export function isThere(client: McpClient, place: Place): boolean {
  const { file, sign = () => path.dirname(file(place)) } = client;
  return existsSync(sign(place)) || existsSync(file(place)) || commandOnPath(client, place) !== undefined;
}

/** A .cmd script is none: it cannot be started without a shell, whose quoting rules would apply to the arguments. */
export function commandOnPath({ command }: McpClient, { env, platform }: Place): string | undefined {
  if (command === undefined) return undefined;
  const name = platform === 'win32' ? `${command}.exe` : command;
  const folders = (env.PATH ?? env.Path ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  return folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file));
}
