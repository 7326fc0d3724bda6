import type { Environment } from '../config/paths.ts';

/** What the command asks of the machine and of its user; tests put another in its place. */
export interface Machine {
  platform: NodeJS.Platform;
  env: Environment;
  /** Undefined for a user without a home directory. */
  home: string | undefined;
  /** The path of the Node.js that runs this. */
  node: string;
  /** The path by which this program was started. */
  script: string;
  terminal: Terminal;
  now(): Date;
  /** Runs a program that needs no input. */
  run(program: string, args: readonly string[]): Promise<ProgramResult>;
}

export interface ProgramResult {
  /** Undefined if it could not be started, or did not end by itself. */
  code: number | undefined;
  stderr: string;
}

export interface Terminal {
  /** Whether a person is there to answer. */
  isInteractive: boolean;
  /** For what was asked for. */
  out(text: string): void;
  /** For questions and notes. */
  note(text: string): void;
  /** What was typed; empty if it was closed without an answer. */
  ask(question: string): Promise<string>;
  /** The same without an echo. */
  askHidden(question: string): Promise<string>;
}
