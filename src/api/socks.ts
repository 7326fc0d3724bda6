import type { Socket } from 'node:net';
import { SocksClient } from 'socks';

/** The proxy resolves the host name, with SOCKS 4a as with SOCKS 5. */
export async function connectOverSocks(
  { protocol, hostname, port, username, password }: URL,
  destination: { host: string; port: number },
  timeout: number,
): Promise<Socket> {
  const host = hostname.replace(/^\[|\]$/g, '');
  const [userId, secret] = [username, password].map(decodeURIComponent);
  const credentials = username ? { userId, password: secret } : {};
  const proxy = { host, port: Number(port || 1080), type: protocol === 'socks4a:' ? 4 : 5, ...credentials } as const;
  try {
    const { socket } = await SocksClient.createConnection({ command: 'connect', proxy, destination, timeout });
    return socket;
  } catch (error) {
    // The original error holds the proxy password.
    throw new Error(error instanceof Error ? error.message : 'the SOCKS proxy failed');
  }
}
