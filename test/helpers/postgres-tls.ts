import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ownServer } from './databases.ts';
import { certificatesIn, ISSUED_PEM, PEM } from './tls.ts';

/** A PostgreSQL server with TLS, known as localhost, and files with the CA that it is from and with another one. */
export async function postgresWithTls() {
  const database = await ownServer((folder) => {
    const file = path.join(folder, 'server.pem');
    writeFileSync(file, readFileSync(ISSUED_PEM), { mode: 0o600 });
    return ['ssl=on', `ssl_key_file=${file}`, `ssl_cert_file=${file}`];
  });
  const folder = mkdtempSync(path.join(tmpdir(), 'authorities-'));
  const save = (name: string, pem: string) => {
    const file = path.join(folder, name);
    writeFileSync(file, pem);
    return file;
  };
  return {
    ...database,
    port: new URL(database.url).port,
    authority: save('ours.pem', String(certificatesIn(ISSUED_PEM).at(-1))),
    another: save('another.pem', String(certificatesIn(PEM).at(-1))),
    async close() {
      await database.close();
      rmSync(folder, { recursive: true });
    },
  };
}
