import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { ProgramResult, Terminal } from './machine.ts';

interface Streams {
  stdin: NodeJS.ReadableStream & { isTTY?: boolean };
  stdout: NodeJS.WritableStream;
  stderr: NodeJS.WritableStream & { isTTY?: boolean };
}

/** Questions go to stderr, so that they are seen where the output is kept. */
export function createTerminal({ stdin, stdout, stderr }: Streams): Terminal {
  const isInteractive = Boolean(stdin.isTTY && stderr.isTTY);
  const note = (text: string) => void stderr.write(text);

  function answer(question: string, output: NodeJS.WritableStream): Promise<string> {
    return new Promise((resolve) => {
      const lines = createInterface({ input: stdin, output, terminal: isInteractive, historySize: 0 });
      let typed = '';
      note(question);
      lines.once('line', (line) => {
        typed = line;
        lines.close();
      });
      lines.once('close', () => resolve(typed));
    });
  }

  return {
    isInteractive,
    out: (text) => void stdout.write(text),
    note,
    ask: (question) => answer(question, stderr),
    async askHidden(question) {
      // readline echoes by writing to its output.
      const typed = await answer(question, new Writable({ write: (_chunk, _encoding, done) => done() }));
      note('\n');
      return typed;
    },
  };
}

const PATIENCE_MS = 60_000;

/** No shell reads the arguments. */
export function run(program: string, args: readonly string[]): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: PATIENCE_MS,
      windowsHide: true,
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(0, 2_000);
    });
    child.on('error', () => resolve({ code: undefined, stderr: '' }));
    child.on('close', (code) => resolve({ code: code ?? undefined, stderr }));
  });
}
