import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redactor } from '../../src/text/secrets.ts';

const SECRET = `p&ss/w"rd\\ <ä+1>'s`;
const escaped = (text: string, form: (code: number) => string) =>
  [...text].map((char) => form(char.codePointAt(0) ?? 0)).join('');
const hex = (code: number, length = 0) => code.toString(16).padStart(length, '0');
const base64 = (text: string) => Buffer.from(text).toString('base64');

/** Each way in which an API, a gateway or a log could write a secret. */
const FORMS: Record<string, (secret: string) => string> = {
  'as it is': (secret) => secret,
  'in JSON': (secret) => JSON.stringify(secret).slice(1, -1),
  'in JSON within JSON': (secret) => JSON.stringify(JSON.stringify(secret)).slice(3, -3),
  'in JSON, all of it by codes': (secret) => escaped(secret, (code) => `\\u${hex(code, 4)}`),
  'in JSON, some by codes in capitals': (secret) => secret.replaceAll('&', '\\u0026').replaceAll('<', '\\u003C'),
  'in JSON, with slashes escaped': (secret) => JSON.stringify(secret).slice(1, -1).replaceAll('/', '\\/'),
  'in JavaScript': (secret) => escaped(secret, (code) => `\\u{${hex(code)}}`),
  'in a URL': encodeURIComponent,
  'in a URL, in lower case': (secret) => encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase()),
  'in a URL, all of it': (secret) => [...Buffer.from(secret)].map((byte) => `%${hex(byte, 2)}`).join(''),
  'in a URL, twice': (secret) => encodeURIComponent(encodeURIComponent(secret)),
  'in a form': (secret) => new URLSearchParams({ a: secret }).toString().slice(2),
  'in HTML': (secret) =>
    secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
  'in HTML, by numbers': (secret) => escaped(secret, (code) => `&#${code};`),
  'in HTML, by hexadecimal numbers': (secret) => escaped(secret, (code) => `&#x${hex(code)};`),
  'in HTML within JSON': (secret) => JSON.stringify(secret.replaceAll('&', '&amp;')).slice(1, -1),
  'in bytes after \\x': (secret) => [...Buffer.from(secret)].map((byte) => `\\x${hex(byte, 2)}`).join(''),
  'in bytes read one by one': (secret) => Buffer.from(secret).toString('latin1'),
  'in SQL': (secret) => secret.replaceAll("'", "''"),
  hexadecimal: (secret) => Buffer.from(secret).toString('hex'),
  'hexadecimal, in capitals': (secret) => Buffer.from(secret).toString('hex').toUpperCase(),
  base64: (secret) => base64(secret),
  base64url: (secret) => Buffer.from(secret).toString('base64url'),
  'base64 in a URL': (secret) => encodeURIComponent(base64(secret)),
};

describe('a secret is taken out', () => {
  test.each(Object.entries(FORMS))('%s', (_, form) => {
    const hide = redactor([SECRET, 'another one']);

    expect(hide(`a ${form(SECRET)} b`)).toMatch(/^a \[redacted\](=|%3D)* b$/);
    expect(hide(form(SECRET))).toMatch(/^\[redacted\](=|%3D)*$/);
  });

  test.each(['', 'x', 'Bearer ', 'Basic user:', '{"password":"'])(
    'from base64 of a text that begins with %j',
    (before) => {
      for (const after of ['', '"', '"}', ' and more']) {
        const shown = redactor([SECRET])(base64(before + SECRET + after));
        expect(shown).toContain('[redacted]');
        // At most the characters that it shares with what is around it.
        expect(shown.replace('[redacted]', '').length).toBeLessThanOrEqual(
          base64(before).length + base64(after).length + 6,
        );
      }
    },
  );

  test('whatever it is, in whatever text', () => {
    const secret = fc.string({ unit: 'binary', minLength: 8, maxLength: 200 }).filter((text) => text.isWellFormed());
    const around = fc.string({ unit: fc.constantFrom('a', ' ', '%', '\\', '&', ';', 'u', '0', '"', 'ä') });
    fc.assert(
      fc.property(secret, around, around, fc.constantFrom('as it is', 'in JSON', 'in a URL'), (secret, a, b, form) => {
        const text = FORMS[form]?.(secret) ?? '';
        expect(redactor([secret])(`${a} ${text} ${b}`)).not.toContain(text);
      }),
    );
  });

  test('with others that overlap, hold or continue it', () => {
    const hide = redactor(['abcdefgh', 'abcdefghij', 'ghijklmnop', 'secret one', 'secret one and two']);

    expect(hide('x abcdefghijklmnop y')).toBe('x [redacted] y');
    expect(hide('x secret one and two y secret one z')).toBe('x [redacted] y [redacted] z');
  });

  test('as far as it goes, where it is long and cut off', () => {
    const secret = 'planted-'.repeat(50);

    expect(redactor([secret])(`x ${secret.slice(0, 300)}…`)).toBe('x [redacted]…');
  });

  test.each(['…', '...'])('where the API has cut it and says so by %s', (mark) => {
    const hide = redactor(['Pa55-word & more']);

    expect(hide(`password Pa55-word${mark} is weak`)).toBe(`password [redacted]${mark} is weak`);
    expect(hide(`Pa55-wo${mark}`)).toBe(`Pa55-wo${mark}`);
    expect(hide('Pa55-word is the name of a book')).toBe('Pa55-word is the name of a book');
  });

  test('and nothing else', () => {
    const hide = redactor([SECRET, 'short', '']);

    for (const text of ['', 'short', 'a%20b', '100 % of &c; \\q \\u12 &#99999999; %e4', '🚀'.repeat(9)]) {
      expect(hide(text)).toBe(text);
    }
  });
});

test.each(['Zq7!Xk9$%00  " ', 'a\\n"b%22c&amp;d', '%2525 "quoted"'])(
  'a secret that looks escaped itself is found however it is escaped once more: %j',
  (secret) => {
    const hide = redactor([secret]);
    const spellings = [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)];
    for (const spelled of spellings) expect(hide(`x ${spelled}.`), spelled).toBe('x [redacted].');
  },
);

// 5 MB, as much as one answer of the API holds; what looks back or ahead over all of it takes minutes.
test.each(['\\u{', '\\u{1', '%', '%e', '&', '&#x', '\\', 'x%20', '\\u{41}', '&amp;'])(
  'escapes that begin again and again are read once: %j',
  (part) => {
    const text = part.repeat(5_000_000 / part.length);

    expect(redactor([SECRET])(text + SECRET).endsWith('[redacted]')).toBe(true);
  },
);
