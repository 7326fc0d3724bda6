import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { prompts } from '../../src/prompts/index.ts';
import { skillOf } from '../../src/prompts/skill.ts';

const { name, version, description, license, keywords, homepage } = packageJson;

/** Both are part of a tool's name in Claude Code, which some models limit to 64 characters. */
const PLUGIN = 'ionos-postgres';
const SERVER = 'db';

const manifest = {
  ...{ name: PLUGIN, version, description, author: { name }, homepage, license, keywords },
  mcpServers: {
    [SERVER]: {
      command: 'node',
      args: [`\${CLAUDE_PLUGIN_ROOT}/index.js`],
      // Without a default, a variable that is not set makes the whole entry invalid.
      env: { IONOS_TOKEN: `\${IONOS_TOKEN:-}`, IONOS_TOKEN_FILE: `\${IONOS_TOKEN_FILE:-}` },
    },
  },
};

/** Of this plugin alone, so that it can be installed from its own folder; older versions refuse ".". */
const plugins = [{ name: PLUGIN, source: './', description }];
const marketplace = { name, owner: { name }, metadata: { description }, plugins };

/** Makes the folder of the program a plugin of Claude Code, with the skills that the server reads as well. */
export function addPlugin(dist: string) {
  for (const { name } of prompts) {
    const file = path.join(skillOf(name), 'SKILL.md');
    cpSync(path.join(import.meta.dirname, '../../src/prompts', file), path.join(dist, 'skills', file));
  }
  const folder = path.join(dist, '.claude-plugin');
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'plugin.json'), JSON.stringify(manifest, null, 2));
  writeFileSync(path.join(folder, 'marketplace.json'), JSON.stringify(marketplace, null, 2));
}
