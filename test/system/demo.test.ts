import { beforeAll, describe, expect, test } from 'vitest';
import {
  PICTURE,
  pictureOf,
  runDemo,
  TRANSCRIPT_PAGE,
  withoutChance,
  withTranscript,
} from '../../scripts/recording.ts';
import { textOf } from '../helpers/pages.ts';

describe('what the documentation shows of the demo', () => {
  const DEMO_MS = 120_000;
  let output = '';
  beforeAll(async () => {
    output = await runDemo();
  }, DEMO_MS);

  test('is a transcript of what it prints', () => {
    const page = textOf(TRANSCRIPT_PAGE);

    expect(output).toMatch(/\nAll as expected\.\n$/);
    expect(withoutChance(page)).toBe(withoutChance(withTranscript(page, output)));
  });

  test('is a picture of what it prints, small, and loads nothing', () => {
    const picture = textOf(PICTURE);

    expect(withoutChance(picture)).toBe(withoutChance(pictureOf(output)));
    expect(picture.length).toBeLessThan(60_000);
    expect(picture.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|href|url\(|<script|<image/);
  });
});
