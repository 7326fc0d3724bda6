import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Amount } from '../../src/prices/amount.ts';
import { tableOf } from '../../src/prices/list-table.ts';
import { PARTS, type Part } from '../../src/prices/meters/vocabulary.ts';
import type { PriceRow } from '../../src/prices/price-list.ts';
import type { PricedAt } from '../../src/prices/table.ts';

const UNITS = { cores: '1hour', memory: '1G*1hour', storage: '1G*30Days' };

function row(text: string, unit: string, over: Partial<PriceRow> = {}): PriceRow {
  const price = { quantity: '7.2', currency: 'EUR' };
  return { text, unit, deprecated: false, type: 'consumption-based', price, ...over };
}

const table = (...rows: PriceRow[]) => tableOf({ date: '2026-11-27', contract: '1', rows, isCut: false });

const BERLIN: PricedAt = { location: 'de/txl', storageType: 'SSD Premium' };

/** What is found for a place: the text of the one row, or the reason why none. */
function found(part: Part, rows: readonly PriceRow[], place = BERLIN): string | undefined {
  const price = table(...rows).find(part, place);
  return 'reason' in price ? price.reason : price.text;
}

/** As the only row that has to do with the part. */
const alone = (part: Part, text: string, place?: PricedAt) => found(part, [row(text, UNITS[part])], place);

describe('a row is told by its words', () => {
  test.each<[Part, string]>([
    ['cores', 'PostgreSQL vCPU'],
    ['cores', '1h core PostgreSQL'],
    ['cores', '1h per core Managed PostgreSQL'],
    ['cores', 'DBaaS PostgreSQL - CPU'],
    ['cores', 'Postgres Cores per hour'],
    ['cores', '1h core Intel Skylake (+1 hyperthread core) DBaaS Postgres'],
    ['cores', 'PostgreSQL: Prozessorkern je Stunde'],
    ['cores', 'PostgreSQL-Kerne, 1 Stunde'],
    ['cores', 'Managed-PostgreSQL vCPU-Kern pro Stunde'],
    ['memory', '1h per GB RAM PostgreSQL'],
    ['memory', '1h of 1GB RAM - Postgres'],
    ['memory', 'POSTGRESQL MEMORY'],
    ['memory', 'PostgreSQL Arbeitsspeicher je GB und Stunde'],
    ['memory', 'PostgreSQL RAM-Speicher'],
    ['memory', 'PostgreSQL Arbeitsspeicher, stu\u0308ndlich'],
    ['storage', '30d per 1GB SSD Premium Storage PostgreSQL'],
    ['storage', '30d per 1 GB SSD Storage Premium DBaaS PostgreSQL'],
    ['storage', 'PostgreSQL SSD'],
    ['storage', 'PostgreSQL Storage'],
    ['storage', 'PostgreSQL Speicher, 30 Tage je GB'],
    ['storage', 'PostgreSQL-Speicherplatz 1 GB, 30 Tage'],
    ['storage', 'PostgreSQL SSD-Speicher Premium'],
  ])('%s: %s', (part, text) => {
    for (const each of PARTS) expect(alone(each, text), each).toBe(each === part ? text : 'no-row');
  });

  test.each([
    'PostgreSQL Playground RAM',
    'PostgreSQL Enterprise RAM',
    'MongoDB RAM (as PostgreSQL)',
    'MariaDB and PostgreSQL RAM',
    '1h of PostgreSQL Playground first instance RAM',
    'PostgreSQL RAM trial',
    'PostgreSQL RAM, reserved for 1 year',
    'PostgreSQL RAM Commitment',
    'PostgreSQL RAM Lizenz',
    'PostgreSQL RAM Support',
  ])('another product is no memory: %s', (text) => {
    expect(alone('memory', text)).toBe('no-row');
    expect(found('memory', [row(text, UNITS.memory), row('PostgreSQL RAM', UNITS.memory)])).toBe('PostgreSQL RAM');
  });

  test.each([
    'PostgreSQL Backup Storage',
    'PostgreSQL Backup-Speicher',
    'PostgreSQL Snapshot SSD Premium',
    'PostgreSQL Datensicherung, Speicherplatz',
    'PostgreSQL Log Storage',
    'PostgreSQL Object Storage',
    'PostgreSQL WAL archive storage',
    'PostgreSQL storage traffic outbound',
    'PostgreSQL storage IOPS',
    'MongoDB SSD Premium Storage, not PostgreSQL',
  ])('another product is no storage: %s', (text) => {
    const usual = row('PostgreSQL SSD Premium', UNITS.storage);
    expect(alone('storage', text)).toBe('no-row');
    expect(found('storage', [row(text, UNITS.storage), usual])).toBe(usual.text);
  });

  test.each<[Part, string, string?]>([
    ['cores', 'PostgreSQL Turbo vCPU'],
    ['cores', 'PostgreSQL vCPU v2'],
    ['cores', 'PostgreSQL 17 vCPU'],
    ['cores', '1h per 2 cores PostgreSQL'],
    ['cores', 'PostgreSQL 30 cores'],
    ['cores', 'PostgreSQL standard vCPU', 'unclear-kind'],
    ['cores', 'PostgreSQL vCPU replica'],
    ['cores', 'PostgreSQL vCPU surcharge'],
    ['cores', 'PostgreSQL vCPU and RAM', 'several-parts'],
    ['cores', 'PostgreSQL v\u200BCPU cores'],
    ['cores', 'PostgreSQL νCPU core'],
    ['memory', 'PostgreSQL 4 GB RAM'],
    ['memory', 'PostgreSQL RAM, first 50 GB'],
    ['memory', 'PostgreSQL RAM additional'],
    ['memory', 'PostgreSQL memory storage', 'several-parts'],
    ['storage', 'PostgreSQL storage for first 50TB'],
    ['storage', 'PostgreSQL SSD and HDD storage', 'unclear-kind'],
    ['storage', 'PostgreSQL Premium storage', 'unclear-kind'],
    ['storage', 'PostgreSQL NVMe storage'],
    ['storage', 'PostgreSQL 1 TB storage'],
    ['storage', `PostgreSQL storage ${'GB '.repeat(100)}`, 'long-text'],
  ])('an odd word makes it unclear, and no guess: %s: %s', (part, text, reason = 'unclear-row') => {
    expect(alone(part, text)).toBe(reason);
    const usual = row(
      { cores: 'PostgreSQL core', memory: 'PostgreSQL RAM', storage: 'PostgreSQL storage' }[part],
      UNITS[part],
    );
    expect(found(part, [row(text, UNITS[part]), usual])).toBe('several-rows');
  });
});

