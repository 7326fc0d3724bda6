// Makes dist, the program as it is published: npm run build
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build, type Metafile, type Plugin, transform } from 'esbuild';
import packageJson from '../../package.json' with { type: 'json' };
import { listing } from '../../src/mcp/listing.ts';
import { appPage, browserPage } from './app.ts';
import { licencesOf } from './licences.ts';
import { restore } from './manifest.ts';
import { addPlugin } from './plugin.ts';

const root = path.join(import.meta.dirname, '../..');
const dist = path.join(root, 'dist');
const TARGET = { platform: 'node', target: 'node20', legalComments: 'none', logLevel: 'warning' } as const;

/** What modules give that need not be made anew at each start. */
const finished: Plugin = {
  name: 'finished',
  setup({ onLoad }) {
    const value = (name: string, value: unknown) => ({ contents: `export const ${name} = ${JSON.stringify(value)};` });
    onLoad({ filter: /[/\\]src[/\\]mcp[/\\]listing\.ts$/ }, () => value('listing', listing));
    onLoad({ filter: /[/\\]src[/\\]version\.ts$/ }, () => value('version', packageJson.version));
  },
};

/** What is imported by something and never comes to use here, though it takes time to load or much room. */
const UNUSED: readonly { path: RegExp; importer: RegExp; why: string }[] = [
  { path: /^@modelcontextprotocol\/server\/_shims$/, importer: /./, why: "the SDK's JSON Schema validator, for forms" },
  { path: /^raw-body$/, importer: /modelcontextprotocol/, why: 'reads bodies that the SSE transport gets parsed here' },
  { path: /^thread-stream$/, importer: /pino/, why: 'writes logs from another thread' },
  {
    path: /^\.\/lib\/(summary|pushgateway|cluster)$/,
    importer: /prom-client/,
    why: 'metrics of another kind, those sent to a gateway, and those of several processes',
  },
  { path: /^@opentelemetry\/api$/, importer: /prom-client/, why: 'links metrics to traces, of which there are none' },
  { path: /^\.\/native$/, importer: /[/\\]pg[/\\]/, why: 'a client that needs a compiled library' },
];

const unused: Plugin = {
  name: 'unused',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /./ }, ({ path, importer }) => {
      const found = UNUSED.find((each) => each.path.test(path) && each.importer.test(importer));
      return found && { path, namespace: 'unused', pluginData: found.why };
    });
    onLoad({ filter: /./, namespace: 'unused' }, ({ path, pluginData }) => ({
      contents: `
        import process from 'node:process';
        class Unused { constructor() { this.missing = ${JSON.stringify(`${path} is left out: ${pluginData}`)}; } }
        export { process, Unused as DefaultJsonSchemaValidator, Unused as default };`,
      resolveDir: root,
    }));
  },
};

/** The modules of the program, those that are loaded later in files of their own. */
async function bundle() {
  const { outputFiles, metafile } = await build({
    ...TARGET,
    entryPoints: { main: path.join(root, 'src/main.ts') },
    bundle: true,
    splitting: true,
    format: 'esm',
    minify: true,
    outdir: dist,
    entryNames: '[name]',
    chunkNames: '[name]-[hash]',
    sourcemap: 'inline',
    metafile: true,
    write: false,
    // Of ECMAScript modules a bundler can leave out what is not used.
    mainFields: ['module', 'main'],
    plugins: [finished, unused],
    alias: {
      'ip-address': path.join(root, 'scripts/build/ip-address.ts'),
      // Unlike the file for Node, it lets a bundler leave out what is not used.
      yaml: path.join(root, 'node_modules/yaml/browser/dist/index.js'),
    },
  });
  return { modules: outputFiles.map((file) => ({ name: path.basename(file.path), code: file.text })), metafile };
}

interface Module {
  name: string;
  code: string;
}

/** With the way back from its lines to the source. */
interface Mapped extends Module {
  map: object;
}

