import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { placeholderIn } from '../../src/text/placeholder.ts';

const curly = (name: string) => `$\u007b${name}}`;

const ANY = [
  ...['IONOS_TOKEN', 'env:IONOS_TOKEN', 'input:token', 'user_config.token', '{ secrets.TOKEN }', 'T:-default'].map(
    curly,
  ),
  ...[
    '$IONOS_TOKEN',
    '$env:IONOS_TOKEN',
    '%IONOS_TOKEN%',
    '<token>',
    '<your token>',
    '<>',
    '{{token}}',
    '{{ .Values.t }}',
  ],
  ...['{token}', '#{TOKEN}#', '[your token here]', '[TOKEN]', '__TOKEN__', '@TOKEN@', '$(cat token)', '{% token %}'],
];

const WORDS = [
  ...[
    'YOUR_TOKEN',
    'your-token-here',
    'your token',
    'YOURTOKEN',
    'yourTokenHere',
    'your_ionos_api_token',
    'token-here',
  ],
  ...['xxx', 'XXXXXXXX', 'xxxx-xxxx', '***', '...', '\u2026', '\u2022\u2022\u2022\u2022', '____', '???', 'x.x.x'],
  ...[
    'changeme',
    'change-me',
    'CHANGE_ME',
    'change this',
    'REPLACE_ME',
    'replace-with-your-token',
    'insert-token-here',
  ],
  ...[
    'paste token here',
    'enter_your_token',
    'TODO',
    'todo: set it',
    'TBD',
    'FIXME',
    'placeholder',
    'undefined',
    'fillme',
  ],
];

describe('a placeholder is distinguished from a token', () => {
  test.each([
    ...ANY,
    ...WORDS,
    'eyJ...',
    'eyJhbGciOi...',
    'eyJhbGciOi\u2026',
    'eyJh.eyJz...c2ln',
    'IONOS_API_TOKEN',
    'MY_KEY',
  ])('%s', (text) => {
    for (const form of [text, ` ${text}\n`, `Bearer ${text}`, `"${text}"`, `'Bearer ${text}'`]) {
      expect(placeholderIn(form, 'token'), form).toBeTypeOf('string');
    }
  });

  test.each(['op://vault/item/token', 'env:IONOS_TOKEN', 'process.env.IONOS_TOKEN', 'my-token', 'my_api_key', 'null'])(
    '%s',
    (text) => expect(placeholderIn(text, 'token')).toBeTypeOf('string'),
  );

  const FILLERS = ['dummy', 'example', 'sample', 'none', 'n/a', 'not-set', 'not_set', 'NotSet', 'unset', 'empty', '-'];
  test.each([...FILLERS, 'DUMMY', 'dummy-token', 'example_key', 'sample token'])('%s', (text) => {
    for (const form of [text, ` ${text}\n`, `Bearer ${text}`, `"${text}"`]) {
      expect(placeholderIn(form, 'token'), form).toBeTypeOf('string');
    }
  });

  test.each(FILLERS)('and a real one can begin with a word that fills: %s', (word) => {
    for (const more of ['7fK2q', '-7fK2q', '_0123456789abcdef', 'tokens', '/x']) {
      expect(placeholderIn(word + more, 'token'), word + more).toBeUndefined();
    }
  });

  test.each([
    'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJpb25vcyJ9.c2lnbmF0dXJl',
    'secret-token',
    'any',
    'test',
    'x',
    'token',
    'a$TOKEN<b>c%d%e[f]',
    '0123456789abcdef0123456789abcdef',
    'xxTokenxx',
    'Tk9UIEEgUExBQ0VIT0xERVI=',
    'yes-this-is-a-token',
    'replica-1-token',
    'inserted0817',
  ])('and this is one: %s', (text) => expect(placeholderIn(text, 'token')).toBeUndefined());

  test('no random token of usual characters is taken for one', () => {
    const token = fc.stringMatching(/^[\w.~+/-]{32,64}={0,2}$/).filter((text) => !text.includes('...'));
    const isTaken = (text: string) => placeholderIn(text, 'token') === undefined || /^(.)\1*$/.test(text);
    fc.assert(fc.property(token, (text) => isTaken(text) || /^[_.-]/.test(text)));
  });
});