describe('what is not sold by use is no price', () => {
  const usual = row('PostgreSQL RAM', UNITS.memory);

  test.each<[string, Partial<PriceRow>]>([
    ['deprecated', { deprecated: true }],
    ['a commitment', { type: 'commitment-based' }],
    ['a term', { term: 12 }],
  ])('%s', (_, over) => {
    expect(found('memory', [{ ...usual, ...over }])).toBe('no-row');
    expect(found('memory', [{ ...usual, ...over, text: 'PostgreSQL memory' }, usual])).toBe(usual.text);
    expect(table({ ...usual, ...over }).find('memory', BERLIN)).toMatchObject({ candidates: [{ text: usual.text }] });
  });

  test.each<Partial<PriceRow>>([{ term: Number.NaN }, { deprecated: undefined }])(
    'what cannot be read may still be charged: %j',
    (over) => {
      expect(found('memory', [{ ...usual, ...over }])).toBe('unclear-type');
      expect(found('memory', [{ ...usual, ...over }, usual])).toBe('several-rows');
      const instance = row('1h PostgreSQL instance', '1hour', over);
      expect(table(instance).beside(BERLIN)).toEqual([instance]);
    },
  );

  test.each([undefined, 'unknown', 'flat'])('a type that is not known is unclear: %s', (type) => {
    expect(found('memory', [{ ...usual, type }])).toBe('unclear-type');
  });
});

