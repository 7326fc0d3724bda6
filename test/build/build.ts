// Makes dist, the program as it is published: npm run build
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build, type Metafile, type Plugin, transform } from 'esbuild';
import packageJson from '../../package.json' with { type: 'json' };
import { contract } from '../../src/contract.ts';
import { licencesOf } from './licences.ts';

const root = path.join(import.meta.dirname, '../..');
const dist = path.join(root, 'dist');
const TARGET = { platform: 'node', target: 'node20', legalComments: 'none', logLevel: 'warning' } as const;

/** What modules give that need not be made anew at each start. */
const finished: Plugin = {
  name: 'finished',
  setup({ onLoad }) {
    const value = (name: string, value: unknown) => ({ contents: `export const ${name} = ${JSON.stringify(value)};` });
    onLoad({ filter: /[/\\]src[/\\]contract\.ts$/ }, () => value('contract', contract));
    onLoad({ filter: /[/\\]src[/\\]version\.ts$/ }, () => value('version', packageJson.version));
  },
};

/** What of a package comes to use here, where its main file brings all of it. */
const PARTS: Readonly<Record<string, Record<string, string>>> = {
  'rate-limiter-flexible': {
    RateLimiterMemory: "require('rate-limiter-flexible/lib/RateLimiterMemory.js')",
    RateLimiterRes: "require('rate-limiter-flexible/lib/RateLimiterRes.js')",
  },
};

const parts: Plugin = {
  name: 'parts',
  setup({ onResolve, onLoad }) {
    const names = new RegExp(`^(${Object.keys(PARTS).join('|')})$`);
    onResolve({ filter: names }, ({ path }) => ({ path, namespace: 'parts' }));
    onLoad({ filter: names, namespace: 'parts' }, ({ path }) => ({
      contents: Object.entries(PARTS[path] ?? {})
        .map(([name, value]) => `exports.${name} = ${value};`)
        .join('\n'),
      resolveDir: root,
    }));
  },
};

/** What is imported by something and never comes to use here, though it takes time to load or much room. */
const UNUSED: readonly { path: RegExp; importer: RegExp; why: string }[] = [
  { path: /^@modelcontextprotocol\/server\/_shims$/, importer: /./, why: "the SDK's JSON Schema validator, for forms" },
  { path: /^raw-body$/, importer: /modelcontextprotocol/, why: 'reads bodies that the SSE transport gets parsed here' },
  { path: /^thread-stream$/, importer: /pino/, why: 'writes logs from another thread' },
  { path: /^@opentelemetry\/api$/, importer: /prom-client/, why: 'links metrics to traces, of which there are none' },
  { path: /^node:child_process$/, importer: /commander/, why: 'runs commands that are programs of their own' },
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
    entryPoints: { main: path.join(root, 'src/index.ts') },
    bundle: true,
    splitting: true,
    format: 'esm',
    minify: true,
    outdir: dist,
    entryNames: '[name]',
    chunkNames: '[name]-[hash]',
    metafile: true,
    write: false,
    plugins: [finished, parts, unused],
  });
  return { modules: outputFiles.map((file) => [path.basename(file.path), file.text] as const), metafile };
}

type Module = readonly [name: string, code: string];

/** CommonJS starts faster than ECMAScript modules, and Node 20 can keep its compiled code; esbuild splits only the latter. */
async function toCommonJs(modules: readonly Module[]): Promise<Module[]> {
  const settings = { ...TARGET, format: 'cjs', minify: true, supported: { 'dynamic-import': false } } as const;
  return Promise.all(modules.map(async ([name, code]) => [name, (await transform(code, settings)).code] as const));
}

/** Modules that the first one always loads are one file with it, which is read and compiled as one. */
function joined(modules: readonly Module[], { outputs }: Metafile): Module[] {
  const importsOf = (name: string) =>
    (outputs[`dist/${name}`]?.imports ?? []).filter(({ kind, external }) => kind === 'import-statement' && !external);
  const together = new Set<string>();
  const visit = (name: string) => {
    if (together.has(name)) return;
    together.add(name);
    for (const { path: file } of importsOf(name)) visit(path.basename(file));
  };
  visit('main.js');
  const inside = modules.filter(([name]) => together.has(name));
  const functions = inside.map(([name, code]) => `"./${name}":function(exports,require,module){${code}}`);
  const main = `var d={${functions.join(',')}},l={};
function r(n){if(!d[n])return require(n);if(l[n])return l[n].exports;var m=l[n]={exports:{}};d[n](m.exports,r,m);return m.exports}
module.exports=r;r("./main.js");`;
  const apart = modules
    .filter(([name]) => !together.has(name))
    .map(([name, code]): Module => {
      const call = (whole: string, file: string) => (together.has(file) ? `require("./main.js")("./${file}")` : whole);
      return [name, code.replace(/require\("\.\/([\w-]+\.js)"\)/g, call)];
    });
  return [['main.js', main], ...apart];
}

/** The file that is started: it loads the others with the help of what their last run has left. */
async function launcher(buildId: string) {
  const { outputFiles } = await build({
    ...TARGET,
    entryPoints: [path.join(root, 'src/launch.ts')],
    bundle: true,
    format: 'cjs',
    minify: true,
    external: ['./main.js'],
    define: { BUILD_ID: JSON.stringify(buildId) },
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

function packagesIn({ inputs }: Metafile): string[] {
  const names = Object.keys(inputs).flatMap((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[0] ?? []);
  return [...new Set(names)].sort();
}

const { modules, metafile } = await bundle();
const files = joined(await toCommonJs(modules), metafile);
const buildId = createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 12);

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
for (const [name, code] of files) writeFileSync(path.join(dist, name), code);
writeFileSync(path.join(dist, 'index.js'), await launcher(buildId));
chmodSync(path.join(dist, 'index.js'), 0o755);
writeFileSync(path.join(dist, 'package.json'), '{ "type": "commonjs" }\n');
writeFileSync(
  path.join(dist, 'THIRD-PARTY-LICENSES.txt'),
  licencesOf(packagesIn(metafile).map((folder) => path.join(root, folder))),
);