test.each(['%(token)s', '%(IONOS_TOKEN)s', '$IONOS_TOKEN$', '&lt;token&gt;'])('a token is never %s', (text) =>
  expect(placeholderIn(text, 'token')).toBeTypeOf('string'),
);

test.each(ANY)('a placeholder is distinguished from a text, also inside of one: %s', (text) => {
  expect(placeholderIn(text)).toBeTypeOf('string');
});

describe('in a URL, a path or a list', () => {
  test.each([
    ...[
      `https://${curly('HOST')}/x`,
      'https://$HOST/x',
      'https://mcp-$ENV.example.com',
      'https://%HOST%/x',
      'https://<host>/x',
    ],
    ...['https://{{host}}/x', 'https://login.microsoftonline.com/{tenant}/v2.0', 'https://your-tenant.auth0.com'],
    ...[
      'https://YOUR_DOMAIN',
      'https://your-domain.example.com/mcp',
      'yourdomain.example:3128',
      'https://.../x',
      'https://\u2026',
    ],
    ...[
      'https://xxxx.example.com',
      'http://me:pw@your-proxy:3128',
      'a.example,<b>',
      '/path/to/file',
      'C:\\path\\to\\file',
    ],
    ...['/home/your-name/token', 'https://changeme.example', '/run/.../token', `a,${curly('B')}`],
  ])('%s', (text) => expect(placeholderIn(text)).toBeTypeOf('string'));

  test.each([
    ...[
      'https://api.ionos.com',
      'https://mcp.example.com/postgres',
      'http://[::1]:8080',
      '[::1]:80',
      '[fe80::1]',
      '::1',
    ],
    ...[
      'https://acc.blob.core.windows.net/$web/keys.json',
      'http://me:pa$$WORD<x>{y}@proxy:3128',
      'http://me:p%C3%A4ss@proxy',
    ],
    ...[
      'static.88-99-1-2.clients.your-server.de',
      '/mnt/c$/x',
      '503:0.1',
      'clusters,logs',
      'my-host',
      'todo.example.com',
    ],
    ...[
      'api://1234/',
      'vault.internal:3128',
      'vscode-webview://abc',
      'https://foo.xxx/',
      '/srv/changes/it',
      'me@example.com',
    ],
    ...['https://yours.example', 'none', 'http://a%20b.example/%41BC%42'],
  ])('and these are real: %s', (text) => expect(placeholderIn(text)).toBeUndefined());
});

test('a password can be anything but a variable that nobody expanded', () => {
  for (const text of [
    '<b>',
    '$ecret',
    '%a%',
    'changeme',
    'YOUR_TOKEN',
    '...',
    '[x]',
    `a${curly('b')}c`,
    'xxx',
    'TODO',
  ]) {
    expect(placeholderIn(text, 'password'), text).toBeUndefined();
  }
  for (const name of ['PASSWORD', 'env:PASSWORD', '{ secrets.PASSWORD }']) {
    expect(placeholderIn(curly(name), 'password')).toBe(curly('\u2026'));
  }
});

test('the answer repeats nothing of the text, and long texts take no longer than their length', () => {
  for (const text of [...ANY, ...WORDS]) {
    expect(
      ['IONOS', 'token', 'ecret'].some((part) => placeholderIn(text)?.includes(part)),
      text,
    ).toBe(false);
  }
  const started = performance.now();
  for (const part of [curly('').slice(0, 2), '<', '%a', '$A', 'your-', '..', '[', 'a/', '_A', ' here', 'x ']) {
    for (const kind of ['text', 'token'] as const) placeholderIn(part.repeat(200_000), kind);
  }
  expect(performance.now() - started).toBeLessThan(2_000);
});
