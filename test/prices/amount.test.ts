import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Amount } from '../../src/prices/amount.ts';

function amount(text: string | number) {
  const read = Amount.of(text);
  if (!read) throw new Error(`${text} is no amount`);
  return read;
}

const decimals = fc
  .tuple(fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.integer({ min: 0, max: 20 }))
  .map(([digits, scale]) => {
    const text = String(digits).padStart(scale + 1, '0');
    return scale === 0 ? text : `${text.slice(0, -scale)}.${text.slice(-scale)}`;
  });
const amounts = decimals.map(amount);
const someAmounts = amounts.filter(({ sign }) => sign > 0);
const differences = fc.tuple(amounts, amounts).map(([one, other]) => one.minus(other));

test.each(['', '-1', '+1', '1,5', '1.', '.5', '1.2.3', '0x10', '1e999', 'NaN', 'Infinity', '1 2', '٣', '1'.repeat(31)])(
  '%j is no amount',
  (text) => {
    expect(Amount.of(text)).toBeUndefined();
  },
);

test.each([
  ['5.56e-05', '0.0000556'],
  ['1E3', '1000'],
  [' 0.070 ', '0.07'],
  [0.1, '0.1'],
  [1e-7, '0.0000001'],
  [1024, '1024'],
  ['000.0', '0'],
])('%j is %s', (text, json) => {
  expect(amount(text).toJSON()).toBe(json);
});

describe('arithmetic', () => {
  test('is exact where that of numbers is not', () => {
    expect(amount('0.1').plus(amount('0.2')).toJSON()).toBe('0.3');
    const third = amount(1).dividedBy(amount(3));
    expect(third.plus(third).plus(third).compare(amount(1))).toBe(0);
  });

  test('undoes itself', () => {
    fc.assert(
      fc.property(differences, amounts, someAmounts, (one, other, some) => {
        expect(one.plus(other).minus(other).compare(one)).toBe(0);
        expect(one.times(some).dividedBy(some).compare(one)).toBe(0);
        expect(one.minus(other).sign).toBe(one.compare(other));
        expect(one.compare(other) + other.compare(one)).toBe(0);
      }),
    );
  });

  test('does not mind the order', () => {
    fc.assert(
      fc.property(differences, differences, differences, (a, b, c) => {
        expect(a.plus(b).plus(c).compare(c.plus(b).plus(a))).toBe(0);
        expect(
          a
            .plus(b)
            .times(c)
            .compare(a.times(c).plus(b.times(c))),
        ).toBe(0);
      }),
    );
  });

  test('has no division by zero', () => {
    expect(() => amount(1).dividedBy(Amount.zero)).toThrow(RangeError);
  });

  test('can divide by what is negative', () => {
    expect(
      amount(1)
        .dividedBy(amount(1).minus(amount(3)))
        .toJSON(),
    ).toBe('-0.5');
  });
});

describe('rounding', () => {
  test.each([
    ['0.125', 2, '0.13'],
    ['0.1249', 2, '0.12'],
    ['0.5', 0, '1'],
    ['0.4', 0, '0'],
    ['2', 3, '2.000'],
    ['99.995', 2, '100.00'],
    ['0.004', 2, '0.00'],
  ])('%s to %i digits is %s, and the same below zero', (text, digits, expected) => {
    expect(amount(text).toFixed(digits)).toBe(expected);
    const negative = /[1-9]/.test(expected) ? `-${expected}` : expected;
    expect(Amount.zero.minus(amount(text)).toFixed(digits)).toBe(negative);
  });

  test('is off by half of the last digit at most, and keeps what needs none', () => {
    fc.assert(
      fc.property(differences, fc.integer({ min: 0, max: 22 }), (one, digits) => {
        const text = one.toFixed(digits);
        const shown = amount(text.replace('-', ''));
        const rounded = text.startsWith('-') ? Amount.zero.minus(shown) : shown;
        const half = amount(`5e-${digits + 1}`);
        const off = one.minus(rounded);
        expect(off.compare(half)).toBeLessThanOrEqual(0);
        expect(Amount.zero.minus(off).compare(half)).toBeLessThanOrEqual(0);
        expect(text).toMatch(digits === 0 ? /^-?\d+$/ : new RegExp(`^-?\\d+\\.\\d{${digits}}$`));
      }),
    );
    fc.assert(
      fc.property(decimals, (text) => {
        const [whole, fraction = ''] = text.split('.');
        expect(amount(text).toFixed(20)).toBe(`${whole}.${fraction.padEnd(20, '0')}`);
      }),
    );
  });

  test.each([
    ['0.0500', 6, 2, '0.05'],
    ['0.5', 6, 2, '0.50'],
    ['0.000063888', 6, 2, '0.000064'],
    ['20', 2, 0, '20'],
    ['20.10', 2, 0, '20.1'],
  ])('of %s, at most %i and at least %i digits are %s', (text, digits, fewest, expected) => {
    expect(amount(text).toFixed(digits, fewest)).toBe(expected);
  });

  test('keeps the order', () => {
    fc.assert(
      fc.property(differences, amounts, fc.integer({ min: 0, max: 4 }), (one, more, digits) => {
        expect(Number(one.plus(more).toFixed(digits))).toBeGreaterThanOrEqual(Number(one.toFixed(digits)));
      }),
    );
  });
});

test('as JSON it is a decimal, never a fraction or an object', () => {
  expect(JSON.stringify({ third: amount(1).dividedBy(amount(3)), half: amount('0.50') })).toBe(
    '{"third":"0.333333333333","half":"0.5"}',
  );
});
