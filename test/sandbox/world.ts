import { createSandbox, type SandboxCluster, type SandboxOptions } from '../../src/sandbox/index.ts';
import { decodeAsGoSdk } from '../helpers/go-sdk.ts';
import { openapi } from '../helpers/openapi.ts';

export const BASE = 'https://api.ionos.com/databases/postgresql';
export const NOON = Date.parse('2026-11-01T12:00:00Z');
export const TOKEN = { authorization: 'Bearer token' };

/** The fields of every body that the API answers with; each answer has some of them. */
export interface Body extends SandboxCluster {
  items: SandboxCluster[];
  offset: number;
  limit: number;
  links: { prev: string; self: string; next: string };
  data: { name: string }[];
  httpStatus: number;
  messages: { errorCode: string; message: string }[];
}

/**
 * A sandbox with a clock of its own. Every answer that it gives is held against the published contract, and against what
 * IONOS's Go SDK decodes.
 */
export function world(options: SandboxOptions = {}) {
  let now = NOON;
  const sandbox = createSandbox({ clock: () => now, ...options });

  async function fetch(method: string, path: string, init: RequestInit = {}) {
    const url = path.startsWith('http') ? path : BASE + path;
    const response = await sandbox.fetch(new Request(url, { method, headers: TOKEN, ...init }));
    await openapi.checkResponse(method, url, response);
    await decodeAsGoSdk(openapi.operationOf(method, url) ?? `${method} ${path}`, response);
    return response;
  }

  async function send<T = Body>(method: string, path: string, body?: unknown) {
    const json = { headers: { ...TOKEN, 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(method, path, body === undefined ? {} : json);
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: (text ? JSON.parse(text) : undefined) as T };
  }

  return {
    sandbox,
    fetch,
    send,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

/** The message of each broken rule. */
export function complaints({ body }: { body: Pick<Body, 'messages'> }): string[] {
  return body.messages.map(({ message }) => message);
}

/** An order that breaks no rule. */
export function order(properties: object = {}) {
  return {
    properties: {
      displayName: 'billing',
      postgresVersion: '16',
      location: 'de/txl',
      instances: 1,
      cores: 2,
      ram: 4096,
      storageSize: 10_240,
      storageType: 'SSD Premium',
      connections: [connection()],
      credentials: { username: 'billing_owner', password: 'correct-horse-battery' },
      synchronizationMode: 'ASYNCHRONOUS',
      ...properties,
    },
  };
}

export function connection(properties: object = {}) {
  return { datacenterId: '6e1f4b0d-93a7-4c28-8d15-70b2f9ce3a46', lanId: '2', cidr: '192.168.1.100/24', ...properties };
}
