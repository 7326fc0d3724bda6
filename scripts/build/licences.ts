import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

interface Licence {
  /** Name and version of the package, how it names its licence, and who has the copyright. */
  heading: string;
  text: string;
}

/** Whose the copyright is; the rest of a licence is the same for many packages. */
const NOTICE = /^[ \t*]*(?:Copyright (?:\([cC]\)|©|[A-Z\d[])|©).*$/gm;
/** As Apache's licence has it. */
const UNFILLED = '[yyyy]';
const TITLE = /^(?:the)?(?:mit|isc)licen[cs]e(?:mit)?/;

/**
 * The licences of these packages, given by their folders, each text once, and not that of this package; throws where a
 * package has none.
 */
export function licencesOf(folders: readonly string[], own: string): string {
  const groups = new Map<string, { headings: string[]; text: string }>();
  for (const { heading, text } of folders.map(licenceOf)) {
    const words = wordsOf(text);
    const known = words === wordsOf(own) ? 'The text is that of the file LICENSE.' : text;
    const { headings } = groups.get(words) ?? { headings: [] };
    groups.set(words, { headings: [...headings, heading], text: groups.get(words)?.text ?? known });
  }
  return [...groups.values()]
    .map(({ headings, text }) => `${headings.join('\n')}\n\n${text}\n`)
    .join(`\n${'-'.repeat(80)}\n\n`);
}

/** Without what licences differ in that say the same. */
const wordsOf = (text: string) =>
  text
    .replace(NOTICE, '')
    .toLowerCase()
    .replace(/[^a-z\d]/g, '')
    .replace(TITLE, '');

function licenceOf(folder: string): Licence {
  const { name, version, license }: { name: string; version: string; license?: string } = JSON.parse(
    readFileSync(path.join(folder, 'package.json'), 'utf8'),
  );
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
  if (!license && files.length === 0) throw new Error(`${name} has no licence`);
  const whole = files.map((file) => readFileSync(path.join(folder, file), 'utf8').trim()).join('\n\n');
  const notices = (whole.match(NOTICE) ?? [])
    .filter((line) => !line.includes(UNFILLED))
    .map((line) => `  ${line.trim()}`);
  return {
    heading: [`${name} ${version}: ${license ?? 'as follows'}`, ...notices].join('\n'),
    text: whole
      .replace(NOTICE, '')
      .replace(/\n{3,}/g, '\n\n')
      .trim(),
  };
}