describe('where a row applies', () => {
  const rows = [
    row('PostgreSQL RAM', UNITS.memory),
    row('PostgreSQL RAM - US', UNITS.memory),
    row('PostgreSQL RAM us/ewr', UNITS.memory),
    row('PostgreSQL RAM London', UNITS.memory),
    row('PostgreSQL RAM (France, es/vit)', UNITS.memory),
  ];

  test.each([
    ['de/txl', 'PostgreSQL RAM'],
    ['us/las', 'PostgreSQL RAM - US'],
    ['us-las', 'PostgreSQL RAM - US'],
    ['us/ewr', 'PostgreSQL RAM us/ewr'],
    ['US/EWR', 'PostgreSQL RAM us/ewr'],
    ['gb/lhr', 'PostgreSQL RAM London'],
    ['gb/bhx', 'PostgreSQL RAM'],
    ['fr/par', 'PostgreSQL RAM (France, es/vit)'],
    ['es/vit', 'PostgreSQL RAM (France, es/vit)'],
    ['xx/yyy', 'PostgreSQL RAM'],
  ])('for %s it is %s', (location, text) => {
    expect(found('memory', rows, { location })).toBe(text);
  });

  test.each([
    ['PostgreSQL RAM - EU', { 'de/fra': true, 'es/vit': true, 'gb/lhr': false, 'us/las': false }],
    ['PostgreSQL RAM EU / US', { 'de/fra': true, 'us/las': true, 'gb/lhr': false }],
    [
      'PostgreSQL RAM de/fra',
      { 'de/fra': true, 'de/fra/2': true, 'DE-FRA-2': true, 'de/txl': false, 'de/fran': false },
    ],
    ['PostgreSQL RAM Frankfurt', { 'de/fra': true, 'de/fra/2': true, 'de/txl': false }],
    ['PostgreSQL RAM EU, de/fra', { 'de/fra': true, 'de/txl': false, 'fr/par': false }],
    ['PostgreSQL RAM Germany', { 'de/fra/2': true, 'de/txl': true, 'us/las': false }],
    ['PostgreSQL RAM Germany (DE)', { 'de/txl': true, 'us/las': false }],
    ['PostgreSQL RAM Las Vegas', { 'us/las': true, 'us/ewr': false }],
    ['PostgreSQL RAM United Kingdom', { 'gb/lhr': true, 'gb/bhx': true, 'de/fra': false }],
  ])('alone, %s is about its own places', (text, places) => {
    for (const [location, isThere] of Object.entries(places)) {
      expect(alone('memory', text, { location }), location).toBe(isThere ? text : 'no-row');
    }
  });

  test('without a location a row of a region is no price', () => {
    expect(found('memory', rows, {})).toBe('unknown-location');
    expect(found('memory', rows.slice(1, 2), {})).toBe('unknown-location');
    expect(found('memory', rows.slice(0, 1), {})).toBe('PostgreSQL RAM');
  });

  test('two for one place are one too many', () => {
    const twice = [row('PostgreSQL RAM Frankfurt', UNITS.memory), row('PostgreSQL RAM de/fra', UNITS.memory)];
    expect(found('memory', [...rows, ...twice], { location: 'de/fra' })).toBe('several-rows');
  });

  test('an unclear row of the place is not passed over', () => {
    const odd = row('PostgreSQL RAM Turbo', UNITS.memory);
    expect(found('memory', [...rows, odd], { location: 'us/ewr' })).toBe('several-rows');
  });
});

