import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { ProgramResult, Terminal } from './machine.ts';

interface Streams {
  stdin: NodeJS.ReadableStream & { isTTY?: boolean };
  stdout: NodeJS.WritableStream;
  stderr: NodeJS.WritableStream & { isTTY?: boolean };
}

/** Questions go to stderr, so that they are seen when stdout is redirected. */
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

export function run(program: string, args: readonly string[]): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'ignore', timeout: PATIENCE_MS, windowsHide: true });
    child.on('error', () => resolve({ code: undefined }));
    child.on('close', (code) => resolve({ code: code ?? undefined }));
  });
}
