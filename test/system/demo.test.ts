import { expect, test } from 'vitest';
import {
  PICTURE,
  pictureOf,
  runDemo,
  TRANSCRIPT_PAGE,
  withoutChance,
  withTranscript,
} from '../../scripts/recording.ts';
import { textOf } from '../helpers/pages.ts';

// Once more, since a machine that is very busy can miss a state.
test('the documentation shows what the demo prints', { timeout: 120_000, retry: 1 }, async () => {
  const [page, picture] = [textOf(TRANSCRIPT_PAGE), textOf(PICTURE)];

  const output = await runDemo();

  expect(output).toMatch(/\nAll as expected\.\n$/);
  expect(withoutChance(page)).toBe(withoutChance(withTranscript(page, output)));
  expect(withoutChance(picture)).toBe(withoutChance(pictureOf(output)));
});

test('the picture of the demo is small and loads nothing', () => {
  const picture = textOf(PICTURE);

  expect(picture.length).toBeLessThan(60_000);
  expect(picture.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|href|url\(|<script|<image/);
});
