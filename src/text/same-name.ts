import { spellingsOf } from './visible.ts';

export const LONGEST_NAME = 200;

/** The lower case of I in Turkish alone, so that no other language's I equals it. */
const DOTLESS_I = 'ı';

/** Equal for texts that differ only in letter case or in Unicode composition, whatever the machine's language. */
export function folded(text: string): string {
  const parts = text.normalize('NFC').split(DOTLESS_I);
  return parts.map(foldedPart).join(DOTLESS_I);
}

/** Upper case has one form for ß and ss, and for σ and ς, but ẞ of its own. */
const foldedPart = (text: string) => text.toLowerCase().toUpperCase().normalize('NFC');

/** Whether `given` is the name, written with its own characters or as lists and plans show them. */
export function isSameName(name: string, given: string): boolean {
  const comparable = (text: string) => folded(text.trim());
  const wanted = comparable(given);
  if (wanted === '' || name.length > LONGEST_NAME) return false;
  return spellingsOf(name).map(comparable).includes(wanted);
}
