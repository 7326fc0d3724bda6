import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redacted, withoutPasswords } from '../../../src/tools/logs/log-redaction.ts';
import { LogText } from '../../../src/tools/logs/log-text.ts';

describe('a password is found', () => {
  test.each([
    ["PASSWORD 'hunter2'", 'PASSWORD [redacted]'],
    ["PASSWORD U&'hunter2'", 'PASSWORD [redacted]'],
    ["password e'hun\\'ter2' x", 'password [redacted] x'],
    ["password E'hun''ter2'\n 'hunter2\\'' x", 'password [redacted] x'],
    ["password 'a' -- more\n 'hunter2' x", 'password [redacted] x'],
    ["PASSWORD /* a /* nested */ one */ 'hunter2' x", 'PASSWORD /* a /* nested */ one */ [redacted] x'],
    ["PASSWORD /* open /* one */ 'hunter2' x", 'PASSWORD /* open /* one */ [redacted] x'],
    ["PASSWORD /* 'password hunter2' */ 'hunter2'", 'PASSWORD[redacted]'],
    [`PASSWORD${' '.repeat(300)}'hunter2'`, `PASSWORD${' '.repeat(300)}[redacted]`],
    [`PASSWORD /*${'-'.repeat(500)}*/ 'hunter2'`, `PASSWORD /*${'-'.repeat(500)}*/ [redacted]`],
    [`PASSWORD${'/**/'.repeat(45)} 'hunter2'`, `PASSWORD${'/**/'.repeat(45)} [redacted]`],
    ['PASSWORD $$hunter2$$ x', 'PASSWORD [redacted] x'],
    ['PASSWORD $a$hunter2$b$hunter2$a$ x', 'PASSWORD [redacted] x'],
    ['PASSWORD $a$hunter2 cut off', 'PASSWORD [redacted]'],
    ['PASSWORD $1 LOGIN', 'PASSWORD $1 LOGIN'],
    ["EXECUTE 'ALTER ROLE a PASSWORD ''hunter2'' LOGIN'", "EXECUTE 'ALTER ROLE a PASSWORD [redacted] LOGIN'"],
    ["f(password := 'hunter2')", 'f(password := [redacted])'],
    ["f(password => 'hunter2')", 'f(password => [redacted])'],
    ['passwd: hunter2, x', 'passwd: [redacted], x'],
    ['pwd = "hun\\"ter2" x', 'pwd = [redacted] x'],
    ['{\\"password\\": \\"hunter2\\", \\"a\\": 1}', '{\\"password\\": [redacted], \\"a\\": 1}'],
    ['{\\"password\\": \\"hun\\\\\\"ter2\\", 1}', '{\\"password\\": [redacted], 1}'],
    [`postgres://u:${'hunter2'.repeat(60)}@h/d`, 'postgres://u:[redacted]@h/d'],
    ['http://h:80/x and u@h', 'http://h:80/x and u@h'],
    ['basic\tdXNlcjpodW50ZXIy', 'basic\t[redacted]'],
    ['forbearer hunter22', 'forbearer hunter22'],
  ])('%s', (message, shown) => {
    expect(withoutPasswords(message)).toBe(shown);
  });
});

describe('the work grows no faster than the line', () => {
  const stepsFor = (text: string) => {
    const log = new LogText(text);
    redacted(log);
    return log.steps;
  };

  function expectLinear(unit: string, before = '', after = '') {
    const text = (times: number) => `${before}${unit.repeat(times)}${after}`;
    const perCharacter = (times: number) => stepsFor(text(times)) / (text(times).length + 20);
    const rates = [100, 200, 400, 1_600].map(perCharacter);
    for (const rate of rates) expect(rate, JSON.stringify([before, unit, after])).toBeLessThan(20);
    expect(rates[3]).toBeLessThan(2 * Math.max(...rates.slice(0, 3)) + 1);
  }

  test.each([
    ['/**/', 'password', 'x'],
    ['password/**/'],
    ["PASSWORD 'x'\n"],
    ["PASSWORD 'x\n"],
    ["password 'x' /*"],
    ['password /*'],
    ['password /*', '', '*/'.repeat(200)],
    ['password -- '],
    ['password --\n'],
    ['password $a$'],
    ['password $'],
    ["password ''"],
    ["password=''x"],
    ['password \\'],
    ['\\', 'password=', '"'],
    ['password="\\'],
    ['password=\\"'],
    ['://a:'],
    ['://a:b '],
    ['://', '', ':x@'],
    ['a', '://', ':x@'],
    ['bearer '],
    ['pwd'],
    [' ', 'password', 'x'],
    ['\n', "password 'x'", 'x'],
    ['/*/'],
    ['*/*', 'password'],
  ])('of %j, after %j and before %j', (unit, before = '', after = '') => {
    expectLinear(unit, before, after);
  });

  test('whatever it is made of', () => {
    const part = fc.constantFrom(
      ...[
        'password',
        'PASSWORD',
        'pwd',
        'bearer ',
        '://',
        '"',
        "'",
        "''",
        '\\',
        '$',
        '$a$',
        '/*',
        '*/',
        '--',
        '\n',
        ' ',
      ],
      ...['=', ':', '=>', 'E', "E'", "U&'", '@', 'x', ',', '\u2028'],
    );
    const words = fc.array(part, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(words, fc.option(words, { nil: '' }), fc.option(words, { nil: '' }), (unit, before, after) =>
        expectLinear(unit, before, after),
      ),
      { numRuns: 2_000 },
    );
  });
});