/** CommonJS starts faster than ECMAScript modules, and Node 20 can keep its compiled code; esbuild splits only the latter. */
async function toCommonJs(modules: readonly Module[]): Promise<Mapped[]> {
  const settings = {
    ...TARGET,
    format: 'cjs',
    minify: true,
    supported: { 'dynamic-import': false },
    define: { 'import.meta.dirname': '__dirname' },
  } as const;
  return Promise.all(
    modules.map(async ({ name, code }) => {
      const made = await transform(code, { ...settings, sourcefile: name, sourcemap: 'external' });
      const map: { sources: string[] } = JSON.parse(made.map);
      // They lie a folder deeper than the code.
      return { name, code: made.code, map: { ...map, sources: map.sources.map((source) => `../${source}`) } };
    }),
  );
}

/** Maps of code that begins in these lines of one file. */
const sectioned = (sections: { line: number; map: object }[]) => ({
  version: 3,
  sections: sections.map(({ line, map }) => ({ offset: { line, column: 0 }, map })),
});

/** Modules that the first one always loads are one file with it, which is read and compiled as one. */
function joined(modules: readonly Mapped[], { outputs }: Metafile): Mapped[] {
  const importsOf = (name: string) =>
    (outputs[`dist/${name}`]?.imports ?? []).filter(({ kind, external }) => kind === 'import-statement' && !external);
  const together = new Set<string>();
  const visit = (name: string) => {
    if (together.has(name)) return;
    together.add(name);
    for (const { path: file } of importsOf(name)) visit(path.basename(file));
  };
  visit('main.js');
  let main = 'var d={';
  const sections: { line: number; map: object }[] = [];
  for (const { name, code, map } of modules.filter(({ name }) => together.has(name))) {
    main += `"./${name}":function(exports,require,module){\n`;
    sections.push({ line: main.split('\n').length - 1, map });
    main += `${code.trimEnd()}\n},`;
  }
  main += `},l={};
function r(n){if(!d[n])return require(n);if(l[n])return l[n].exports;var m=l[n]={exports:{}};d[n](m.exports,r,m);return m.exports}
module.exports=r;r("./main.js");`;
  // What is in main.js they get from there, and from there also the rest.
  const apart = modules
    .filter(({ name }) => !together.has(name))
    .map(({ name, code, map }) => ({
      name,
      code: `"use strict";require=require("./main.js");\n${code}`,
      map: sectioned([{ line: 1, map }]),
    }));
  return [{ name: 'main.js', code: main, map: sectioned(sections) }, ...apart];
}

/** The file that is started. An old Node has to get as far as its check of the version. */
async function launcher() {
  const { outputFiles } = await build({
    ...TARGET,
    target: 'node12',
    entryPoints: [path.join(root, 'src/launch.ts')],
    bundle: true,
    format: 'cjs',
    minify: true,
    external: ['./main.js'],
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

function packagesIn(...metafiles: Metafile[]): string[] {
  const inputs = metafiles.flatMap((each) => Object.keys(each.inputs));
  const names = inputs.flatMap((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[0] ?? []);
  return [...new Set(names)].sort();
}

restore();
const { modules, metafile } = await bundle();
const app = await appPage();
const page = await browserPage();
const files = joined(await toCommonJs(modules), metafile);
rmSync(dist, { recursive: true, force: true });
mkdirSync(path.join(dist, 'maps'), { recursive: true });
for (const { name, code, map } of files) {
  writeFileSync(path.join(dist, name), code);
  writeFileSync(path.join(dist, 'maps', `${name}.map`), JSON.stringify(map));
}
writeFileSync(path.join(dist, 'index.js'), await launcher());
chmodSync(path.join(dist, 'index.js'), 0o755);
writeFileSync(path.join(dist, 'app.html'), app.html);
writeFileSync(path.join(dist, 'page.html'), page.html);
addPlugin(dist);
writeFileSync(path.join(dist, 'package.json'), '{ "type": "commonjs" }\n');
writeFileSync(
  path.join(dist, 'THIRD-PARTY-LICENSES.txt'),
  licencesOf(
    packagesIn(metafile, app.metafile).map((folder) => path.join(root, folder)),
    readFileSync(path.join(root, 'LICENSE'), 'utf8'),
  ),
);
