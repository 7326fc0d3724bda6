import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Amount } from '../../src/prices/amount.ts';
import { type Estimate, estimate, sumOf, withoutList } from '../../src/prices/estimate.ts';
import { tableOf } from '../../src/prices/list-table.ts';
import { tableOfFile } from '../../src/prices/price-file.ts';
import type { NoPriceList, PriceList, PriceRow } from '../../src/prices/price-list.ts';
import type { ClusterSize } from '../../src/prices/table.ts';
import { costWords, notesOn, per30Days, perHour, sumWords } from '../../src/prices/words.ts';

const row = (text: string, unit: string, quantity: string, over: Partial<PriceRow> = {}): PriceRow => ({
  text,
  unit,
  deprecated: false,
  type: 'consumption-based',
  price: { quantity, currency: 'EUR' },
  ...over,
});
const ROWS = [
  row('1h per core PostgreSQL', '1hour', '0.05'),
  row('1h per GB RAM PostgreSQL', '1G*1hour', '0.008'),
  row('30d per 1GB SSD Premium Storage PostgreSQL', '1G*30Days', '0.18'),
];
const list = (over: Partial<PriceList> = {}): PriceList => ({
  ...{ date: '2026-11-27', contract: '1', liability: 'without liability', rows: ROWS, isCut: false },
  ...over,
});

const SMALL: ClusterSize = {
  ...{ instances: 1, cores: 2, ram: 4096, storageSize: 20_480, storageType: 'SSD Premium', location: 'de/txl' },
};
const of = (over: ClusterSize = {}, prices = list()) => estimate({ ...SMALL, ...over }, tableOf(prices));

const BASIS =
  "from the contract's price list of 2026-11-27; per hour: 2 cores 0.10 EUR, 4 GB of memory 0.032 EUR, 20 GB of storage 0.005 EUR.";
const LEFT_OUT = 'Not included: traffic, backup storage and VAT.';
const CAVEAT = 'IONOS says of its prices: "without liability"';

describe('a plan says', () => {
  test('what an order costs', () => {
    expect(costWords({ afterwards: of() })).toEqual([
      'Cost: 0.137 EUR per hour, 98.64 EUR per 30 days.',
      `Estimated, without liability, ${BASIS} ${LEFT_OUT}`,
      CAVEAT,
    ]);
  });

  test('what a change costs now, afterwards and more', () => {
    const [totals, basis] = costWords({ now: of(), afterwards: of({ ram: 8192 }) });
    expect(totals).toBe(
      'Cost now: 0.137 EUR per hour, 98.64 EUR per 30 days. ' +
        'Afterwards: 0.169 EUR per hour, 121.68 EUR per 30 days. ' +
        'Difference: +0.032 EUR per hour, +23.04 EUR per 30 days.',
    );
    expect(basis).toContain('8 GB of memory 0.064 EUR');
  });

  test('one core in the singular', () => {
    expect(costWords({ afterwards: of({ cores: 1 }) })[1]).toContain('per hour: 1 core 0.05 EUR,');
    expect(costWords({ afterwards: of({ cores: 1, instances: 2 }) })[1]).toContain('per hour: 2 cores 0.10 EUR,');
  });

  test('what a delete saves', () => {
    expect(costWords({ now: of() })).toEqual([
      'Cost now: 0.137 EUR per hour, 98.64 EUR per 30 days. Afterwards: nothing. Difference: -0.137 EUR per hour, -98.64 EUR per 30 days.',
      `Estimated, without liability, ${BASIS} ${LEFT_OUT}`,
      CAVEAT,
    ]);
  });

  test('that nothing changes', () => {
    expect(costWords({ now: of(), afterwards: of() })[0]).toContain(
      'Difference: 0.00 EUR per hour, 0.00 EUR per 30 days.',
    );
  });

  test('that prices are those of the operator', () => {
    const file = { currency: 'CHF', perHour: { core: '1', ramGB: '1', storageGB: '1' }, byLocation: {} };
    const words = costWords({ afterwards: estimate(SMALL, tableOfFile(file)) });
    expect(words).toEqual([
      'Cost: 26.00 CHF per hour, 18720.00 CHF per 30 days.',
      `Estimated, without liability, from this server's own prices; per hour: 2 cores 2.00 CHF, 4 GB of memory 4.00 CHF, 20 GB of storage 20.00 CHF. ${LEFT_OUT}`,
    ]);
  });

  test('which rows may be charged as well, and who decides', () => {
    const rows = [...ROWS, ...Array.from({ length: 8 }, (_, n) => row(`1h of PostgreSQL cluster ${n}`, '1hour', '9'))];
    const [words, ...more] = costWords({ afterwards: of({}, list({ rows })) });
    expect(words).toMatch(
      /^The cost is not known: the price list has other rows, which may be charged as well: "1h of PostgreSQL cluster 0" \(1hour, 9 EUR\), .* and 3 more\. Whether these rows are charged is for the operator of this server to decide, with prices in a file \(--prices\)\.$/,
    );
    expect(more).toEqual([]);
  });

  test('half a total where the other half is not known', () => {
    expect(costWords({ now: of(), afterwards: of({ storageType: 'HDD' }) })).toEqual([
      'Cost now: 0.137 EUR per hour, 98.64 EUR per 30 days. Afterwards: not known. Difference: not known.',
      `Estimated, without liability, ${BASIS} ${LEFT_OUT}`,
      expect.stringMatching(/^The cost is not known: for storage, the price list has no row that fits: /),
      CAVEAT,
    ]);
  });
});

