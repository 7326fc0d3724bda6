import { type Cluster, text } from './cluster.ts';

/** The port of PostgreSQL itself; the pooler has 6432. */
const PORT = 5432;

/** `system` takes the public certificate authorities, Let's Encrypt among them, with libpq 16 or later. */
const TLS = 'sslmode=verify-full&sslrootcert=system';

const HOST = /^[a-z\d]([a-z\d.-]{0,251}[a-z\d])?$/i;

export const connection = text.describe("Without password; within the LAN; TLS by Let's Encrypt; pooler on port 6432");

/** Undefined until the cluster has a host name. */
export function connectionTo({ properties = {} }: Pick<Cluster, 'properties'>): string | undefined {
  const { dnsName = '' } = properties;
  return HOST.test(dnsName) ? `postgresql://<user>@${dnsName}:${PORT}/<database>?${TLS}` : undefined;
}
