import { NOW } from '../../world.ts';
import type { Allows } from '../case.ts';

/** Whatever the tool accepts there means the same for the prompt. */
export const anything: Allows = () => true;

export const oneOf =
  (...values: readonly unknown[]): Allows =>
  (value) =>
    values.includes(value);

/** A minute off is as good. */
const TOLERANCE_MS = 60_000;
const timeIn = (value: unknown) => Date.parse(String(value));

export const atOrBefore =
  (time: string): Allows =>
  (value) =>
    timeIn(value) <= timeIn(time) + TOLERANCE_MS;

/** So that nothing up to the present is left out. */
export const notBeforeNow: Allows = (value) => timeIn(value) >= NOW - TOLERANCE_MS;
