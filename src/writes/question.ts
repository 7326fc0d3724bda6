import { isFields } from '../text/json.ts';
import { quoted, seen, spellingsOf, visible } from '../text/visible.ts';
import type { Plan } from '../tools/plans/plan.ts';

export interface Question {
  lines: string[];
  field: { name: string; schema: { type: 'string'; title: string } | { type: 'boolean'; title: string } };
  /** Signed; binds the answer to the question. */
  state: string;
}

/** What a view needs in place of a question. */
export interface Button {
  token: string;
  /** Whether a name is to be typed. */
  isTyped: boolean;
  /** What the person should know besides the plan; the note of the answer also tells a model how to ask. */
  note?: string;
}

/** How a person agreed; `never` where nobody had to. */
export type Agreed = 'elicitation' | 'app' | 'token' | 'never';

/** `agreement` identifies the consent, which is valid for one write. */
export type Decision =
  | { go: true; agreed: Agreed; agreement?: string }
  | { question: Question }
  | {
      answer: { outcome: 'needs_confirmation' | 'declined'; confirmationToken?: string; note: string };
      button?: Button;
    };

export function fieldFor({ typed }: Plan): Question['field'] {
  return typed === undefined
    ? { name: 'confirm', schema: { type: 'boolean', title: 'Yes, do this' } }
    : { name: 'name', schema: { type: 'string', title: 'Name of what will be destroyed' } };
}

export function questionFor(plan: Plan, state: string, why?: string): Question {
  const { typed } = plan;
  // In quotes on its own line, so that its end is visible.
  const how = typed === undefined ? [] : ['To agree, type this name, without the quotes:', quoted(typed)];
  return { lines: [...(why === undefined ? [] : [why]), ...linesOf(plan), ...how], field: fieldFor(plan), state };
}

function linesOf({ summary, changes = [], effects }: Plan): string[] {
  const lines = changes.map((change) => {
    const before = 'from' in change ? `${change.from === undefined ? 'unknown' : valueIn(change.from)} → ` : '';
    return `${change.property}: ${before}${valueIn(change.to)}`;
  });
  return [summary, ...lines, ...effects].map(visible);
}

/** Anything but numbers, versions and times is quoted, so that it cannot pass for the server's words. */
function valueIn(value: unknown): string {
  if (typeof value === 'string') return /^[\w.:/-]*$/.test(value) ? value : quoted(value);
  if (Array.isArray(value)) return `[${value.map(valueIn).join(', ')}]`;
  if (!isFields(value)) return JSON.stringify(value) ?? 'unknown';
  const parts = Object.entries(value).filter(([, part]) => part !== undefined);
  return `{${parts.map(([name, part]) => `${valueIn(name)}: ${valueIn(part)}`).join(', ')}}`;
}

/** Undefined if the field is missing or malformed; false if the person did not say yes. */
export function answerIn(plan: Plan, content: Record<string, unknown> = {}): string | boolean | undefined {
  const { name, schema } = fieldFor(plan);
  const given = Object.hasOwn(content, name) ? content[name] : undefined;
  if (schema.type === 'string') return typeof given === 'string' ? given : undefined;
  if (given === true || given === 'true') return true;
  return given === false || given === 'false' ? false : undefined;
}

/** Ignores surrounding blanks and Unicode composition; a name of blanks only has to be typed in quotes. */
export function isName(wanted: string, given: unknown): boolean {
  if (typeof given !== 'string') return false;
  const plain = (name: string) => name.trim().normalize('NFC');
  const spelled = quoted(wanted);
  if (given === wanted || plain(given) === spelled) return true;
  if (plain(wanted) !== '' && spellingsOf(wanted).map(plain).includes(plain(given))) return true;
  // Some clients drop or add invisible characters.
  const bare = plain(seen(wanted));
  return bare !== '' && plain(seen(given)) === bare;
}
