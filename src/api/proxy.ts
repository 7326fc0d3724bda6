import { EnvHttpProxyAgent, fetch } from 'undici';
import type { ProxyConfig } from '../config.ts';
import type { Fetch } from './client.ts';

/**
 * A fetch through the proxy; Node 20's own knows none. Request, response and agent have to come from one undici, so
 * ky's Request is taken apart here.
 */
export function createProxyFetch(proxy: ProxyConfig): Fetch {
  const dispatcher = new EnvHttpProxyAgent({ ...proxy });
  return async (request, { signal }) => {
    const { method, headers, redirect, url } = request;
    const body = method === 'GET' ? undefined : await request.text();
    const response = await fetch(url, { method, headers: [...headers], body, redirect, signal, dispatcher });
    return new Response(response.body, { status: response.status, headers: [...response.headers] });
  };
}
