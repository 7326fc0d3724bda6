import { rmSync } from 'node:fs';
import { installPackage } from '../../test/helpers/installed.ts';
import { fileAt } from './programs.ts';
import { type Figure, round } from './stats.ts';

/** Of the package as it is published. */
export async function measureSize(): Promise<Figure[]> {
  const { folder, size, packages } = installPackage(fileAt('../..'));
  rmSync(folder, { recursive: true });
  return [
    { name: 'package, unpacked', unit: 'kB', value: round(size / 1000, 0), bar: '≤ 2000', aim: '≤ 1000' },
    { name: 'packages that an install brings', unit: 'packages', value: packages.length, bar: '1', aim: '1' },
  ];
}
