import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };

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