describe('GB is gigabyte or a country', () => {
  const country = { DE: 'de/txl', US: 'us/las', FR: 'fr/par', ES: 'es/vit', GB: 'gb/lhr' } as const;
  const codes = Object.keys(country) as (keyof typeof country)[];
  const templates: Record<Part, readonly string[]> = {
    cores: [
      'PostgreSQL core - X',
      'PostgreSQL core X',
      'X PostgreSQL core',
      'PostgreSQL vCPU (X)',
      'PostgreSQL X cores, 1h',
    ],
    memory: [
      '1h per GB RAM PostgreSQL - X',
      '1h per GB RAM PostgreSQL X',
      '1 GB RAM (X) PostgreSQL',
      'PostgreSQL RAM - X',
      'PostgreSQL RAM (X)',
      'PostgreSQL X RAM',
      'PostgreSQL Arbeitsspeicher je Stunde und GB – X',
    ],
    storage: ['30d per 1GB Storage PostgreSQL, X', 'PostgreSQL X storage', 'PostgreSQL storage X'],
  };
  const cases = PARTS.flatMap((part) => templates[part].map((template) => [part, template] as const));

  test.each(cases)('a row of %s for one is for no other: %s', (part, template) => {
    const textOf = (code: string) => template.replace('X', code);
    fc.assert(
      fc.property(fc.shuffledSubarray(codes, { minLength: 2 }), fc.constantFrom(...codes), (named, wanted) => {
        const rows = named.map((code) => row(textOf(code), UNITS[part]));
        const expected = named.includes(wanted) ? textOf(wanted) : 'no-row';
        expect(found(part, rows, { location: country[wanted] })).toBe(expected);
        expect(found(part, rows, {})).toBe('unknown-location');
      }),
    );
  });

  test.each<[Part, string, string, string]>([
    ['cores', 'PostgreSQL core - GB', 'no-row', 'PostgreSQL core - GB'],
    ['cores', '1h per core PostgreSQL GB', 'no-row', '1h per core PostgreSQL GB'],
    ['cores', 'PostgreSQL core (gb/lhr)', 'no-row', 'PostgreSQL core (gb/lhr)'],
    ['memory', '1h per GB RAM PostgreSQL - GB', 'no-row', '1h per GB RAM PostgreSQL - GB'],
    ['memory', '1h per GB RAM PostgreSQL (GB)', 'no-row', '1h per GB RAM PostgreSQL (GB)'],
    ['memory', 'PostgreSQL RAM - GB', 'no-row', 'PostgreSQL RAM - GB'],
    ['memory', 'PostgreSQL RAM (GB)', 'unclear-place', 'unclear-place'],
    ['memory', 'PostgreSQL RAM GB', 'unclear-place', 'unclear-place'],
    ['memory', 'PostgreSQL GB RAM', 'unclear-place', 'unclear-place'],
    ['storage', '30d per GB Storage PostgreSQL GB London', 'no-row', '30d per GB Storage PostgreSQL GB London'],
    ['memory', '1GB/h RAM PostgreSQL', '1GB/h RAM PostgreSQL', '1GB/h RAM PostgreSQL'],
    ['memory', 'PostgreSQL RAM 1 GB*h', 'PostgreSQL RAM 1 GB*h', 'PostgreSQL RAM 1 GB*h'],
    ['memory', 'PostgreSQL RAM h/GB', 'PostgreSQL RAM h/GB', 'PostgreSQL RAM h/GB'],
    ['cores', 'PostgreSQL core-h', 'PostgreSQL core-h', 'PostgreSQL core-h'],
    ['cores', 'PostgreSQL core - AT', 'unclear-place', 'unclear-place'],
    ['cores', 'PostgreSQL core (D)', 'unclear-place', 'unclear-place'],
    ['cores', 'PostgreSQL core in Berlin', 'PostgreSQL core in Berlin', 'no-row'],
    ['cores', 'PostgreSQL de core', 'unclear-place', 'unclear-place'],
    ['cores', 'PostgreSQL core in DE, 1h', 'PostgreSQL core in DE, 1h', 'no-row'],
    ['storage', 'PostgreSQL storage (GB/month)', 'PostgreSQL storage (GB/month)', 'PostgreSQL storage (GB/month)'],
    ['cores', 'PostgreSQL core United', 'unclear-row', 'unclear-row'],
  ])('of %s alone, %s: in Berlin %s, in London %s', (part, text, inBerlin, inLondon) => {
    expect([alone(part, text), alone(part, text, { location: 'gb/lhr' })]).toEqual([inBerlin, inLondon]);
  });

  test('which it is, other rows can tell', () => {
    const rows = [row('PostgreSQL RAM', UNITS.memory), row('PostgreSQL RAM GB', UNITS.memory)];
    expect(found('memory', rows)).toBe('PostgreSQL RAM');
    expect(found('memory', rows, { location: 'gb/bhx' })).toBe('PostgreSQL RAM GB');
    const austria = [row('PostgreSQL DE core', UNITS.cores), row('PostgreSQL AT core', UNITS.cores)];
    expect(found('cores', austria)).toBe('several-rows');
  });

  test('a row that could be for every place is passed over in none', () => {
    const rows = [row('PostgreSQL memory', UNITS.memory), row('PostgreSQL RAM (GB)', UNITS.memory)];
    expect(found('memory', rows)).toBe('several-rows');
    expect(found('memory', rows, { location: 'gb/lhr' })).toBe('several-rows');
  });
});

