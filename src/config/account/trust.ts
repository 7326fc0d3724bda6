import { X509Certificate } from 'node:crypto';
import type { TlsConfig } from '../../api/tls.ts';
import { orConfigError, problem } from '../../secure-url.ts';
import { setting } from '../environment.ts';
import type { Environment } from '../paths.ts';
import { collected, hostOf } from './endpoints.ts';
import type { Chosen } from './ionos-file.ts';

const SHA256_DIGITS = 64;

/** Of IONOS_PINNED_CERT; a value can be written as openssl prints it. */
export function readPins(env: Environment): string[] {
  const value = setting(env, 'IONOS_PINNED_CERT') ?? '';
  const digits = value.replace(/sha-?256 fingerprint=|[\s,:]/gi, '');
  if (!/^[\da-f]*$/i.test(digits) || digits.length % SHA256_DIGITS !== 0) {
    problem(`IONOS_PINNED_CERT ${NO_FINGERPRINT}`);
  }
  const pairs = digits.toUpperCase().match(/../g) ?? [];
  const perPin = SHA256_DIGITS / 2;
  return Array.from({ length: pairs.length / perPin }, (_, n) => pairs.slice(n * perPin, (n + 1) * perPin).join(':'));
}

const NO_FINGERPRINT =
  'must hold SHA-256 fingerprints of certificates, of 64 hexadecimal digits each, with or without colons, separated by commas or blanks';

/** The CAs that the file adds, of the hosts that are used. Throws ConfigError. */
export function readAuthorities(chosen: Chosen | undefined, used: readonly string[]): TlsConfig['authorities'] {
  if (!chosen) return {};
  const { source, environments, profile } = chosen;
  const hosts = used.map(hostOf);
  const ofEndpoints = environments
    .flatMap(({ products }) => products.flatMap(({ endpoints }) => endpoints))
    .map(({ place, name, certificateAuthData }) => ({ place, host: hostOf(name), pem: certificateAuthData }))
    .filter(({ host }) => host !== undefined && hosts.includes(host));
  const ofAll = (profile ? environments : []).map(({ place, certificateAuthData: pem }) => ({ place, host: '', pem }));
  const given = [...ofEndpoints, ...ofAll].flatMap(({ host = '', pem, place }) =>
    pem === undefined ? [] : [{ host, pem, setting: `${source}: ${place}.certificateAuthData` }],
  );
  return Object.fromEntries(collected(given, ({ host, pem, setting }) => [host, certificatesIn(pem, setting)]));
}

const END = '-----END CERTIFICATE-----';

function certificatesIn(pem: string, setting: string): string {
  const blocks = pem.split(END).slice(0, -1);
  if (blocks.length === 0) problem(`${setting} ${NO_CERTIFICATE}`);
  for (const block of blocks) orConfigError(() => new X509Certificate(block + END), `${setting} ${NO_CERTIFICATE}`);
  return pem;
}

const NO_CERTIFICATE = 'is not a certificate in PEM form';
