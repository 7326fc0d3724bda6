import type { Environment } from '../config/paths.ts';

/** What the command needs from the machine and its user; injected, so that tests can replace it. */
export interface Machine {
  platform: NodeJS.Platform;
  env: Environment;
  /** Undefined for a user without a home directory. */
  home: string | undefined;
  /** The path of the Node.js that runs this program. */
  node: string;
  /** The path by which this program was started. */
  script: string;
  terminal: Terminal;
  now(): Date;
  /** Runs another program, without a shell and without input. */
  run(program: string, args: readonly string[]): Promise<ProgramResult>;
}

export interface ProgramResult {
  /** Undefined if it could not be started or was ended by a signal. */
  code: number | undefined;
}

export interface Terminal {
  /** Whether questions can be asked. */
  isInteractive: boolean;
  /** Writes to stdout. */
  out(text: string): void;
  /** Writes to stderr. */
  note(text: string): void;
  /** The line that was typed; empty after Ctrl+C or at the end of the input. */
  ask(question: string): Promise<string>;
  /** The same without an echo. */
  askHidden(question: string): Promise<string>;
}
