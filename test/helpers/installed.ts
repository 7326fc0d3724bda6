import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };

const root = path.join(import.meta.dirname, '../..');
const REPOSITORY = [
  'src',
  'test',
  'scripts',
  'package.json',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  'mcp.json',
  'server.json',
  'tsconfig.json',
];

/** A copy of the repository, with the libraries of this one: to pack it builds it, and changes files for a moment. */
export function copyRepository(): string {
  const copy = mkdtempSync(path.join(tmpdir(), 'ionos-postgres-mcp-copy-'));
  for (const file of REPOSITORY) cpSync(path.join(root, file), path.join(copy, file), { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  return copy;
}

/** Packs the repository there and installs that alone, into a new folder, as a user would. */
export function installPackage(repository: string) {
  const folder = mkdtempSync(path.join(tmpdir(), `${packageJson.name}-installed-`));
  const run = (args: string[], cwd: string) => execFileSync('npm', args, { cwd, encoding: 'utf8' });
  const [packed]: { filename: string; unpackedSize: number }[] = JSON.parse(
    run(['pack', '--silent', '--json', '--pack-destination', folder], repository),
  );
  writeFileSync(path.join(folder, 'package.json'), '{}');
  const tarball = path.join(folder, packed?.filename ?? '');
  run(['install', '--silent', '--offline', '--no-audit', tarball], folder);
  return {
    folder,
    /** Bytes. */
    size: packed?.unpackedSize ?? Number.NaN,
    packages: readdirSync(path.join(folder, 'node_modules')).filter((name) => !name.startsWith('.')),
    /** The path of a file of the package. */
    file: (...names: string[]) => path.join(folder, 'node_modules', packageJson.name, ...names),
  };
}
