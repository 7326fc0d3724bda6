import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

interface Licence {
  /** Name and version of the package, and how it names its licence. */
  heading: string;
  text: string;
}

/**
 * The licences of these packages, given by their folders, each text once, and none that is this package's own; throws
 * where a package has none.
 */
export function licencesOf(folders: readonly string[], own: string): string {
  const licenceOf = (folder: string) => {
    const { heading, text } = readLicence(folder);
    return { heading, text: oneLine(text) === oneLine(own) ? 'The text is that of the file LICENSE.' : text };
  };
  const headings = new Map<string, string[]>();
  for (const { heading, text } of folders.map(licenceOf)) headings.set(text, [...(headings.get(text) ?? []), heading]);
  return [...headings].map(([text, each]) => `${each.join('\n')}\n\n${text}\n`).join(`\n${'-'.repeat(80)}\n\n`);
}

const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim();

function readLicence(folder: string): Licence {
  const { name, version, license }: { name: string; version: string; license?: string } = JSON.parse(
    readFileSync(path.join(folder, 'package.json'), 'utf8'),
  );
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
  if (!license && files.length === 0) throw new Error(`${name} has no licence`);
  const texts = files.map((file) => readFileSync(path.join(folder, file), 'utf8').trim());
  return { heading: `${name} ${version}: ${license ?? 'as follows'}`, text: texts.join('\n\n') };
}