describe('kinds of storage', () => {
  const storage = (...kinds: string[]) => kinds.map((kind) => row(`PostgreSQL ${kind} storage`, UNITS.storage));
  const kinds = ['HDD', 'SSD', 'SSD Standard', 'SSD Premium', 'v2', 'unknown'];
  const placeOf = (kind: string): PricedAt => {
    if (kind === 'unknown') return { location: 'de/fra' };
    return { location: 'de/fra', ...(kind === 'v2' ? { api: 'v2' } : { storageType: kind }) };
  };

  test.each([
    [
      ['HDD', 'SSD Standard', 'SSD Premium'],
      ['HDD', 'SSD Premium', 'SSD Standard', 'SSD Premium', '', ''],
    ],
    [
      ['HDD', 'SSD Standard', 'SSD Premium', '1 GB'],
      ['HDD', 'SSD Premium', 'SSD Standard', 'SSD Premium', '1 GB', ''],
    ],
    [
      ['HDD', 'SSD'],
      ['HDD', 'SSD', 'SSD', 'SSD', '', ''],
    ],
    [
      ['HDD', 'SSD', 'SSD Premium'],
      ['HDD', 'SSD Premium', '', 'SSD Premium', '', ''],
    ],
    [['1 GB'], ['1 GB', '1 GB', '1 GB', '1 GB', '1 GB', '1 GB']],
    [['SSD Premium'], ['', 'SSD Premium', '', 'SSD Premium', 'SSD Premium', '']],
    [
      ['1 GB', 'SSD'],
      ['', 'SSD', 'SSD', 'SSD', '1 GB', ''],
    ],
    [[], ['', '', '', '', '', '']],
  ])('of %j', (given, expected) => {
    const prices = kinds.map((kind) => {
      const price = table(...storage(...given)).find('storage', placeOf(kind));
      return 'reason' in price ? '' : price.text?.replace(/^PostgreSQL (.*) storage$/, '$1');
    });
    expect(prices).toEqual(expected);
  });
});

test.each([
  ['HDD', 'PostgreSQL HDD Standard storage'],
  ['SSD Premium', 'PostgreSQL SSD Standard and Premium storage'],
])('contradictory words make a row unclear, for %s: %s', (storageType, text) => {
  expect(alone('storage', text, { location: 'de/fra', storageType })).toBe('unclear-kind');
});

