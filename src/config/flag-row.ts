import * as z from 'zod';
import type { ValueKind } from '../placeholder.ts';
import type { ReadFile } from './files.ts';
import type { Environment } from './paths.ts';

/** Where values that name something outside this program are looked up. */
export interface Surroundings {
  env: Environment;
  readFile: ReadFile;
}

/**
 * All that is to be said of a flag, once: help, the documentation and the check of its value come from it. Its key in the
 * table is its name in the code; `--read-only` follows from `readOnly`.
 */
export interface Flag<Value = unknown> {
  /** What its value is called; a flag without one is there or not. */
  value?: string;
  /** In help and in the documentation, where backticks mark code. */
  says: string;
  /** In the documentation alone, in Markdown. */
  more?: string;
  /** As it would be typed. */
  default?: string;
  /** Of the default, in words. */
  exception?: string;
  /** In the documentation alone, in Markdown: what holds when it is left out and no value says it. */
  otherwise?: string;
  isRepeated?: boolean;
  /** What placeholders are told from. */
  kind?: ValueKind;
  /** Made when asked for, since each start pays for every schema. */
  schema(name: string, surroundings: Surroundings): z.ZodType<Value>;
}

type Flags = Readonly<Record<string, Flag>>;

/** What becomes of the flags in a table. */
export type SettingsOf<Rows extends Flags> = { [Key in keyof Rows]: z.output<ReturnType<Rows[Key]['schema']>> };

/** A flag with a default, which passes the same check as what is typed. */
export const flag = <Value>(row: Flag<Value> & { default: string }): Flag<Value> => ({
  ...row,
  schema: (name, surroundings) => row.schema(name, surroundings).prefault(row.default),
});

/** Undefined when left out; a default that is named depends on other settings and is filled in with them. */
export const optional = <Value>(row: Flag<Value>): Flag<Value | undefined> => ({
  ...row,
  schema: (name, surroundings) => row.schema(name, surroundings).optional(),
});

/** There or not. */
export const toggle = (row: Omit<Flag, 'schema' | 'value'>): Flag<true | undefined> =>
  optional({ ...row, schema: () => z.literal(true) });

/** Can stand several times; the schema gets all values in an array, which is empty when it is left out. */
export const repeated = <Value>(row: Flag<Value>): Flag<Value> => ({
  ...row,
  isRepeated: true,
  schema: (name, surroundings) => row.schema(name, surroundings).prefault([]),
});

/** As it is typed: `--read-only` for `readOnly`. */
export const flagName = (key: string) => `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** The shape of an object with a setting for each flag. */
export function shapeOf<Rows extends Flags>(rows: Rows, surroundings: Surroundings) {
  const fields = Object.entries(rows).map(([key, flag]) => [key, flag.schema(flagName(key), surroundings)] as const);
  return Object.fromEntries(fields) as { [Key in keyof Rows]: z.ZodType<SettingsOf<Rows>[Key]> };
}