describe('an unknown cost has its reason', () => {
  const reason = (found: Estimate) => costWords({ now: found, afterwards: found });
  const REMEDY = 'The operator of this server can give prices in a file (--prices).';

  test.each<[NoPriceList['reason'], string[], string]>([
    [
      'not-permitted',
      ['403 no rights'],
      "only the contract's owner and its administrators may read prices, and these credentials may not",
    ],
    ['no-contract', [], 'these credentials show no contract'],
    [
      'several-contracts',
      ['1', '2'],
      'these credentials see several contracts (1, 2); IONOS_CONTRACT_NUMBER chooses one',
    ],
    ['no-answer', ['500 <b>oops</b>'], 'the price list could not be read: "500 \\u{3C}b\\u{3E}oops\\u{3C}/b\\u{3E}"'],
  ])('%s', (kind, details, words) => {
    expect(reason(withoutList({ reason: kind, details }))).toEqual([`The cost is not known: ${words}. ${REMEDY}`]);
  });

  test('and the rows that could be meant, as they are', () => {
    const rows = [
      ...ROWS.slice(0, 1),
      row('1h per GB RAM PostgreSQL', '1G*1hour', '0.008'),
      row('PostgreSQL *memory*\u202E', '1piece', '0,5', { price: { quantity: '0,5', currency: 'EUR' } }),
      row('PostgreSQL SSD', '1G*30Days', '0.18', { deprecated: true }),
      row('PostgreSQL HDD', '1G*30Days', '0.18', { price: undefined, deprecated: true }),
    ];
    expect(reason(of({}, list({ rows })))).toEqual([
      'The cost is not known: for memory, several rows of the price list could be meant: ' +
        '"1h per GB RAM PostgreSQL" (1G × 1hour, 0.008 EUR), ' +
        '"PostgreSQL \\u{2A}memory\\u{2A}\\u{202E}" ("1piece", "0,5 EUR"); ' +
        'for storage, the price list has no row that fits: ' +
        '"PostgreSQL SSD" (1G × 30Days, 0.18 EUR, deprecated), "PostgreSQL HDD" (1G × 30Days, no price, deprecated). ' +
        REMEDY,
    ]);
  });

  test.each<[Partial<PriceRow>, string]>([
    [{ type: undefined }, 'leaves open how it is billed: "PostgreSQL storage" (1G × 30Days, 0.18 EUR, no type)'],
    [
      { type: 'verbrauchsbasiert*' },
      'leaves open how it is billed: "PostgreSQL storage" (1G × 30Days, 0.18 EUR, type "verbrauchsbasiert\\u{2A}")',
    ],
    [
      { term: Number.NaN },
      'leaves open how it is billed: "PostgreSQL storage" (1G × 30Days, 0.18 EUR, unreadable term)',
    ],
    [
      { deprecated: undefined },
      'leaves open how it is billed: "PostgreSQL storage" (1G × 30Days, 0.18 EUR, not clear whether deprecated)',
    ],
    [
      { text: 'PostgreSQL Premium storage' },
      'leaves open for which kind of storage it is: "PostgreSQL Premium storage" (1G × 30Days, 0.18 EUR)',
    ],
    [
      { text: 'PostgreSQL RAM and storage' },
      'is about several parts of a cluster: "PostgreSQL RAM and storage" (1G × 30Days, 0.18 EUR)',
    ],
    [
      { text: `PostgreSQL storage ${'GB '.repeat(100)}` },
      'has a text that is too long for this server: "PostgreSQL storage GB GB',
    ],
    [
      { text: 'PostgreSQL Turbo storage' },
      'has words that this server does not know: "PostgreSQL Turbo storage" (1G × 30Days, 0.18 EUR)',
    ],
  ])('in words of its own: %j', (over, words) => {
    const rows = [
      ...ROWS.slice(0, over.text?.includes('RAM') ? 1 : 2),
      row('PostgreSQL storage', '1G*30Days', '0.18', over),
    ];
    expect(reason(of({}, list({ rows })))).toEqual([expect.stringContaining(`the row of the price list ${words}`)]);
  });

  test.each([
    [{ core: '1', ramGB: '1' }, {}, 'for storage, the file of --prices has no price and lacks perHour.storageGB'],
    [
      { core: '1', ramGB: '1', storageGB: { HDD: '1' } },
      {},
      'for storage, the file of --prices has no price and lacks perHour.storageGB."SSD Premium"',
    ],
    [
      { core: '1', ramGB: '1', storageGB: { HDD: '1' } },
      { storageType: 'SSD' },
      'for storage, the file of --prices has no price and lacks perHour.storageGB."SSD Premium"',
    ],
  ])('and names the entry that a file lacks, and no other file: %j %j', (perHour, over, words) => {
    const file = { currency: 'CHF', perHour, byLocation: {} };
    expect(reason(estimate({ ...SMALL, ...over }, tableOfFile(file)))).toEqual([`The cost is not known: ${words}.`]);
  });

  test('once for parts that have the same', () => {
    expect(reason(of({ instances: undefined }))).toEqual([
      `The cost is not known: for cores, memory and storage, the size of the cluster is not known.`,
    ]);
  });

  test('bounded, whatever the list says', () => {
    const long = row(`PostgreSQL RAM ${'\u202E'.repeat(280)}`, '*'.repeat(300), '9'.repeat(300));
    const rows = Array.from({ length: 300 }, () => long);
    const words = reason(of({}, list({ rows, liability: '\u202E'.repeat(300) }))).join('\n');
    expect(words).toContain(' and 295 more');
    expect(words.length).toBeLessThan(25_000);
    expect(words).not.toMatch(/\p{Cf}/u);
  });
});

