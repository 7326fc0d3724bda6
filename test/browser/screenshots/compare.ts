import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';

export const REFERENCES = path.join(import.meta.dirname, '../references');

/** How much a screenshot may differ from its reference. */
const TOLERANCE = {
  /** Of the colour of a pixel, where 1 is black against white; of antialiasing anything. */
  colour: 0.05,
  /** Of the pixels in any square of this side. */
  share: 0.005,
  side: 100,
};
const MOST = TOLERANCE.share * TOLERANCE.side ** 2;

const referenceOf = (name: string) => path.join(REFERENCES, `${name}.png`);

export interface Difference {
  words: string;
  /** To look at. */
  pictures: Record<string, PNG>;
}

/** How a screenshot differs from its reference; undefined if it does not. */
export function differenceFrom(name: string, screenshot: Buffer): Difference | undefined {
  if (!existsSync(referenceOf(name))) return { words: `there is no reference ${name}.png`, pictures: {} };
  const reference = PNG.sync.read(readFileSync(referenceOf(name)));
  const actual = coarse(PNG.sync.read(screenshot));
  const { width, height } = reference;
  if (width !== actual.width || height !== actual.height) {
    const words = `it has ${actual.width} × ${actual.height} pixels instead of ${width} × ${height}`;
    return { words, pictures: { actual } };
  }
  const settings = { threshold: TOLERANCE.colour, windowSize: TOLERANCE.side };
  const count = pixelmatch(reference.data, actual.data, null, width, height, settings);
  if (count <= MOST) return undefined;
  const difference = new PNG({ width, height });
  pixelmatch(reference.data, actual.data, difference.data, width, height, settings);
  const words = `in a square of ${TOLERANCE.side} × ${TOLERANCE.side} pixels ${count} differ, of which ${MOST} may`;
  return { words, pictures: { actual, difference } };
}

let folder = '';

/** Writes them to a folder for temporary files, which it returns. */
export function keep(name: string, pictures: Difference['pictures']): string {
  folder ||= mkdtempSync(path.join(tmpdir(), 'ionos-postgres-mcp-screenshots-'));
  for (const [kind, picture] of Object.entries(pictures)) {
    writeFileSync(path.join(folder, `${name}-${kind}.png`), PNG.sync.write(picture));
  }
  return folder;
}

export function writeReference(name: string, screenshot: Buffer): void {
  const small = { colorType: 2, filterType: 0, deflateLevel: 9, deflateStrategy: 0 } as const;
  writeFileSync(referenceOf(name), PNG.sync.write(coarse(PNG.sync.read(screenshot)), small));
}

const STEP = 8;

/** In 32 steps of each colour, finer than the tolerance: files are a third smaller. */
function coarse(picture: PNG): PNG {
  for (let n = 0; n < picture.data.length; n += 1) {
    picture.data[n] = Math.min(255, Math.round((picture.data[n] ?? 0) / STEP) * STEP);
  }
  return picture;
}
