import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { makeFolder } from '../src/make-folder.ts';
import { temporaryFolder } from './helpers/temporary-folder.ts';

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return { ...fs, mkdirSync: vi.fn(fs.mkdirSync) };
});

test('makes a folder and those above it, for this user alone, and leaves one that is there', () => {
  const folder = path.join(temporaryFolder('folder'), 'a', 'b');

  makeFolder(folder);
  makeFolder(folder);

  for (const made of [folder, path.dirname(folder)]) expect(statSync(made).mode & 0o777).toBe(0o700);
});

test('takes what another process makes at the same moment', async () => {
  const folder = path.join(temporaryFolder('folder'), 'a', 'b');
  const { mkdirSync: real } = await vi.importActual<typeof import('node:fs')>('node:fs');
  // The other one is quicker each time.
  vi.mocked(mkdirSync).mockImplementation((place, options) => {
    real(place, options);
    return real(place, options);
  });
  onTestFinished(() => void vi.mocked(mkdirSync).mockImplementation(real));

  makeFolder(folder);

  expect(existsSync(folder)).toBe(true);
});

test('says why it cannot, also below a file and where the system makes none', () => {
  const file = path.join(temporaryFolder('folder'), 'file');
  writeFileSync(file, '');

  expect(() => makeFolder(path.join(file, 'sub'))).toThrow('ENOTDIR');
  expect(() => makeFolder('/proc/none/at/all')).toThrow('ENOENT');
});
