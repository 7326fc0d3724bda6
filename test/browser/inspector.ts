import { existsSync } from 'node:fs';
import path from 'node:path';

/** Where `npm run inspector` put the MCP Inspector, with the Node that it needs. */
const modules = path.resolve(process.env.INSPECTOR_DIR ?? '', 'node_modules');

export const INSPECTOR = path.join(modules, '@modelcontextprotocol/inspector/clients/launcher/build/index.js');
export const INSPECTOR_NODE = path.join(modules, 'node/bin/node');

export const isInspectorThere = () => existsSync(INSPECTOR) && existsSync(INSPECTOR_NODE);