describe('a sum says', () => {
  test('all, or that it is not all', () => {
    expect(sumWords(sumOf([of(), of()]))).toBe('Together: 0.274 EUR per hour, 197.28 EUR per 30 days.');
    expect(sumWords(sumOf([of(), of({}, list({ rows: [] }))]))).toBe(
      'The total is not known, because the cost of 1 cluster is not known. Without it: 0.137 EUR per hour, 98.64 EUR per 30 days.',
    );
    expect(sumWords({ complete: false, unknown: 3, currencies: [] })).toBe(
      'The total is not known, because the cost of 3 clusters is not known.',
    );
    expect(sumWords({ complete: false, unknown: 0, currencies: ['EUR', 'USD'] })).toBe(
      'Prices in EUR and USD cannot be added up.',
    );
  });

  test('that there can be others', () => {
    const unseen = 'on API v1, which is not asked';
    expect(sumWords(sumOf([of()]), unseen)).toBe(
      'The total is not known, because there can be clusters on API v1, which is not asked. Without them: 0.137 EUR per hour, 98.64 EUR per 30 days.',
    );
    expect(sumWords({ complete: false, unknown: 1, currencies: [] }, unseen)).toBe(
      'The total is not known, because the cost of 1 cluster is not known, and there can be clusters on API v1, which is not asked.',
    );
    expect(sumWords({ complete: false, unknown: 0, currencies: ['EUR', 'USD'] }, unseen)).toBe(
      'Prices in EUR and USD cannot be added up, and there can be clusters on API v1, which is not asked.',
    );
  });
});

