import { connect } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { createApiClient } from '../../src/api/client.ts';
import { UnreachedError } from '../../src/api/connection-errors.ts';
import { explain } from '../../src/calls/failures.ts';
import { listen, start } from '../helpers/process.ts';
import { listenWithTls, PEM } from '../helpers/tls.ts';

// A process starts slowly on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const UNCHECKED = { NODE_TLS_REJECT_UNAUTHORIZED: '0', IONOS_TOKEN: 'planted-token' };

/** A server that nobody vouches for, and what it was asked. */
async function startImpostor() {
  const asked: unknown[] = [];
  const port = await listenWithTls((request, response) => {
    asked.push(request.headers);
    response.end('{"items": []}');
  });
  return { asked, port };
}

async function listClusters(env: Record<string, string>) {
  const { initialize, call, child, ended } = start(['--log-level', 'warn'], env);
  await initialize();
  const { result } = await call('list_clusters');
  child.stdin.end();
  const { stderr } = await ended;
  const lines = stderr.split('\n').filter((line) => line.startsWith('{'));
  return { text: result.content?.[0]?.text, log: lines.map((line) => JSON.parse(line)) };
}

describe('a certificate is checked, whatever NODE_TLS_REJECT_UNAUTHORIZED says', () => {
  test('of the API; the start names the variable, and one attempt is enough', async () => {
    const { asked, port } = await startImpostor();

    const { text, log } = await listClusters({ ...UNCHECKED, IONOS_API_URL: `https://localhost:${port}` });

    expect(text).toMatch(
      /cannot be trusted: self[- ]signed certificate \(DEPTH_ZERO_SELF_SIGNED_CERT\).*NODE_EXTRA_CA_CERTS/,
    );
    expect(asked).toEqual([]);
    expect(log).toMatchObject([
      { level: 'warn', msg: 'environment', reason: expect.stringContaining('NODE_TLS_REJECT_UNAUTHORIZED') },
      { tool: 'list_clusters', attempts: 1, outcome: 'failed' },
    ]);
  });

  test('of another host', async () => {
    const { asked, port } = await startImpostor();
    const env = { ...UNCHECKED, NODE_EXTRA_CA_CERTS: PEM, IONOS_API_URL: `https://127.0.0.1:${port}` };

    expect((await listClusters(env)).text).toMatch(/\(ERR_TLS_CERT_ALTNAME_INVALID\)/);
    expect(asked).toEqual([]);
  });

  test('of the API by way of a proxy', async () => {
    const { asked, port } = await startImpostor();
    const { server, url } = await listen();
    server.on('connect', (_, socket) => {
      const onward = connect({ port, host: '127.0.0.1' }, () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
      for (const side of [socket, onward]) side.on('error', () => {});
      socket.pipe(onward).pipe(socket);
    });
    const env = { ...UNCHECKED, IONOS_API_URL: 'https://api.example.invalid', HTTPS_PROXY: url };

    expect((await listClusters(env)).text).toMatch(/\(DEPTH_ZERO_SELF_SIGNED_CERT\)/);
    expect(asked).toEqual([]);
  });

  test('of a proxy', async () => {
    const { asked, port } = await startImpostor();
    const env = {
      ...UNCHECKED,
      IONOS_API_URL: 'https://api.example.invalid',
      HTTPS_PROXY: `https://localhost:${port}`,
    };

    expect((await listClusters(env)).text).toMatch(/\(DEPTH_ZERO_SELF_SIGNED_CERT\)/);
    expect(asked).toEqual([]);
  });
});

test.each([
  ['CERT_HAS_EXPIRED', 'certificate has expired'],
  ['CERT_NOT_YET_VALID', 'certificate is not yet valid'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate in certificate chain'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'unable to get local issuer certificate'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unable to verify the first certificate'],
  ['CERT_REVOKED', 'certificate revoked'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', "Hostname/IP does not match certificate's altnames"],
  ['INVALID_PURPOSE', 'unsupported certificate purpose'],
])('%s is named in words, and not tried again', async (code, words) => {
  let attempts = 0;
  const api = createApiClient({
    apiUrl: 'https://api.example/databases/postgresql',
    authorization: 'Bearer planted',
    userAgent: 'test',
    fetch() {
      attempts += 1;
      return Promise.reject(new UnreachedError(Object.assign(new Error(words), { code })));
    },
  });

  const error = await api.get('clusters', { response: z.unknown() }).catch((error: unknown) => error);

  expect(explain(error)).toMatch(`cannot be trusted: ${words} (${code})`);
  expect(explain(error)).toMatch(/^Nothing was sent: .*NODE_EXTRA_CA_CERTS/);
  expect(attempts).toBe(1);
});
