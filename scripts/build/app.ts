import { createHash } from 'node:crypto';
import path from 'node:path';
import { build, type Metafile } from 'esbuild';

const app = path.join(import.meta.dirname, '../../src/app');

/** The view as one HTML file that loads nothing: its policy names its script and its style by their hashes. */
export async function appPage(): Promise<{ html: string; metafile: Metafile }> {
  const { outputFiles, metafile } = await build({
    entryPoints: { app: path.join(app, 'main.tsx'), style: path.join(app, 'style.css') },
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
  return { html: page(textOf('app.js'), textOf('style.css')), metafile };
}

function page(script: string, style: string): string {
  for (const text of [script, style]) {
    if (/<\/(script|style)/i.test(text)) throw new Error('The text of an element of the page would end it');
  }
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>PostgreSQL clusters</title>
<style>${style}</style>
</head>
<body>
<main id="app"></main>
<script>${script}</script>
</body>
</html>
`;
}

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
