import type { Person } from '../session.ts';
import type { Expected } from '../verify.ts';

export interface Call {
  tool: string;
  arguments: Record<string, unknown>;
}

/** A prompt in a conversation of its own, and the one call, or the question, that answers it. */
export interface Prompt {
  id: string;
  language: 'en' | 'de';
  text: string;
  expect: ExpectedCall | ExpectedQuestion;
}

/** Of a value as the server reads it: an age is a time. */
export type Allows = (value: unknown) => boolean;

export interface ExpectedCall extends Call {
  /** Other arguments that are as good. */
  or?: readonly Record<string, unknown>[];
  /** Arguments that may be there besides, with such values. */
  also?: Readonly<Record<string, Allows>>;
}

/** The person has to be asked before anything is changed. In whatever words: what follows their answer is judged. */
export interface ExpectedQuestion {
  answer: string;
  call: ExpectedCall;
}

export interface Task {
  id: string;
  prompt: string;
  person?: Person;
  expected: Expected;
  /** Proves that `expected` can be met; a model finds its own way. */
  solution: readonly Call[];
  /** Calls that end close by. Each has to fail. */
  nearMisses: Readonly<Record<string, readonly Call[]>>;
}

/** Answered by reading alone. */
export interface StableQuestion {
  id: string;
  text: string;
  answer: string;
  /** Calls whose results have what the answer follows from. */
  sources: readonly Call[];
  /** The answer, from those results. */
  derive(results: readonly unknown[]): string;
}