describe('what the words say of time and amount', () => {
  test.each<[Part, string, string]>([
    ['storage', '30d per 1GB SSD Premium Storage PostgreSQL', '1G*1hour'],
    ['storage', '30d per 1GB SSD Premium Storage PostgreSQL', '10G*30Days'],
    ['cores', '1h per core PostgreSQL', '30Days'],
    ['cores', '1h per core PostgreSQL', '2Core*1hour'],
    ['cores', 'PostgreSQL core 1 month', '1hour'],
    ['cores', 'PostgreSQL core 1 day', '1hour'],
    ['cores', 'PostgreSQL core, monatlich', '1hour'],
    ['cores', 'PostgreSQL core per hour, per month', '1hour'],
    ['cores', '1h core PostgreSQL per GB', '1hour'],
    ['cores', 'PostgreSQL vCPU per instance', '1hour'],
    ['memory', 'PostgreSQL RAM per GB monthly', '1G*1hour'],
    ['memory', 'PostgreSQL RAM je Instanz', '1G*1hour'],
    ['memory', '1h per GB RAM PostgreSQL', '1hour'],
    ['memory', '1h per GB RAM PostgreSQL', '1TB*1hour'],
  ])('has to agree with the unit, for %s: %s by %s', (part, text, unit) => {
    expect(found(part, [row(text, unit)])).toBe('contradiction');
    expect(found(part, [row(text, unit), row(text.replace('PostgreSQL', 'Postgres'), UNITS[part])])).toBe(
      'several-rows',
    );
  });

  test.each<[Part, string]>([
    ['memory', 'PostgreSQL RAM per 1.1 GB'],
    ['memory', 'PostgreSQL RAM per 1,1 GB'],
    ['memory', 'PostgreSQL RAM > 1 GB'],
    ['memory', 'PostgreSQL RAM, 1% of 1 GB'],
    ['cores', 'PostgreSQL core per 24h'],
    ['cores', 'PostgreSQL cluster core 1'],
    ['cores', 'PostgreSQL core per year'],
  ])('with numbers that are not understood is unclear, for %s: %s', (part, text) => {
    expect(alone(part, text)).toBe('unclear-row');
  });

  test.each<[Part, string, string]>([
    ['cores', '1h per core and instance PostgreSQL', '1hour'],
    ['cores', 'PostgreSQL core, 1 day', '24hours'],
    ['cores', '30d per core PostgreSQL', '1month'],
    ['cores', '30-day price per core PostgreSQL', '1Core*30Days'],
    ['memory', 'PostgreSQL RAM per GB, monthly', '1G*30Days'],
    ['memory', 'PostgreSQL RAM per 1 GB and 1 hour', '1GB * 1h'],
  ])('may say the same in other words, for %s: %s by %s', (part, text, unit) => {
    expect(found(part, [row(text, unit)])).toBe(text);
  });

  const times = {
    ...{ '1h': 1, '1 hour': 1, hourly: 1, 'per hour': 1, 'je Stunde': 1, '1 day': 24, 'pro Tag': 24 },
    ...{ '30d': 720, '30 days': 720, monthly: 720, 'per month': 720, '1 Monat': 720, '': undefined },
  };
  const amounts = { '': undefined, 'per GB': 1, '1GB': 1, 'je 1 GB': 1 };
  const units = { '1hour': 1, '24hours': 24, '1Day': 24, '30Days': 720, '1month': 720 };
  const isOneOf = <T extends object>(all: T) => fc.constantFrom(...(Object.entries(all) as [string, T[keyof T]][]));

  test('makes a price if it is what the unit says, and never another price', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...PARTS),
        fc.uniqueArray(isOneOf(times), { maxLength: 2 }),
        isOneOf(amounts),
        isOneOf(units),
        fc.constantFrom(1, 2, 10),
        (part, said, [amount, gigabytes], [unit, hours], factor) => {
          const name = { cores: 'core', memory: 'RAM', storage: 'storage' }[part];
          const text = [...said.map(([time]) => time), amount, `${name} PostgreSQL`].filter(Boolean).join(' ');
          const byAmount = part === 'cores' ? unit : `${factor}G*${unit}`;
          const inUnit = part === 'cores' ? undefined : factor;
          const isSame = said.every(([, each]) => (each ?? hours) === hours) && (gigabytes ?? inUnit) === inUnit;
          const price = table(row(text, byAmount)).find(part, BERLIN);
          if (!isSame) expect(price).toMatchObject({ reason: 'contradiction' });
          else {
            const expected = Amount.of('7.2')?.dividedBy(Amount.of(hours * (inUnit ?? 1)) ?? Amount.zero);
            expect(JSON.stringify(price)).toBe(JSON.stringify({ perHour: expected, currency: 'EUR', text }));
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('units and prices', () => {
  test.each<[Part, string]>([
    ['cores', '1G*1hour'],
    ['cores', '1piece'],
    ['cores', ''],
    ['memory', '1hour'],
    ['memory', '1G'],
    ['memory', '1Core*1hour'],
    ['storage', '30Days'],
    ['storage', '1MB*30Days'],
  ])('%s by %s is foreign', (part, unit) => {
    const text = { cores: 'PostgreSQL core', memory: 'PostgreSQL RAM', storage: 'PostgreSQL storage' }[part];
    expect(found(part, [row(text, unit)])).toBe('foreign-unit');
  });

  test.each<[Part, string, string]>([
    ['cores', '1hour', '7.2'],
    ['cores', '30Days', '0.01'],
    ['cores', '1Day', '0.3'],
    ['cores', '2Core*1hour', '3.6'],
    ['memory', '1G*1hour', '7.2'],
    ['memory', '1G*30Days', '0.01'],
    ['storage', '10GB*1month', '0.001'],
  ])('of %s by %s, 7.2 is %s an hour', (part, unit, expected) => {
    const text = { cores: 'PostgreSQL core', memory: 'PostgreSQL RAM', storage: 'PostgreSQL storage' }[part];
    const price = table(row(text, unit)).find(part, BERLIN);
    expect(JSON.parse(JSON.stringify(price))).toEqual({ perHour: expected, currency: 'EUR', text });
  });

  test.each([
    undefined,
    { quantity: '-1', currency: 'EUR' },
    { quantity: '0,05', currency: 'EUR' },
    { quantity: '', currency: 'EUR' },
    { quantity: '1', currency: 'euros' },
    { quantity: '1', currency: '' },
  ])('a price that cannot be read is none: %j', (price) => {
    expect(found('memory', [row('PostgreSQL RAM', UNITS.memory, { price })])).toBe('no-price');
  });

  test.each<[Part, string, string]>([
    ['cores', '1hour', '1000000'],
    ['memory', '1G*1hour', '1000000.00'],
    ['memory', '10GB*1hour', '1e7'],
    ['storage', '1G*30Days', '720000000'],
  ])('nobody asks more than a million for an hour, of %s by %s: %s', (part, unit, quantity) => {
    const text = { cores: 'PostgreSQL core', memory: 'PostgreSQL RAM', storage: 'PostgreSQL storage' }[part];
    const at = (digits: string) => row(text, unit, { price: { quantity: digits, currency: 'EUR' } });
    expect(found(part, [at(quantity)])).toBe(text);
    for (const more of [`${Number(quantity) + 1}`, '1e99']) expect(found(part, [at(more)]), more).toBe('no-price');
  });

  test('a price of nothing is a price', () => {
    const free = row('PostgreSQL RAM', UNITS.memory, { price: { quantity: '0', currency: 'eur' } });
    expect(table(free).find('memory', BERLIN)).toMatchObject({ currency: 'EUR', text: 'PostgreSQL RAM' });
  });
});

describe('what could be meant', () => {
  test('is shown as it is', () => {
    const rows = [row('PostgreSQL RAM a la carte', '1x'), row('PostgreSQL vCPU', '1hour'), row('PostgreSQL', '1hour')];
    const candidates = (part: Part) => Object(table(...rows).find(part, BERLIN)).candidates;

    expect(candidates('memory')).toEqual([rows[0]]);
    expect(candidates('storage')).toEqual(rows);
  });

  test('rows that say no part may be charged as well, those of other places not', () => {
    const rows = [
      row('1h PostgreSQL cluster', '1hour'),
      row('PostgreSQL backup', '1G*30Days'),
      row('PostgreSQL traffic outbound, first 50TB', '1G'),
      row('1h PostgreSQL Playground instance', '1hour'),
      row('1h PostgreSQL instance - US', '1hour'),
      row('PostgreSQL RAM', '1h'),
    ];
    const beside = (place: PricedAt) =>
      table(...rows)
        .beside(place)
        .map(({ text }) => text);
    expect(beside(BERLIN)).toEqual(['1h PostgreSQL cluster']);
    expect(beside({ location: 'us/las' })).toEqual(['1h PostgreSQL cluster', '1h PostgreSQL instance - US']);
    expect(beside({})).toEqual(['1h PostgreSQL cluster', '1h PostgreSQL instance - US']);
  });

  test('a list that was cut has no prices', () => {
    const rows = [row('PostgreSQL RAM', UNITS.memory)];
    const cut = tableOf({ date: '2026-11-27', contract: '1', rows, isCut: true });
    expect(cut.find('memory', BERLIN)).toEqual({ reason: 'list-cut', candidates: [] });
  });
});
