import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { createSandbox } from '../../src/sandbox/index.ts';

/** A key, and its certificate for api.example.invalid and localhost. */
export const PEM = fileURLToPath(new URL('./api.example.invalid.pem', import.meta.url));
/** The same for issued.example.invalid and localhost, with the CA that issued it. */
export const ISSUED_PEM = fileURLToPath(new URL('./issued.example.invalid.pem', import.meta.url));

export function createTlsServer(answer?: RequestListener, file = PEM) {
  const pem = readFileSync(file);
  return createServer({ key: pem, cert: pem }, answer);
}

/** The certificates of such a file, the server's own first. */
export function certificatesIn(file: string): X509Certificate[] {
  const blocks = readFileSync(file, 'utf8').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

/** A server behind TLS, the sandbox where nothing else is given; it does not outlive the test. */
export async function listenWithTls(answer: RequestListener = sandboxAnswers(), file = PEM): Promise<number> {
  const server = createTlsServer(answer, file);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

function sandboxAnswers(): RequestListener {
  const { fetch } = createSandbox();
  return async ({ url, headers: { authorization = '' } }, response) => {
    const answer = await fetch(new Request(`https://api.example.invalid${url}`, { headers: { authorization } }));
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
  };
}
