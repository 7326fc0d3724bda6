import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { type Difference, differenceFrom, keep, REFERENCES, writeReference } from './screenshots/compare.ts';
import { STATES, type Variant, variantsOf } from './screenshots/states.ts';
import { LAUNCHING, type Opened, openState, screenshot } from './screenshots/take.ts';
import { setUpBrowser } from './view.ts';

const open = setUpBrowser(LAUNCHING);
const isUpdate = inject('isUpdate');
const ALL = Object.entries(STATES);
const fileOf = (state: string, { theme, width }: Variant) => `${state}-${theme}-${width}`;

const TAKES = 5;

/** On a busy machine the last change may not have been painted yet. */
async function differenceOf(file: string, take: () => Promise<Buffer>): Promise<Difference | undefined> {
  let difference: Difference | undefined;
  for (let takes = 0; takes < TAKES; takes += 1) {
    difference = differenceFrom(file, await take());
    if (!difference) break;
  }
  return difference;
}

const restyle = (view: Opened['view'], button: string, property: string, value: string) =>
  view
    .getByRole('button', { name: button })
    .evaluate((element, [property, value]) => element.style.setProperty(property, value), [property, value] as const);

describe('a screenshot', () => {
  test.each(ALL)('of the state "%s" is that of the reference', async (name, state) => {
    const opened = await openState(open, state);
    const differences: string[] = [];
    for (const variant of variantsOf(state)) {
      const file = fileOf(name, variant);
      const take = () => screenshot(opened, state, variant);
      const difference = await differenceOf(file, take);
      if (difference && isUpdate) writeReference(file, await take());
      else if (difference) differences.push(`${file}: ${difference.words}; see ${keep(file, difference.pictures)}`);
    }
    expect(differences, 'npm run references writes them anew').toEqual([]);
  });

  test.each<[string, string, (opened: Opened) => Promise<unknown>]>([
    [
      'words in another green',
      'clusters',
      ({ send }) => send('context', { styles: { variables: { '--color-text-success': '#208040' } } }),
    ],
    ['another line around a button', 'plan', ({ view }) => restyle(view, 'Do this', 'border-color', '#8a4b00')],
    ['a button less', 'plan', ({ view }) => restyle(view, 'Do not', 'visibility', 'hidden')],
    ['a word less', 'cluster', ({ view }) => view.locator('.state').evaluate((state) => state.lastChild?.remove())],
    [
      'a row less',
      'plan',
      ({ view }) =>
        view
          .locator('tbody tr')
          .first()
          .evaluate((row) => row.remove()),
    ],
  ])('with %s is another', async (_, name, change) => {
    const state = STATES[name];
    if (!state) throw new Error(`There is no state ${name}`);
    const opened = await openState(open, state);
    await change(opened);
    const variant = { theme: 'light', width: 700 } as const;
    const take = () => screenshot(opened, state, variant);
    expect(await differenceOf(fileOf(name, variant), take)).toBeDefined();
  });

  test('without a reference counts as another', () => {
    expect(differenceFrom('no-such-state', Buffer.alloc(0))?.words).toBe('there is no reference no-such-state.png');
  });

  test('has a reference, and no reference is of anything else', () => {
    const files = ALL.flatMap(([name, state]) => variantsOf(state).map((each) => `${fileOf(name, each)}.png`));
    const others = readdirSync(REFERENCES).filter((file) => !files.includes(file));
    if (isUpdate) for (const file of others) rmSync(path.join(REFERENCES, file));
    expect(readdirSync(REFERENCES).sort()).toEqual(files.sort());
  });
});
