import { type Cluster, text } from './cluster.ts';

/** PostgreSQL itself; the pooler uses 6432. */
const PORT = 5432;

/** `system` uses the public certificate authorities, including Let's Encrypt; libpq 16 or later. */
const TLS = 'sslmode=verify-full&sslrootcert=system';

const HOST = /^[a-z\d]([a-z\d.-]{0,251}[a-z\d])?$/i;

export const connection = text.describe("Without password; within the LAN; TLS by Let's Encrypt; pooler on port 6432");

export function connectionTo({ properties = {} }: Pick<Cluster, 'properties'>): string | undefined {
  const { dnsName = '' } = properties;
  return HOST.test(dnsName) ? `postgresql://<user>@${dnsName}:${PORT}/<database>?${TLS}` : undefined;
}
