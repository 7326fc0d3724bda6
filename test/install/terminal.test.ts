import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createTerminal, run } from '../../src/install/terminal.ts';

function createStreams(isTTY = true) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  for (const stream of [stdin, stderr]) Object.assign(stream, { isTTY });
  const text = (stream: PassThrough) => String(stream.read() ?? '');
  return {
    stdin,
    stderr,
    shown: () => text(stdout) + text(stderr),
    terminal: createTerminal({ stdin, stdout, stderr }),
  };
}

test('what is typed without an echo is shown nowhere', async () => {
  const { stdin, shown, terminal } = createStreams();
  const answer = terminal.askHidden('Token: ');
  stdin.write('planted-secres\u007Ft\r');
  expect(await answer).toBe('planted-secret');
  expect(shown()).toBe('Token: \n');
});

test('a question is asked on stderr, and can be answered once more', async () => {
  const { stdin, shown, terminal } = createStreams();
  for (const word of ['yes', 'no']) {
    const answer = terminal.ask('Sure? ');
    stdin.write(`${word}\r`);
    expect(await answer).toBe(word);
    expect(shown()).toContain('Sure? ');
  }
});

test.each(['\u0003', '\u0004'])('%j ends a question without an answer', async (key) => {
  const { stdin, terminal } = createStreams();
  for (const ask of ['ask', 'askHidden'] as const) {
    const answer = terminal[ask]('Sure? ');
    stdin.write(key);
    expect(await answer).toBe('');
  }
});

test('nobody is there without a terminal', () => {
  expect(createStreams(false).terminal.isInteractive).toBe(false);
});

test('a program is run without a shell', async () => {
  const program = `process.exitCode = process.argv[1] === '$HOME; "x"' ? 3 : 4`;
  expect(await run(process.execPath, ['-e', program, '$HOME; "x"'])).toEqual({ code: 3 });
  expect(await run('/nowhere/at-all', [])).toEqual({ code: undefined });
});
