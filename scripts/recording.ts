// What the documentation shows of npm run demo: a transcript, and a picture of a terminal that plays it.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

export const TRANSCRIPT_PAGE = 'README.md';
export const PICTURE = 'docs/demo.svg';

const MARKERS = /(?<=^<!-- demo: [^\n]* -->\n).*?(?=^<!-- \/demo -->$)/ms;
/** Headings of the demo's steps, by their first words. */
const IN_TRANSCRIPT = ['Upgrade it'];
const IN_PICTURE = ['Which clusters', 'Order one, with a slip', 'Upgrade it', 'Someone deletes'];

/** All that the demo prints; throws if it does not end well. */
export async function runDemo(): Promise<string> {
  const root = path.join(import.meta.dirname, '..');
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', 'scripts/demo.ts'], { cwd: root });
  return stdout;
}

/** The page's text with the transcript between its markers written anew. */
export function withTranscript(page: string, output: string): string {
  if (!MARKERS.test(page)) throw new Error(`${TRANSCRIPT_PAGE} lacks <!-- demo: … --> or <!-- /demo -->`);
  const lines = steps(output, IN_TRANSCRIPT).flat();
  return page.replace(MARKERS, () => `\n\`\`\`text\n${lines.join('\n')}\n\`\`\`\n\n`);
}

/** The steps whose headings begin like this, each with its heading first. */
function steps(output: string, beginnings: readonly string[]): string[][] {
  const all = output.split(/\n\n(?=\d+\. )/).map((text) => text.trimEnd().split('\n'));
  return beginnings.map((beginning) => {
    const found = all.find(([heading = '']) => heading.replace(/^\d+\. /, '').startsWith(beginning));
    if (!found) throw new Error(`the demo has no step that begins with "${beginning}"`);
    const lines = found.filter((line) => line !== '' && line !== 'All as expected.');
    // How many reports of progress there are depends on how fast the machine is.
    return lines.filter((line, n) => !isProgress(line) || !isProgress(lines[n - 1]));
  });
}

const isProgress = (line = '') => line.trim().startsWith('…');

/** Replaces what differs from one run to the next. */
export const withoutChance = (text: string) =>
  text
    .replace(/\b[\da-f]{8}…(-[\da-z]+-\d+)?/g, 'ID')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/\b\d+ s\b/g, 'SECONDS');

const COLUMNS = 112;
const SIZE = { font: 13, column: 7.8, row: 19, margin: 20, bar: 34 };
/** Seconds until the next line lights up, longer before a person's answer. */
const PAUSES: Readonly<Record<string, number>> = { '!': 1.5, '…': 0.8 };
const PAUSE = 0.35;

const STYLE = `
text{font:${SIZE.font}px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#c9d1d9;white-space:pre}
.step{fill:#fff;font-weight:bold}.call{fill:#79c0ff}.asked{fill:#e3b341}.answer{fill:#7ee787}.progress{fill:#8b949e}
.line{animation:light .3s both}
@keyframes light{from{opacity:.2}}
@media(prefers-reduced-motion:reduce){.line{animation:none}}`;

const CLASSES: Readonly<Record<string, string>> = { '→': 'call', '?': 'asked', '!': 'answer', '…': 'progress' };

/** Every line can be read without the animation, which only lights them up one by one. */
export function pictureOf(output: string): string {
  const rows: string[] = [];
  let [row, seconds] = [0, 0.5];
  for (const step of steps(output, IN_PICTURE)) {
    for (const [index, line] of step.entries()) {
      const sign = line.trim().charAt(0);
      seconds += PAUSES[sign] ?? PAUSE;
      const kind = index === 0 ? 'step' : CLASSES[sign];
      for (const part of wrapped(line)) {
        rows.push(textRow(part, row, kind, seconds));
        row += 1;
      }
    }
    row += 1;
  }
  const width = Math.ceil(COLUMNS * SIZE.column) + 2 * SIZE.margin;
  const height = SIZE.bar + (row - 1) * SIZE.row + SIZE.margin;
  const dots = ['#ff5f56', '#ffbd2e', '#27c93f'].map(
    (colour, index) => `<circle cx="${SIZE.margin + 20 * index}" cy="17" r="6" fill="${colour}"/>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    '<title>Parts of npm run demo</title>',
    `<style>${STYLE}\n</style>`,
    `<rect width="100%" height="100%" rx="8" fill="#0d1117"/>`,
    dots.join(''),
    ...rows,
    '</svg>\n',
  ].join('\n');
}

function textRow(text: string, row: number, kind: string | undefined, seconds: number): string {
  const indent = text.length - text.trimStart().length;
  const [x, y] = [SIZE.margin + indent * SIZE.column, SIZE.bar + row * SIZE.row + SIZE.font];
  const classes = ['line', kind].filter(Boolean).join(' ');
  const words = text.trimStart().replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<text class="${classes}" style="animation-delay:${seconds.toFixed(2)}s" x="${x.toFixed(1)}" y="${y}">${words}</text>`;
}

/** At blanks or after commas, with what follows indented like the text of the first line. */
function wrapped(line: string): string[] {
  const indent = ' '.repeat(line.length - line.trimStart().length + 2);
  const rows: string[] = [];
  let rest = line;
  while (rest.length > COLUMNS) {
    const space = Math.max(rest.lastIndexOf(' ', COLUMNS), rest.lastIndexOf(',', COLUMNS - 1) + 1);
    const end = space > indent.length ? space : COLUMNS;
    rows.push(rest.slice(0, end));
    rest = indent + rest.slice(end).trimStart();
  }
  return [...rows, rest];
}
