import { isIPv6 } from 'node:net';
import { isLoopback } from '../secure-url.ts';

export interface Announcement {
  /** As `addressOf` gives it. */
  address: string;
  metricsAddress?: string;
  /** What it listens on, and the first of the names by which clients may call. */
  host: string;
  allowedHosts: readonly string[];
  publicUrl?: string;
  sse: boolean;
  /** Whether callers sign in with a token that the operator handed out. */
  takesTokens: boolean;
  /** Whether each caller brings its own IONOS token. */
  callersOwnToken: boolean;
}

/** Where it listens, and what a person pastes into a client. */
export function announcementOf(announced: Announcement): string {
  const { address, metricsAddress, sse, takesTokens, callersOwnToken } = announced;
  const { publicUrl: url = nameOf(announced) } = announced;
  const headers = {
    ...(takesTokens && { Authorization: 'Bearer <token>' }),
    ...(callersOwnToken && { 'X-IONOS-Token': '<IONOS token>' }),
  };
  const flags = Object.entries(headers).map(([name, value]) => ` --header "${name}: ${value}"`);
  const entry = { type: 'http', url: `${url}/mcp`, ...(flags.length > 0 && { headers }) };
  return [
    `Streamable HTTP  ${url}/mcp`,
    ...(sse ? [`HTTP+SSE         ${url}/sse`] : []),
    `Health           ${address}/healthz, ${address}/readyz`,
    ...(metricsAddress ? [`Metrics          ${metricsAddress}`] : []),
    '',
    'Claude Code:',
    `  claude mcp add --transport http ionos-postgres ${url}/mcp${flags.join('')}`,
    'Cursor, VS Code and others, in their MCP configuration:',
    `  ${JSON.stringify(entry)}`,
    '',
  ].join('\n');
}

/** How clients reach it: where it listens on every address, that is none of them, and the first of its names counts. */
function nameOf({ host, allowedHosts: [name = ''], address }: Announcement): string {
  if (isLoopback(host)) return address;
  return /:\d+$/.test(name) ? `http://${name}` : `http://${name}:${new URL(address).port}`;
}

/** The address it listens on, where that is one of this machine alone, such as 127.0.0.5. */
export function ownNames(host: string): string[] {
  return isLoopback(host) ? [isIPv6(host) ? `[${host}]` : host] : [];
}
