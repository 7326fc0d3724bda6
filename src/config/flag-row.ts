import * as z from 'zod';
import type { ValueKind } from '../text/placeholder.ts';
import type { ReadFile } from './files.ts';
import type { Environment } from './paths.ts';

export interface Surroundings {
  env: Environment;
  readFile: ReadFile;
}

/** The only place that describes a flag: help, documentation and validation follow from it. */
export interface Flag<Value = unknown> {
  value?: string;
  /** For help and documentation; backticks mark code. */
  says: string;
  /** Markdown, for the documentation only. */
  more?: string;
  default?: string;
  exception?: string;
  /** Markdown, for the documentation only: what applies without a value. */
  otherwise?: string;
  isRepeated?: boolean;
  /** Words that a flag without a value takes all the same, as in `--require-human=app`. */
  also?: readonly string[];
  kind?: ValueKind;
  /** Created on demand, because creating every schema slows each start. */
  schema(name: string, surroundings: Surroundings): z.ZodType<Value>;
}

type Flags = Readonly<Record<string, Flag>>;

export type SettingsOf<Rows extends Flags> = { [Key in keyof Rows]: z.output<ReturnType<Rows[Key]['schema']>> };

export const flag = <Value>(row: Flag<Value> & { default: string }): Flag<Value> => ({
  ...row,
  schema: (name, surroundings) => row.schema(name, surroundings).prefault(row.default),
});

/** The default depends on other settings and is filled in with them. */
export const optional = <Value>(row: Flag<Value>): Flag<Value | undefined> => ({
  ...row,
  schema: (name, surroundings) => row.schema(name, surroundings).optional(),
});

export const toggle = (row: Omit<Flag, 'schema' | 'value'>): Flag<true | undefined> =>
  optional({ ...row, schema: () => z.literal(true) });

export const repeated = <Value>(row: Flag<Value>): Flag<Value> => ({
  ...row,
  isRepeated: true,
  schema: (name, surroundings) => row.schema(name, surroundings).prefault([]),
});

export const flagName = (key: string) => `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

export function shapeOf<Rows extends Flags>(rows: Rows, surroundings: Surroundings) {
  const fields = Object.entries(rows).map(([key, flag]) => [key, flag.schema(flagName(key), surroundings)] as const);
  return Object.fromEntries(fields) as { [Key in keyof Rows]: z.ZodType<SettingsOf<Rows>[Key]> };
}
