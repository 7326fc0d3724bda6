// Makes the bundle that Claude Desktop installs with one click: npm run mcpb
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { packExtension } from '@anthropic-ai/mcpb';
import packageJson from '../../package.json' with { type: 'json' };
import { listing } from '../../src/mcp/listing.ts';
import { withAbsoluteLinks } from './manifest.ts';

const root = path.join(import.meta.dirname, '../..');
const { name, version, description, license, keywords, engines } = packageJson;

const manifest = {
  manifest_version: '0.3',
  ...{ name, version, description, license, keywords },
  display_name: 'IONOS Cloud PostgreSQL',
  author: { name },
  icon: 'icon.png',
  privacy_policies: ['https://www.ionos.de/datenschutzerklaerung/en'],
  server: {
    type: 'node',
    entry_point: 'dist/index.js',
    mcp_config: {
      command: 'node',
      args: [
        `\${__dirname}/dist/index.js`,
        ...['--access', `\${user_config.access}`],
        ...['--confirm', `\${user_config.confirm}`],
      ],
      env: {
        IONOS_TOKEN: `\${user_config.token}`,
        IONOS_CONTRACT_NUMBER: `\${user_config.contract_number}`,
      },
    },
  },
  // An optional setting without a default would arrive as its placeholder.
  user_config: {
    token: {
      type: 'string',
      title: 'IONOS API token',
      description: "From the Token Manager of IONOS's Data Center Designer (Menu > Management).",
      sensitive: true,
      required: true,
    },
    access: {
      type: 'string',
      title: 'Access',
      description: 'Which tools are offered: read; write adds creating and changing; full adds deleting and restoring.',
      default: 'full',
    },
    confirm: {
      type: 'string',
      title: 'Writes that a person has to agree to',
      description:
        'costly, for deletes, upgrades, whatever cannot be undone, and what raises the bill; destructive, for these without ' +
        'the bill; writes, for all of them; or never.',
      default: 'costly',
    },
    contract_number: {
      type: 'string',
      title: 'Contract number',
      description: 'The contract to act for. Only resellers need it.',
      default: '',
    },
  },
  tools: listing.tools.map(({ listed }) => ({ name: listed.name, description: listed.title })),
  compatibility: { platforms: ['darwin', 'win32', 'linux'], runtimes: { node: engines.node } },
};

const staged = mkdtempSync(path.join(tmpdir(), `${name}-`));
for (const file of ['dist', 'LICENSE']) {
  cpSync(path.join(root, file), path.join(staged, file), {
    recursive: true,
    filter: (source) => path.basename(source) !== 'maps',
  });
}
cpSync(path.join(root, 'docs/images/icon.png'), path.join(staged, 'icon.png'));
writeFileSync(path.join(staged, 'README.md'), withAbsoluteLinks(readFileSync(path.join(root, 'README.md'), 'utf8')));
writeFileSync(path.join(staged, 'manifest.json'), JSON.stringify(manifest, null, 2));
const isPacked = await packExtension({ extensionPath: staged, outputPath: path.join(root, `${name}-${version}.mcpb`) });
rmSync(staged, { recursive: true });
process.exitCode = isPacked ? 0 : 1;
