import type { ExpectedQuestion } from './cases.ts';

const WHICH = /^(which|welch\p{L}*)$/u;
const ASKING = /^(what|how|where|who|whose|when|was|wie|wo|wohin|wer|wem|wessen|wann)$/u;
const PROPOSING = /^(mean|meant|prefer|meinst|meinen|gemeint)$/u;
const REQUESTING =
  /^(please|tell|say|name|specify|provide|give|choose|pick|clarify|know|need|bitte|sag\p{L}*|nenn\p{L}*|teil\p{L}*|gib|geben|wähl\p{L}*|verrat\p{L}*|brauch\p{L}*|benötig\p{L}*)$/u;
/** What wants a yes and not what is missing. */
const CONFIRMING = /^(confirm\p{L}*|yes|proceed|reply|type|ja|bestätig\p{L}*|antworte\p{L}*)$/u;
const OFFERING = /\b(else|sonst|can i|may i|kann ich|darf ich)\b/;

/** Whether a sentence of the text asks for what is missing, or begs for it. A guess to agree to is none. */
export function asks(text: string, { asksFor, between = [] }: ExpectedQuestion): boolean {
  return sentencesIn(text).some((sentence) => {
    const words = wordsIn(sentence);
    const has = (kind: RegExp) => words.some((word) => kind.test(word));
    const topics = asksFor.filter((word) => sentence.includes(word)).length;
    const isChoice = has(WHICH) || between.filter((name) => words.includes(name)).length > 1;
    const isRequest = has(REQUESTING) && !has(CONFIRMING);
    if (isChoice) return isRequest || /[?:]$/.test(sentence);
    if (sentence.endsWith('?')) {
      if (OFFERING.test(sentence)) return false;
      return topics > 1 || (topics === 1 && (has(ASKING) || has(PROPOSING)));
    }
    return isRequest && topics > 0;
  });
}

/** Whether the text wants an answer: a question, or words that beg for a yes. */
export const wantsAnswer = (text: string) =>
  sentencesIn(text).some(
    (sentence) => sentence.endsWith('?') || wordsIn(sentence).some((word) => CONFIRMING.test(word)),
  );

const wordsIn = (sentence: string): readonly string[] => sentence.match(/[\p{L}\p{N}]+(?:-[\p{L}\p{N}]+)*/gu) ?? [];

const sentencesIn = (text: string) =>
  (text.toLowerCase().match(/[^.?!\n]+[.?!]?/g) ?? []).map((sentence) => sentence.trim());
