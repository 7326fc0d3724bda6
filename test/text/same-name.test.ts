import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { folded, isSameName } from '../../src/text/same-name.ts';
import { quoted, visible } from '../../src/text/visible.ts';

const DOTLESS = 'ı';
/** Beyond these there is neither case nor composition. */
const characters = Array.from({ length: 0x20000 }, (_, point) => point)
  .filter((point) => point < 0xd800 || point > 0xdfff)
  .map((point) => String.fromCodePoint(point));

describe('a name without its case', () => {
  test('is one for every character in upper and lower case, composed or not', () => {
    const odd = characters
      .filter((char) => char !== DOTLESS)
      .filter((char) => {
        const forms = [char.toUpperCase(), char.toLowerCase(), char.normalize('NFD'), char.normalize('NFC')];
        return forms.some((form) => folded(form) !== folded(char));
      });

    expect(odd).toEqual([]);
  });

  test.each([
    ['straße', 'STRASSE'],
    ['ẞ', 'ss'],
    ['ΟΔΟΣ', 'οδος'],
    ['οδοσ', 'οδος'],
    ['ﬁn', 'FIN'],
    ['\u212Aelvin', 'kelvin'],
    ['I\u0307zmir', 'i\u0307zmir'],
    ['M\u00DCLLER', 'mu\u0308ller'],
    ['\u03B1\u0345\u0301', '\u0391\u0301\u0345'],
  ])('is one for %s and %s', (one, other) => {
    expect(folded(one)).toBe(folded(other));
  });

  test.each([
    ['ısparta', 'isparta'],
    ['ISPARTA', 'ısparta'],
    ['orders', 'order'],
    ['a-b', 'a_b'],
    ['ａ', 'a'],
    ['é', 'e'],
    ['а', 'a'],
  ])('differs for %s and %s', (one, other) => {
    expect(folded(one)).not.toBe(folded(other));
  });
});

describe('a given name', () => {
  const names = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).filter((name) => name.trim() !== '');

  test('fits the name itself, and how lists and plans show it', () => {
    fc.assert(
      fc.property(names, (name) => {
        for (const given of [name, visible(name), quoted(name).slice(1, -1), ` ${name}\n`, name.toUpperCase()]) {
          if (!name.includes(DOTLESS)) expect(isSameName(name, given), JSON.stringify([name, given])).toBe(true);
        }
      }),
    );
  });

  test('fits no name that has something more or less', () => {
    fc.assert(
      fc.property(names, fc.constantFrom('x', '-', '\u200B', '\u0301', '漢'), (name, more) => {
        expect(isSameName(`x${more}${name}`, `x${name}`)).toBe(false);
        expect(isSameName(`x${name}`, `x${more}${name}`)).toBe(false);
      }),
    );
  });

  test('fits both of two names that are shown alike', () => {
    expect(['a\u200Bb', String.raw`a\u{200B}b`].map((name) => isSameName(name, String.raw`a\u{200b}b`))).toEqual([
      true,
      true,
    ]);
  });

  test.each([
    ['', ''],
    ['  ', ' '],
    ['x'.repeat(201), 'x'.repeat(201)],
  ])('fits no name that is blank or too long to compare', (name, given) => {
    expect(isSameName(name, given)).toBe(false);
  });
});
