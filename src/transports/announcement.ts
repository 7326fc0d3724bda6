import { isIPv6 } from 'node:net';
import { isLoopback } from '../secure-url.ts';

export interface Announcement {
  address: string;
  metricsAddress?: string;
  host: string;
  allowedHosts: readonly string[];
  publicUrl?: string;
  sse: boolean;
  page: boolean;
  takesTokens: boolean;
  callersOwnToken: boolean;
}

export function announcementOf(announced: Announcement): string {
  const { address, metricsAddress, sse, page, takesTokens, callersOwnToken } = announced;
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
    ...(page ? [`Page             ${url}/`] : []),
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

/** Clients cannot connect to 0.0.0.0 or ::, so the first allowed host is shown. */
function nameOf({ host, allowedHosts: [name = ''], address }: Announcement): string {
  if (isLoopback(host)) return address;
  return /:\d+$/.test(name) ? `http://${name}` : `http://${name}:${new URL(address).port}`;
}

/** A loopback address such as 127.0.0.5 is its own host name. */
export function ownNames(host: string): string[] {
  return isLoopback(host) ? [isIPv6(host) ? `[${host}]` : host] : [];
}