describe('of many estimates, notes say', () => {
  test('what holds for all of them once', () => {
    const some = [of(), of({ cores: 4 }), of({ cores: undefined }), of({ cores: undefined, ram: 8192 })];
    expect(notesOn(some)).toEqual([
      `Estimated, without liability, from the contract's price list of 2026-11-27. ${LEFT_OUT}`,
      'The cost is not known: for cores, the size of the cluster is not known.',
      CAVEAT,
    ]);
    expect(notesOn([])).toEqual([]);
  });

  test('as many reasons as a reader needs, and how many there are', () => {
    const long = 'x'.repeat(120);
    const many = Array.from({ length: 60 }, (_, n) => of({}, list({ rows: [row(`${long} ${n}`, '1hour', `${n}`)] })));

    const notes = notesOn(many);

    expect(notes.join(' ').length).toBeLessThan(9_000);
    expect(notes.at(-1)).toBe(`The rows have ${60 - (notes.length - 1)} more reasons.`);
    expect(notesOn(many.slice(0, 1))).toHaveLength(1);
  });
});

describe('money is rounded as its currency is', () => {
  const amount = (text: string) => Amount.of(text.replace('-', '')) ?? Amount.zero;
  const signed = (text: string) => (text.startsWith('-') ? Amount.zero.minus(amount(text)) : amount(text));
  const month = (text: string, currency: string, isSigned = false) =>
    per30Days({ perHour: Amount.zero, per30Days: signed(text), currency }, { isSigned });

  test.each([
    ['1.005', 'EUR', '1.01 EUR'],
    ['1.0049', 'EUR', '1.00 EUR'],
    ['1.5', 'JPY', '2 JPY'],
    ['1.0005', 'KWD', '1.001 KWD'],
    ['0', 'EUR', '0.00 EUR'],
    ['0.004', 'EUR', 'less than 0.01 EUR'],
    ['0.4', 'JPY', 'less than 1 JPY'],
    ['1.5', 'ZZZ', '1.50 ZZZ'],
  ])('%s %s for 30 days: %s', (text, currency, expected) => {
    expect(month(text, currency)).toBe(expected);
  });

  test.each([
    ['1.005', '+1.01 EUR'],
    ['-1.005', '-1.01 EUR'],
    ['0.004', 'less than +0.01 EUR'],
    ['-0.004', 'more than -0.01 EUR'],
    ['0', '0.00 EUR'],
  ])('as a difference, %s: %s', (text, expected) => {
    expect(month(text, 'EUR', true)).toBe(expected);
  });

  test.each([
    ['0.05', 'EUR', '0.05 EUR'],
    ['0.1234567', 'EUR', '0.123457 EUR'],
    ['12', 'JPY', '12 JPY'],
    ['12.34567', 'JPY', '12.3457 JPY'],
    ['0.0000001', 'EUR', 'less than 0.000001 EUR'],
  ])('%s %s for an hour: %s', (text, currency, expected) => {
    expect(perHour(amount(text), currency)).toBe(expected);
  });

  test('and never further from the truth than half of its last place', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 ** 12 }), fc.constantFrom('EUR', 'USD', 'GBP', 'CHF'), (n, currency) => {
        const exact = amount(`${n}e-6`);
        const text = month(`${n}e-6`, currency);
        if (text.startsWith('less')) expect(n).toBeLessThan(5_000);
        else expect(Math.abs(Number.parseFloat(text) - Number(exact.toJSON()))).toBeLessThanOrEqual(0.005_000_01);
      }),
    );
  });
});
