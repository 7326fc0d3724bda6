import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { build, type Metafile } from 'esbuild';

const src = path.join(import.meta.dirname, '../../src');

interface Source {
  /** Below src. */
  script: string;
  style: string;
  body: string;
  /** What the page may do in addition to showing itself; undefined if it sets its policy itself. */
  may?: readonly string[];
}

/** The view of MCP Apps: src/app/policy.ts. */
export const appPage = () =>
  onePage({ script: 'app/main.tsx', style: 'app/style.css', body: '<main id="app"></main>' });

/** The page at / of a hosted server: it calls its own server, and shows the view in a frame. */
export const browserPage = () =>
  onePage({
    script: 'page/main.ts',
    style: 'page/style.css',
    body: readFileSync(path.join(src, 'page/body.html'), 'utf8').trim(),
    may: ["connect-src 'self'", "frame-src 'self'"],
  });

/** One HTML file that loads nothing. */
async function onePage({ script, style, ...rest }: Source): Promise<{ html: string; metafile: Metafile }> {
  const { outputFiles, metafile } = await build({
    entryPoints: { app: path.join(src, script), style: path.join(src, style) },
    outdir: 'out',
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: ['es2022', 'chrome120', 'firefox121', 'safari17'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    minify: true,
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    write: false,
  });
  const textOf = (name: string) => outputFiles.find((file) => path.basename(file.path) === name)?.text.trim() ?? '';
  return { html: page(textOf('app.js'), textOf('style.css'), rest), metafile };
}

function page(script: string, style: string, { body, may }: Pick<Source, 'body' | 'may'>): string {
  for (const text of [script, style]) {
    if (/<\/(script|style)/i.test(text)) throw new Error('The text of an element of the page would end it');
  }
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">${may ? policyElement(script, style, may) : ''}
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>PostgreSQL clusters</title>
<style>${style}</style>
</head>
<body>
${body}
<script>${script}</script>
</body>
</html>
`;
}

/** Names the script and the style by their hashes. */
function policyElement(script: string, style: string, may: readonly string[]): string {
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    'img-src data:',
    ...may,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `\n<meta http-equiv="Content-Security-Policy" content="${policy}">`;
}

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
