import crypto from 'node:crypto';
import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createTokenVerifier } from '../../src/auth/static-tokens.ts';
import { ConfigError } from '../../src/errors.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const token = (letter: string) => letter.repeat(64);
const [a, b, c] = [token('a'), token('b'), token('c')];

const verifier = (text: string) => createTokenVerifier({ name: 'MCP_TOKENS', text });

function problemsOf(text: string): readonly string[] {
  try {
    verifier(text);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test('each token belongs to its caller, with his label and class', () => {
  const verify = verifier(`# the team\n  laptop:read:${a}\r\n\nci.deploy_1:write:${b}, admin-2:full:${c},\n`);
  expect(verify(a)).toEqual({ name: 'laptop', access: 'read' });
  expect(verify(b)).toEqual({ name: 'ci.deploy_1', access: 'write' });
  expect(verify(c)).toEqual({ name: 'admin-2', access: 'full' });
});

test('a token in base64, with or without padding, will do', () => {
  const [url, padded] = [crypto.randomBytes(32).toString('base64url'), crypto.randomBytes(32).toString('base64')];
  const verify = verifier(`\ufeffone:read:${url},two:read:${padded}`);
  expect([verify(url)?.name, verify(padded)?.name]).toEqual(['one', 'two']);
});

test.each([
  ['', 'empty'],
  [token('x'), 'unknown'],
  [a.slice(1), 'a part'],
  [`${a}a`, 'longer'],
  [a.toUpperCase(), 'in capitals'],
  [`laptop:read:${a}`, 'the whole entry'],
  [crypto.createHash('sha256').update(a).digest('hex'), 'the hash'],
])('nobody is found for %j (%s)', (wrong) => {
  expect(verifier(`laptop:read:${a}`)(wrong)).toBeUndefined();
});

test('no text but the token itself finds its caller', () => {
  const verify = verifier(`laptop:read:${a}`);
  fc.assert(fc.property(fc.string(), (text) => verify(text) === undefined));
});

const FORM = 'line 1: an entry is label:class:token, with two colons';
const LABEL = 'line 1: the label must have 1 to 64 letters, digits, dots, hyphens and underscores';
const CLASS = 'line 1: the class must be read, write or full';
const SHORT = 'the token is shorter than 43 characters; create one with: openssl rand -hex 32';
const CHARACTERS =
  'line 1: the token contains a character that no bearer token may have; create one with: openssl rand -hex 32';

test.each([
  [FORM, 'laptop'],
  [FORM, `laptop:${a}`],
  [FORM, `laptop:read:${a}:x`],
  [LABEL, `:read:${a}`],
  [LABEL, `my laptop:read:${a}`],
  [LABEL, `${'l'.repeat(65)}:read:${a}`],
  [CLASS, `laptop:delete:${a}`],
  [CLASS, `laptop:READ:${a}`],
  [`line 1: ${SHORT}`, `laptop:read:${'a'.repeat(42)}`],
  [CHARACTERS, `laptop:read:${a}"`],
  [CHARACTERS, `laptop:read:${a} b`],
  ['line 3: repeats the label of line 1', `one:read:${a}\n# no entry\none:full:${b}`],
  ['line 2, entry 2: repeats the token of line 1', `one:read:${a}\ntwo:full:${b},three:full:${a}`],
])('an entry is refused: %s', (problem, text) => {
  expect(problemsOf(text)).toEqual([`MCP_TOKENS, ${problem}`]);
});

test.each(['<token>', '%TOKEN%', 'YOUR_TOKEN', 'changeme', '...', '{{token}}', `<${'t'.repeat(64)}>`])(
  'a placeholder in place of a token is named: %s',
  (placeholder) => {
    expect(problemsOf(`laptop:read:${placeholder}`)).toEqual([
      expect.stringMatching(/^MCP_TOKENS, line 1: the token still contains a placeholder, /),
    ]);
  },
);

test('every slip is named at once', () => {
  expect(problemsOf(`laptop:all:${a}\nphone\n:read:short`)).toHaveLength(4);
});

test.each(['', ' \n', '# nobody yet\n', ','])('to start with no token at all is refused: %j', (text) => {
  expect(problemsOf(text)).toEqual(['MCP_TOKENS holds no token, so nobody could call']);
});

test('a refusal repeats nothing of what was written', () => {
  const planted = 'planted-token';
  const [secret, other] = [`${planted}${a}`, `${planted}${b}`];
  for (const text of [
    secret,
    `${secret}:read:laptop`,
    `laptop:${secret}:read`,
    `laptop:read:${planted}`,
    `laptop:read:${secret}!`,
    `one:read:${secret}\ntwo:read:${secret}`,
    `laptop:read:${secret}:${other}`,
  ]) {
    expect(problemsOf(text), text).not.toEqual([]);
    expect(problemsOf(text).join(), text).not.toContain(planted);
  }
});

test.each([
  ['the first', a],
  ['the last', c],
  ['none', token('x')],
])('a token is compared with every entry, also when it is %s of them', (_, given) => {
  const verify = verifier(`one:read:${a},two:read:${b},three:read:${c}`);
  const compare = vi.spyOn(crypto, 'timingSafeEqual');
  onTestFinished(() => compare.mockRestore());

  verify(given);

  expect(compare).toHaveBeenCalledTimes(3);
  for (const pair of compare.mock.calls) expect(pair.map((each) => each.byteLength)).toEqual([32, 32]);
});

/** A verifier over a file that the test writes, and a clock that it moves. */
function fileWorld(text: string) {
  const file: { text?: string; reads: number } = { text, reads: 0 };
  const clock = { now: 1_000_000 };
  const problems: string[] = [];
  const verify = createTokenVerifier({
    name: '--tokens',
    path: '/run/tokens',
    now: () => clock.now,
    onProblem: (problem) => problems.push(problem),
    readFile(path, setting) {
      file.reads += 1;
      if (file.text === undefined) throw new ConfigError([`${setting}: cannot read ${path} (ENOENT)`]);
      return file.text;
    },
  });
  const write = (next: string | undefined) => {
    file.text = next;
    clock.now += 1000;
  };
  return { file, clock, problems, verify, write };
}

test('a token that comes into the file is taken, and one that goes is refused, within a second', () => {
  const { file, clock, verify } = fileWorld(`old:read:${a}`);
  file.text = `new:full:${b}`;

  clock.now += 999;
  expect([verify(a)?.name, verify(b)?.name]).toEqual(['old', undefined]);
  clock.now += 1;
  expect([verify(a)?.name, verify(b)?.name]).toEqual([undefined, 'new']);
});

test('during a rotation the old token and the new one are both good', () => {
  const { verify, write } = fileWorld(`laptop-1:read:${a}`);
  write(`laptop-1:read:${a}\nlaptop-2:read:${b}`);
  expect([verify(a)?.name, verify(b)?.name]).toEqual(['laptop-1', 'laptop-2']);
  write(`laptop-2:read:${b}`);
  expect([verify(a)?.name, verify(b)?.name]).toEqual([undefined, 'laptop-2']);
});

test('a caller can be given another class', () => {
  const { verify, write } = fileWorld(`laptop:full:${a}`);
  write(`laptop:read:${a}`);
  expect(verify(a)).toEqual({ name: 'laptop', access: 'read' });
});

test.each(['', '\n', `# laptop:read:${a}\n`])('an emptied file lets nobody in: %j', (text) => {
  const { verify, write, problems } = fileWorld(`laptop:read:${a}`);
  write(text);
  expect(verify(a)).toBeUndefined();
  expect(problems).toEqual([]);
});

test('the file is read at most once a second', () => {
  const { file, clock, verify } = fileWorld(`laptop:read:${a}`);
  for (let call = 0; call < 100; call += 1) verify(a);
  expect(file.reads).toBe(1);
  clock.now += 1000;
  for (let call = 0; call < 100; call += 1) verify(a);
  expect(file.reads).toBe(2);
});

test.each([
  ['gone', undefined, '--tokens: cannot read /run/tokens (ENOENT)'],
  ['broken', `laptop:read:${a}\nnew:read:short`, `--tokens, line 2: ${SHORT}`],
])('while the file is %s the tokens of before stay, which is told once', (_, text, problem) => {
  const { verify, write, problems } = fileWorld(`laptop:read:${a}`);
  for (let second = 0; second < 3; second += 1) {
    write(text);
    expect(verify(a)?.name).toBe('laptop');
  }
  expect(problems).toEqual([problem]);

  write(`new:read:${b}`);
  expect([verify(a), verify(b)?.name]).toEqual([undefined, 'new']);
  write(text);
  verify(b);
  expect(problems).toEqual([problem, problem]);
});

test('a file that comes back as it was is good again', () => {
  const { verify, write } = fileWorld(`laptop:read:${a}`);
  write('broken');
  verify(a);
  write(`laptop:read:${a}`);
  expect(verify(a)?.name).toBe('laptop');
});

test.each([
  [undefined, '--tokens: cannot read /run/tokens (ENOENT)'],
  ['', '--tokens holds no token, so nobody could call'],
])('to start with a file that holds %j is refused', (text, problem) => {
  const readFile = (path: string, setting: string) => {
    if (text === undefined) throw new ConfigError([`${setting}: cannot read ${path} (ENOENT)`]);
    return text;
  };
  const start = () => createTokenVerifier({ name: '--tokens', path: '/run/tokens', readFile, onProblem: () => {} });
  expect(start).toThrow(new ConfigError([problem]));
});

test('a real file of the same length and date is read again', () => {
  const folder = temporaryFolder('tokens');
  const file = path.join(folder, 'tokens');
  const write = (text: string) => {
    writeFileSync(file, text);
    utimesSync(file, 1_700_000_000, 1_700_000_000);
  };
  write(`laptop:read:${a}`);
  const clock = { now: 0 };
  const readFile = (name: string) => readFileSync(name, 'utf8');
  const onProblem = () => {};
  const verify = createTokenVerifier({ name: file, path: file, readFile, now: () => clock.now, onProblem });

  write(`laptop:read:${b}`);
  clock.now += 1000;

  expect([verify(a), verify(b)?.name]).toEqual([undefined, 'laptop']);
});
