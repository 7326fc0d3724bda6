import { cut, quoted, visible } from './visible.ts';

const MAX_NAME = 200;

/** A single word cannot pass for a sentence. */
const WORD = /^[\p{L}\p{N}][\p{L}\p{N}._:/@+-]*$/u;

/** Quotes a text of the API within a sentence, unless it is a single word. */
export function shortened(text = ''): string {
  const short = cut(text, MAX_NAME);
  return short === '' || (WORD.test(short) && visible(short) === short) ? short : quoted(short);
}

export function labelOf({ id, displayName }: { id: string; displayName?: string }): string {
  return displayName ? `${quoted(cut(displayName, MAX_NAME))} (${shortened(id)})` : shortened(id);
}
