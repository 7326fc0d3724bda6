import { createSandbox, type SandboxOptions, type V2Properties } from '../../../src/sandbox/index.ts';
import { openapiV2 } from '../../helpers/openapi.ts';
import { NOON, TOKEN } from '../world.ts';

export const FRANKFURT = 'https://postgresql.de-fra.ionos.com';
/** The example cluster of Frankfurt. */
export const INVENTORY = '5d7f1c28-9e4a-4b63-a1d0-8c2e6f4b7a15';
export const JSON_HEADERS = { ...TOKEN, 'content-type': 'application/json' };

export interface V2Resource {
  id: string;
  metadata: { state: string; dnsName: string; resourceURN: string };
  properties: V2Properties & {
    clusterId: string;
    postgresClusterVersion: string;
    isActive: boolean;
    earliestRecoveryTargetTime: string;
    latestRecoveryTargetTime: string | null;
  };
}

/** The fields of every body that version 2 answers with; each answer has some of them. */
export interface V2Body extends V2Resource {
  items: V2Resource[];
  offset: number;
  limit: number;
  httpStatus: number;
  messages: { errorCode: string; message: string }[];
}

/** A sandbox with a clock of its own, asked in Frankfurt. Every answer that it gives is held against the contract. */
export function v2World(options: SandboxOptions = {}) {
  let now = NOON;
  const sandbox = createSandbox({ clock: () => now, ...options });

  async function fetch(method: string, path: string, init: RequestInit = { headers: TOKEN }) {
    const url = path.startsWith('http') ? path : FRANKFURT + path;
    const response = await sandbox.fetch(new Request(url, { method, ...init }));
    await openapiV2.checkResponse(method, new URL(url).pathname, response);
    return response;
  }

  async function send(method: string, path: string, body?: unknown) {
    const json = { headers: JSON_HEADERS, body: JSON.stringify(body) };
    const response = await fetch(method, path, body === undefined ? undefined : json);
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (text ? JSON.parse(text) : undefined) as V2Body,
    };
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

export const PASSWORD = 'Exampl3-only!x';

/** The properties of an order that breaks no rule, but without credentials. */
export const properties = (changes: object = {}) => ({
  name: 'billing',
  version: '16',
  instances: { count: 1, cores: 2, ram: 4, storageSize: 20 },
  connection: {
    datacenterId: '3c95b7d2-6a40-4f18-b2e7-91d8c0f4a563',
    lanId: '1',
    primaryInstanceAddress: '10.12.30.10/24',
  },
  maintenanceWindow: { dayOfTheWeek: 'Sunday', time: '02:30:00' },
  replicationMode: 'ASYNCHRONOUS',
  backup: { location: 'eu-central-3', retentionDays: 14 },
  ...changes,
});

export const credentials = { username: 'billing_admin', password: PASSWORD, database: 'billing' };

/** An order that breaks no rule. */
export const order = (changes: object = {}) => ({ properties: properties({ credentials, ...changes }) });
