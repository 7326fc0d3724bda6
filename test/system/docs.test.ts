import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { SkillsClient } from '@modelcontextprotocol/client/ext/skills';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import packageJson from '../../package.json' with { type: 'json' };
import { TRANSCRIPT_PAGE } from '../../scripts/recording.ts';
import { PAGE, withTables } from '../../scripts/settings-tables.ts';
import { scopesOf } from '../../src/access.ts';
import { loadConfig } from '../../src/config/index.ts';
import { estimate } from '../../src/prices/estimate.ts';
import { readPriceFile, tableOfFile } from '../../src/prices/price-file.ts';
import { tools as ourTools } from '../../src/tools/index.ts';
import { readPolicy } from '../../src/writes/policy-file.ts';
import {
  blocksOf,
  type Command,
  code,
  commands,
  exampleEntries,
  pages,
  proseOf,
  root,
  rowsIn,
  section,
  tablesIn,
  textOf,
} from '../helpers/pages.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const run = promisify(execFile);
const built = path.join(root, 'dist/index.js');

/** How something starts this server. */
interface Launch {
  where: string;
  command: string;
  args: string[];
  env: Record<string, string>;
}

/** How a client connects to a hosted server. */
interface Remote {
  where: string;
  url: string;
  headers: Record<string, string>;
}

type Entry =
  | { command: string; args: string[]; env?: Record<string, string> }
  | { type?: string; url: string; headers?: Record<string, string> };
type Entries = Record<string, Entry>;

function entriesIn(text: string): [string, Entry][] {
  const { mcpServers, servers }: { mcpServers?: Entries; servers?: Entries } = JSON.parse(text);
  return Object.entries({ ...mcpServers, ...servers });
}

const isBridge = (args: string[]) => /^mcp-remote@\d[\w.-]*$/.test(args[1] ?? '');

function launchesInJson(file: string, text: string): Launch[] {
  return entriesIn(text).flatMap(([name, entry]) => {
    if (!('command' in entry) || isBridge(entry.args)) return [];
    const { command, args, env = {} } = entry;
    return [{ where: `${file}: ${name}, ${command} ${args.join(' ')}`, command, args, env }];
  });
}

function remotesInJson(file: string, text: string): Remote[] {
  return entriesIn(text).flatMap(([name, entry]) => {
    const where = `${file}: ${name}, ${JSON.stringify(entry)}`;
    if ('url' in entry) return [{ where, url: entry.url, headers: entry.headers ?? {} }];
    if (!isBridge(entry.args)) return [];
    const [, , url = '', ...options] = entry.args.map((arg) =>
      arg.replace(/\$\{(\w+)\}/g, (_, variable: string) => entry.env?.[variable] ?? ''),
    );
    return [{ where, url, headers: headersIn(options) }];
  });
}

function remotesInShell({ page, words }: Command): Remote[] {
  if (!words.join(' ').startsWith('claude mcp add --transport http ')) return [];
  const [, url = '', ...options] = words.slice(5);
  return [{ where: `${page}: ${words.join(' ')}`, url, headers: headersIn(options) }];
}

/** Of nothing but `--header name:value`, which both programs take as often as there are headers. */
function headersIn(options: string[]): Record<string, string> {
  const pairs = options.flatMap((word, index) => (index % 2 === 0 ? [[word, options[index + 1]]] : []));
  const headers = pairs.map(([flag, header = '']) => {
    const [, name = '', value = ''] = /^([\w-]+): ?(.+)$/.exec(header) ?? [];
    expect([flag, name], options.join(' ')).toEqual(['--header', expect.stringMatching(/\w/)]);
    return [name, value];
  });
  return Object.fromEntries(headers);
}

/** Whether it changes a client's settings, and starts no server. */
const isInstall = ([, script, command = '']: string[]) => script === 'dist/index.js' && /^(un)?install$/.test(command);

function launchesInShell({ page, words }: Command): Launch[] {
  if (isInstall(words)) return [];
  const names = /^ionos-postgres-mcp(@|$)|(^|\/)dist\/index\.js$/;
  const named = words.findIndex((word) => names.test(word));
  const at = words.findLastIndex((word, index) => index < named && /^(npx|node)$/.test(word));
  const [command, ...args] = words.slice(at);
  if (named < 0 || at < 0 || command === undefined) return [];
  const env = words.slice(0, at).flatMap((word) => [...word.matchAll(/^([A-Z_]+)=(.*)$/g)]);
  return [
    {
      where: `${page}: ${words.join(' ')}`,
      command,
      args,
      env: Object.fromEntries(env.map(([, name = '', value = '']) => [name, value])),
    },
  ];
}

// Each kind of text block has a test of its own below.
const CALLERS = /^\w+:(read|write|full):</;
const LOG_LINES = /^\{"level":/;
const LAYOUT = /^src\//;
const FAILURE = /^(The API answered |Nothing was sent\.)/;
const TRANSCRIPT = /^\d+\. /;
const textBlocks = blocksOf('text').map(({ text }) => text);

/** Every entry of a client, in a file of its own or in a block. */
const entryTexts = [
  ...['mcp.json', ...exampleEntries].map((file) => ({ page: file, text: textOf(file) })),
  ...blocksOf('json'),
];
const launches = [
  ...entryTexts.flatMap(({ page, text }) => launchesInJson(page, text)),
  ...commands.flatMap(launchesInShell),
];
const alone = launches.filter(({ args }) => args.includes('sandbox'));
const hosted = launches.filter(({ args }) => args.join(' ').includes('--transport http'));
const servers = launches.filter((launch) => !alone.includes(launch) && !hosted.includes(launch));
const remotes = [
  ...entryTexts.flatMap(({ page, text }) => remotesInJson(page, text)),
  ...commands.flatMap(remotesInShell),
];
const byPlace = <T extends { where: string }>(some: T[]) => some.map((each) => [each.where, each] as const);

interface Probe {
  httpGet: { path: string; port: string };
}
interface Container {
  image: string;
  args: string[];
  env: { name: string; value?: string; valueFrom?: { secretKeyRef: { name: string; key: string } } }[];
  ports: { name: string; containerPort: number }[];
  livenessProbe: Probe;
  readinessProbe: Probe & { periodSeconds: number; failureThreshold: number };
  resources: object;
  securityContext: object;
  volumeMounts: { name: string; mountPath: string }[];
}
interface Pod {
  terminationGracePeriodSeconds: number;
  securityContext: { runAsNonRoot: boolean };
  containers: [Container];
  volumes: { name: string; secret: { secretName: string } }[];
}
interface Deployment {
  spec: {
    replicas: number;
    selector: { matchLabels: object };
    template: { metadata: { labels: object }; spec: Pod };
  };
}
interface Service {
  spec: { selector: object; ports: object[] };
}

const KUBERNETES = 'docs/examples/kubernetes.yaml';
const documents = parseAllDocuments(textOf(KUBERNETES));
const [deployment, service]: [Deployment, Service] = [documents[0]?.toJS(), documents[1]?.toJS()];
const pod = deployment.spec.template.spec;
const [container] = pod.containers;

function launchesInDocker({ page, words }: Command): Launch[] {
  const image = words.findIndex((word) => word.startsWith(`${packageJson.name}:`));
  if (words[0] !== 'docker' || words[1] !== 'run') return [];
  const env = words
    .slice(0, image)
    .flatMap((word, index) => (word === '-e' ? [words[index + 1]?.split('=') ?? []] : []));
  return [
    {
      where: `${page}: ${words.join(' ')}`,
      command: 'docker',
      args: words.slice(image + 1),
      env: Object.fromEntries(env),
    },
  ];
}

const inContainers: Launch[] = [
  ...commands.flatMap(launchesInDocker),
  {
    where: `${KUBERNETES}: ${container.image}`,
    command: 'kubernetes',
    args: container.args,
    env: Object.fromEntries(container.env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]))),
  },
];

function httpConfig(args: string[]) {
  const config = loadConfig([...args, '--sandbox'], {}, () => '');
  if (config.command !== 'serve' || config.transport !== 'http') throw new Error(`not over HTTP: ${args}`);
  return config.http;
}

const added = (level: string) => ourTools.filter(({ access }) => access === level).map(({ name }) => name);

/** What reaches this program: npx with the released package and a clone's path both stand for what is built here. */
function ownArgs({ command, args }: Launch): string[] {
  if (command === 'node') {
    expect(args[0]).toMatch(/(^|\/)dist\/index\.js$/);
    return args.slice(1);
  }
  const { name, version } = packageJson;
  expect([command, ...args.slice(0, 2)]).toEqual(['npx', '-y', `${name}@${version}`]);
  return args.slice(2);
}

/** A client whose server is the one built here, and the last line that it logged. */
async function start(args: string[], env: Record<string, string> = {}) {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [built, ...args],
    env,
    stderr: 'pipe',
  });
  let log = '';
  transport.stderr?.on('data', (text: Buffer) => {
    log += text;
  });
  const client = new Client({ name: 'docs', version: '0.0.0' });
  onTestFinished(() => client.close());
  await client.connect(transport);
  const lines = (): Record<string, unknown>[] =>
    log
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  return { client, lines };
}

const PUBLIC_URL = 'https://mcp.example.com';
const TOKENS_FILE = '/run/secrets/callers';

/** A port that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

interface Callers {
  /** By label. */
  tokens: Record<string, string>;
  /** A file such as docs/hosting.md shows. */
  file: string;
}

function callers(): Callers {
  const folder = temporaryFolder('docs');
  const file = path.join(folder, 'callers');
  const shown = textBlocks.find((block) => CALLERS.test(block)) ?? '';
  const text = shown.replace(/<[^>]+>/g, () => randomBytes(32).toString('hex'));
  writeFileSync(file, text);
  const entries = [...text.matchAll(/^(\w+):\w+:(\w+)$/gm)].map(([, label = '', token = '']) => [label, token]);
  return { tokens: Object.fromEntries(entries), file };
}

/** The server over HTTP as these arguments start it, but on the sandbox, on free ports of this machine alone. */
async function startHosted(given: string[], env: Record<string, string> = {}) {
  const { tokens, file } = callers();
  const [port, metricsPort] = [await freePort(), await freePort()];
  const args = [
    ...given.map((arg) => arg.replace(TOKENS_FILE, file)),
    ...['--sandbox', '--host', '127.0.0.1', '--port', String(port)],
    ...(given.join(' ').includes('--metrics-port') ? ['--metrics-port', String(metricsPort)] : []),
  ];
  const child = spawn(process.execPath, [built, ...args], { env: { ...getDefaultEnvironment(), ...env } });
  onTestFinished(() => void child.kill('SIGKILL'));
  let log = '';
  child.stderr.on('data', (text: Buffer) => {
    log += text;
  });
  const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), once(child, 'exit')]);
  expect(line, log).toMatch(/^Streamable HTTP .*\/mcp$/);
  const lastLine = (): Record<string, unknown> => JSON.parse(log.trim().split('\n').at(-1) ?? '');
  return { url: `http://127.0.0.1:${port}`, metricsUrl: `http://127.0.0.1:${metricsPort}`, tokens, lastLine };
}

async function connectTo(url: string, headers: Record<string, string> = {}) {
  const client = new Client({ name: 'docs', version: '0.0.0' });
  onTestFinished(() => client.close());
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  return client;
}

/** The clusters with which the sandbox starts, as its page names them. */
const examples = () => examplesIn(textOf('docs/sandbox.md').split('\n## ')[0] ?? '');

const examplesIn = (text: string) =>
  tablesIn(text)
    .filter(([head]) => head?.[0] === 'Cluster')
    .flatMap(([, ...rows]) => rows)
    .map(([name, id]) => ({ displayName: code(name)[0], id: code(id)[0] }));

const bearer = (token: string | undefined) => ({ Authorization: `Bearer ${token}` });

/** Every setting that the help of the server, or of its command `sandbox`, names, with its default. */
async function settings(command: string[]): Promise<{ names: string[]; preset?: string }[]> {
  const { stdout } = await run(process.execPath, [built, ...command, '--help']);
  const entries = stdout
    .replace(/^Examples:.*/ms, '')
    .split(/\n(?= {2}\S)/)
    .slice(1)
    .map((entry) => entry.replace(/\n\s+/g, ' '));
  return entries
    .map((entry) => ({
      names:
        entry
          .trim()
          .split(/\s{2,}/)[0]
          ?.match(/--[a-z][a-z-]+|\b[A-Z]+_[A-Z\d_]+/g) ?? [],
      preset: /\(default: (.+?)\)/.exec(entry)?.[1],
    }))
    .filter(({ names }) => names.length > 0);
}

const FLAG = /--[a-z][a-z-]+/g;
/** Of OpenTelemetry, the help names the one that turns it on. */
const VARIABLE = /\b(?:IONOS_[A-Z\d_]+|[A-Z]+_PROXY|MCP_[A-Z_]+|STATE_URL|OTEL_EXPORTER_OTLP_ENDPOINT)\b/g;
/** Flags of other programs that the pages name. */
const FOREIGN = new Set(['--env', '--client-id', '--callback-port', '--features']);
const settingsIn = (texts: string[]) =>
  texts.flatMap((text) => [FLAG, VARIABLE].flatMap((kind) => text.match(kind) ?? []));
const sorted = (names: Iterable<string>) => [...new Set(names)].sort();

describe('what the documentation and mcp.json start', { timeout: 30_000 }, () => {
  test('is a server for each client that is described, and for each on the sandbox', () => {
    expect(launchesInJson('mcp.json', textOf('mcp.json')).map(({ args }) => args.includes('--sandbox'))).toEqual([
      false,
      true,
    ]);
    for (const client of ['Claude Code', 'Claude Desktop', 'Cursor', 'VS Code']) {
      const text = section('docs/clients.md', `## ${client}`);
      const linked = [...text.matchAll(/\]\((examples\/[^)]+)\)/g)].map(([, file]) => textOf(`docs/${file}`));
      expect([text, ...linked].join(), client).toContain(`${packageJson.name}@${packageJson.version}`);
    }
    expect(servers.length).toBeGreaterThanOrEqual(8);
    expect(alone).not.toEqual([]);
  });

  test('is pinned to the present version everywhere', () => {
    const texts = [...pages, ...entryTexts].map(({ text }) => text);
    const versions = texts.join('\n').matchAll(/ionos-postgres-mcp[@:]([\w.-]*\w)/g);

    expect(sorted([...versions].map(([, version = '']) => version))).toEqual([packageJson.version]);
  });

  test.each(byPlace(servers))('answers a client: %s', async (_, launch) => {
    const args = ownArgs(launch);
    const { client } = await start(args.includes('--sandbox') ? args : [...args, '--sandbox'], launch.env);

    const { tools } = await client.listTools();

    expect(client.getServerVersion()).toMatchObject({ name: packageJson.name, version: packageJson.version });
    expect(tools.map(({ name }) => name)).toContain('list_clusters');
  });

  test.each(
    commands
      .filter(({ words }) => isInstall(words))
      .map(({ page, words }) => [`${page}: ${words.join(' ')}`, words] as const),
  )('changes the settings of a client: %s', async (_, [, , ...args]) => {
    const home = temporaryFolder('readme');
    const env = { ...getDefaultEnvironment(), HOME: home, XDG_CONFIG_HOME: '', IONOS_TOKEN: 'an-ionos-token' };
    const { stdout } = await run(process.execPath, [built, ...args, '--yes'], { env });

    expect(stdout).toMatch(args[0] === 'install' ? /^Done\./m : /^Nothing to change/m);
  });

  const withPlaceholder = servers.filter(({ env }) => /^[<$]/.test(env.IONOS_TOKEN ?? ''));
  test.each(byPlace(withPlaceholder))('refuses a placeholder that was left in place: %s', async (_, launch) => {
    const env = { ...getDefaultEnvironment(), ...launch.env };

    await expect(run(process.execPath, [built, ...ownArgs(launch)], { env })).rejects.toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('IONOS_TOKEN still contains a placeholder'),
    });
  });

  test.each(byPlace(alone))('serves the sandbox to other programs: %s', async (_, launch) => {
    const child = spawn(process.execPath, [built, ...ownArgs(launch), '--port', '0'], { env: getDefaultEnvironment() });
    onTestFinished(async () => {
      const ended = once(child, 'exit');
      if (child.kill()) await ended;
    });

    const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), once(child, 'exit')]);
    const url = /http:\S+\/databases\/postgresql/.exec(String(line))?.[0];
    const answer = await fetch(`${url}/clusters`, { headers: { authorization: 'Bearer any' } });

    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ type: 'collection' });
  });
});

describe('what the documentation says of a hosted server', { timeout: 30_000 }, () => {
  test('starts it with tokens, with OAuth, in a container and in Kubernetes, and connects every client', () => {
    const modes = hosted.map(({ args }) => args[args.indexOf('--auth') + 1] ?? '');

    expect(new Set(modes)).toEqual(new Set(['oauth', 'token']));
    expect(inContainers).toHaveLength(2);
    expect(remotes.length).toBeGreaterThanOrEqual(6);
  });

  test.each(byPlace([...hosted, ...inContainers]))(
    'is a configuration that the server takes: %s',
    async (_, launch) => {
      const args = launch.command === 'node' ? ownArgs(launch) : launch.args;
      const ionosToken = launch.env.IONOS_TOKEN_FILE;

      const config = loadConfig(args, launch.env, (file) => {
        expect(file).toBe(ionosToken);
        return 'an-ionos-token';
      });

      expect(config).toMatchObject({ command: 'serve', transport: 'http', http: { publicUrl: PUBLIC_URL } });
      const { url, tokens } = await startHosted(args);
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
      expect((await fetch(`${url}/mcp`)).status).toBe(401);
      if (!args.join(' ').includes(TOKENS_FILE)) return;
      const client = await connectTo(`${url}/mcp`, bearer(tokens.dashboard));
      expect((await client.listTools()).tools.map(({ name }) => name)).not.toContain('create_cluster');
    },
  );

  test.each(byPlace(remotes))('connects a client: %s', async (_, { url, headers }) => {
    const token = randomBytes(32).toString('hex');
    const filled = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => {
        // The server keeps its own tokens from IONOS.
        const own = name === 'X-IONOS-Token' ? `ionos-${token}` : token;
        return [name, value.replace(/<[^>]+>|\$\{(env|input):[\w-]+\}$/, own)];
      }),
    );
    const { origin, pathname, search, port } = new URL(url);
    const place = pathname + search;
    const auth = 'Authorization' in headers ? ['--auth', 'token'] : [];
    const rights = 'X-IONOS-Token' in headers ? ['--ionos-credentials', 'caller'] : [];
    const here = await startHosted(['--transport', 'http', '--public-url', origin, ...auth, ...rights], {
      ...(auth.length > 0 && { MCP_AUTH_TOKENS: `reader:full:${token}` }),
    });

    const client = await connectTo(here.url + place, filled);
    const { isError } = await client.callTool({ name: 'list_clusters', arguments: {} });

    expect(isError).toBeFalsy();
    expect(origin === PUBLIC_URL || port === '3000').toBe(true);
    expect(['Authorization', 'X-IONOS-Token']).toEqual(expect.arrayContaining(Object.keys(headers)));
    if (auth.length > 0) await expect(connectTo(here.url + place)).rejects.toThrow();
    if (rights.length > 0) {
      const { 'X-IONOS-Token': _, ...without } = filled;
      const answer = await (await connectTo(here.url + place, without)).callTool({ name: 'list_clusters' });
      expect(answer).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('X-IONOS-Token') }] });
    }
  });

  test('gives to each caller of the file what its class has', async () => {
    const launch = hosted.find(({ args }) => args.includes('--auth-tokens-file'));
    const { url, tokens } = await startHosted(launch?.args.slice(1) ?? []);
    const offered = async (label: string) => {
      const { tools } = await (await connectTo(`${url}/mcp`, bearer(tokens[label]))).listTools();
      return tools.map(({ name }) => name);
    };

    expect(Object.keys(tokens)).toEqual(['alice', 'dashboard']);
    expect(await offered('alice')).toEqual(ourTools.map(({ name }) => name));
    expect(await offered('dashboard')).toEqual(added('read'));
  });

  test('leaves a client at a narrower URL what the page says', async () => {
    const text = section('docs/hosting.md', '## A narrower URL');
    const { url } = await startHosted(['--transport', 'http', '--access', 'full']);
    const [example] = remotes.filter(({ url }) => url.includes('?')).map((remote) => new URL(remote.url).search);
    const rows = rowsIn(text).map(([cell]) => code(cell)[0] ?? '');
    const at = (query: string) => connectTo(`${url}/mcp${query}`);
    const namesAt = async (query: string) => (await (await at(query)).listTools()).tools.map(({ name }) => name);

    expect(rows).toEqual(['read_only=true', 'toolsets=clusters,logs', 'clusters=shop-*,orders']);
    const [reading = [], inToolsets = []] = await Promise.all(rows.map((row) => namesAt(`?${row}`)));
    expect(reading).toEqual(added('read'));
    expect(inToolsets).toEqual(expect.arrayContaining(['create_cluster', 'get_cluster_logs']));
    expect(await namesAt(example ?? '')).toEqual(reading.filter((name) => inToolsets.includes(name)));
    const { structuredContent } = await (await at(`?${rows[2]}`)).callTool({ name: 'list_clusters' });
    expect(structuredContent).toMatchObject({ clusters: [{ displayName: 'orders' }] });
    expect(Object(structuredContent).clusters).toHaveLength(1);
    await expect(at(`?${rows[0]}&nope`)).rejects.toThrow(/400|nope/);
  });

  test('asks for every value that it takes from an input', () => {
    for (const { text } of entryTexts) {
      const { inputs = [] }: { inputs?: { id: string }[] } = JSON.parse(text);
      const asked = [...text.matchAll(/\$\{input:([\w-]+)\}/g)].map(([, id]) => id);
      expect(sorted(inputs.map(({ id }) => id))).toEqual(asked);
    }
  });

  test('gives it time to drain before it is killed', () => {
    // and a second each for last words, for connections that do not close, and for the process
    const drained = (args: string[]) => {
      const { drainDelayMs, drainTimeoutMs } = httpConfig(args);
      return (drainDelayMs + drainTimeoutMs) / 1000 + 3;
    };
    const [docker] = inContainers;
    const words = docker?.where.split(' ') ?? [];
    const stopTimeout = Number(words[words.indexOf('--stop-timeout') + 1]);

    expect(stopTimeout).toBeGreaterThan(drained(docker?.args ?? []));
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(drained(container.args));
    expect(section('docs/hosting.md', '## Replicas and shutdown')).toContain(
      `at most ${drained(container.args)} seconds`,
    );
  });

  test('describes in YAML a Deployment and a Service that fit together and the server', async () => {
    const { port, metricsPort, metricsHost, drainDelayMs } = httpConfig(container.args);
    const { labels } = deployment.spec.template.metadata;
    const { livenessProbe, readinessProbe } = container;
    const { url } = await startHosted(container.args);

    expect(deployment.spec.selector.matchLabels).toEqual(labels);
    expect(service.spec.selector).toEqual(labels);
    expect(container.ports).toEqual([
      { name: 'http', containerPort: port },
      { name: 'metrics', containerPort: metricsPort },
    ]);
    expect(metricsHost).toBe('0.0.0.0');
    expect(service.spec.ports).toMatchObject([{ targetPort: 'http' }]);
    for (const { httpGet } of [livenessProbe, readinessProbe]) {
      expect(httpGet.port).toBe('http');
      expect((await fetch(url + httpGet.path)).status, httpGet.path).toBe(200);
    }
    expect([livenessProbe.httpGet.path, readinessProbe.httpGet.path]).toEqual(['/healthz', '/readyz']);
    expect(readinessProbe.periodSeconds * readinessProbe.failureThreshold * 1000).toBeLessThan(drainDelayMs);
  });

  test('has in YAML three replicas that run as nobody in particular and write nothing', () => {
    const [mount] = container.volumeMounts;
    const secrets = [TOKENS_FILE, ...container.env.flatMap(({ value = [] }) => value)];
    const variables = container.env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef ?? []);

    expect(deployment.spec.replicas).toBe(3);
    expect(pod.securityContext.runAsNonRoot).toBe(true);
    expect(container.securityContext).toMatchObject({ readOnlyRootFilesystem: true, allowPrivilegeEscalation: false });
    const memory = expect.stringMatching(/^\d+Mi$/);
    expect(container.resources).toMatchObject({ requests: { memory }, limits: { memory } });
    expect(container.args.join(' ')).toContain(TOKENS_FILE);
    for (const file of secrets) expect(path.dirname(file)).toBe(mount?.mountPath);
    expect(pod.volumes.map(({ name }) => name)).toEqual([mount?.name]);
    const made =
      commands
        .map(({ words }) => words)
        .find((words) => words.slice(0, 4).join(' ') === 'kubectl create secret generic') ?? [];
    expect(made[4]).toBe(pod.volumes[0]?.secret.secretName);
    const keys = [...secrets.map((file) => path.basename(file)), ...variables.map(({ key }) => key)];
    expect(variables.map(({ name }) => name)).toEqual([made[4], made[4]]);
    expect(made.slice(5).sort()).toEqual(keys.map((key) => `--from-file=${key}`).sort());
  });
});

describe('the example of a policy', { timeout: 30_000 }, () => {
  const file = 'docs/examples/policy.jsonc';
  const policy = readPolicy(path.join(root, file), (name) => readFileSync(name, 'utf8'));

  test('has every rule that there is, and the page explains each', () => {
    const named = rowsIn(section('docs/safety.md', '## Policy')).flatMap(([rule]) => code(rule));

    expect(sorted(named)).toEqual(sorted(Object.keys(policy)));
    for (const [rule, value] of Object.entries(policy)) expect(value, rule).toEqual(expect.anything());
    expect(Object.keys(policy.inTotal)).toEqual(['clusters', ...Object.keys(policy.perCluster)]);
  });

  test('is what the server goes by', async () => {
    const { client } = await start(['--sandbox', '--policy', path.join(root, file)]);
    const refusal = async (name: string, args: Record<string, unknown>) => {
      const { isError, content } = await client.callTool({ name, arguments: args });
      expect(isError).toBe(true);
      return JSON.stringify(content);
    };
    const ids = new Map(examples().map(({ displayName, id }) => [displayName, id]));
    const clusterId = (name: string) => ids.get(name);

    const deleted = await refusal('delete_cluster', { clusterId: clusterId('analytics-prod') });
    const byId = await refusal('delete_cluster', { clusterId: clusterId('orders') });
    const grown = await refusal('update_cluster', { clusterId: clusterId('legacy-crm'), instances: 5 });

    expect(deleted).toContain(policy.owner);
    expect(deleted).toContain('neverDelete \\"*-prod\\"');
    expect(byId).toContain(`neverDelete \\"${clusterId('orders')}\\"`);
    expect(grown).toContain('perCluster');
  });
});

describe('the example of prices', () => {
  const prices = readPriceFile(path.join(root, 'docs/examples/prices.jsonc'), (name) => readFileSync(name, 'utf8'));

  test('has every entry that there is, and the page explains each', () => {
    const named = rowsIn(section('docs/tools.md', '## Prices')).flatMap(([entry]) => code(entry));

    expect(sorted(named)).toEqual(sorted([...Object.keys(prices), 'storageGB']));
    expect(Object.keys(prices.perHour)).toEqual(['core', 'ramGB', 'storageGB']);
    for (const word of [prices.perHour, Object(prices.perHour.storageGB)].flatMap(Object.keys)) {
      expect(section('docs/tools.md', '## Prices')).toContain(`\`${word}\``);
    }
  });

  test('has a price for every kind of storage', () => {
    const table = tableOfFile(prices);
    const size = { instances: 1, cores: 2, ram: 4096, storageSize: 20_480, location: 'us/las' };
    for (const storageType of ['HDD', 'SSD', 'SSD Standard', 'SSD Premium']) {
      expect(estimate({ ...size, storageType }, table), storageType).toMatchObject({ complete: true });
    }
    expect(estimate({ ...size, api: 'v2' }, table)).toMatchObject({ complete: true });
  });
});

describe('the tables of the documentation', { timeout: 30_000 }, () => {
  test('name every tool with the access that it needs, and no other', async () => {
    const { client } = await start(['--sandbox']);
    const { tools } = await client.listTools();

    const rows = rowsIn(section('README.md', '## Tools')).map(([tool, access]) => [code(tool)[0], access]);

    expect(rows.map(([name]) => name)).toEqual(tools.map(({ name }) => name));
    expect(rows).toEqual(ourTools.map(({ name, access }) => [name, access]));
  });

  test('say for every tool what it does and what a person would type', () => {
    const rows = rowsIn(section('README.md', '## Tools'));
    const prompts = rowsIn(section('docs/tools.md', '## Things to ask'));

    for (const [tool, , does] of rows) expect(does, tool).toMatch(/\w+/);
    for (const [prompt, tool] of prompts) expect(prompt, tool).toMatch(/^".+[.?]"$/);
    expect(prompts.map(([, tool]) => tool)).toEqual(rows.map(([tool]) => tool));
  });

  test('name every resource and no other', async () => {
    const { client } = await start(['--sandbox']);
    const { resources } = await client.listResources();
    const { resourceTemplates } = await client.listResourceTemplates();
    const fixed = resources.map(({ uri }) => uri).filter((uri) => !/\/clusters\/|^skill:/.test(uri));

    const named = rowsIn(section('docs/tools.md', '## Resources')).flatMap(([uri]) => code(uri));

    expect(named).toEqual([...fixed, ...resourceTemplates.map(({ uriTemplate }) => uriTemplate)]);
  });

  test('name every prompt with its skill, and no other', async () => {
    const { client } = await start(['--sandbox']);
    const { prompts } = await client.listPrompts();
    const { skills } = await new SkillsClient(client).list();

    const rows = rowsIn(section('docs/tools.md', '## Prompts and skills'));

    expect(rows.map(([prompt]) => code(prompt)[0])).toEqual(prompts.map(({ name }) => name));
    expect(rows.map(([, skill]) => code(skill)[0])).toEqual(skills.map(({ uri }) => uri));
  });

  test('name every flag and variable of --help with its default, and no other', async () => {
    const tables = tablesIn(textOf(PAGE));
    const isOfSandbox = ([head]: string[][]) => head?.[0] === 'Flag of `sandbox`';
    const ofServer = tables.filter((table) => !isOfSandbox(table)).flatMap(([, ...rows]) => rows);
    // what goes with both is documented once
    const ofSandbox = [...tables.filter(isOfSandbox).flatMap(([, ...rows]) => rows), ...ofServer];
    const [server, sandbox] = [await settings([]), await settings(['sandbox'])];
    const named = (rows: string[][]) => sorted(rows.flatMap(([setting]) => settingsIn(code(setting))));

    expect(named(ofServer)).toEqual(sorted(server.flatMap(({ names }) => names)));
    expect(named(ofSandbox)).toEqual(named(ofServer));
    for (const [rows, known] of [[ofServer, server] as const, [ofSandbox, sandbox] as const]) {
      for (const { names, preset } of known) {
        const row = rows.find(([setting]) => code(setting).some((words) => words.split(' ')[0] === names[0]));
        if (preset === undefined) expect(row, names[0]).toBeDefined();
        else expect(row?.[1], names[0]).toBe(`\`${preset}\``);
      }
    }
  });

  test('are what npm run docs writes, where they are about settings', () => {
    const page = textOf(PAGE);

    expect(withTables(page)).toBe(page);
  });

  test('name every access level with the tools that it adds', () => {
    const rows = rowsIn(section('docs/safety.md', '## Access')).map(([level, tools]) => [code(level)[0], code(tools)]);

    expect(rows).toEqual([
      ['read', []],
      ['write', added('write')],
      ['full', added('full')],
    ]);
  });

  test('name every class of callers with its scope and the tools that it adds', () => {
    const rows = rowsIn(section('docs/hosting.md', '## Who may call')).map((cells) =>
      cells.map(code).map((names) => names.join()),
    );

    const scope = (level: 'read' | 'write' | 'full') => scopesOf(level).at(-1);
    expect(rows).toEqual([
      ['read', scope('read'), ''],
      ['write', scope('write'), added('write').join()],
      ['full', scope('full'), added('full').join()],
    ]);
  });

  test('name the paths of a hosted server', async () => {
    const paths = rowsIn(textOf('docs/hosting.md')).flatMap(([cell]) => code(cell).filter((each) => /^\//.test(each)));
    const oauth = hosted.find(({ args }) => args.includes('oauth'));
    const { url, metricsUrl } = await startHosted([...(oauth?.args.slice(1) ?? []), '--metrics-port', '0', '--page']);
    const statusOf = async (place: string) => {
      const { status, body } = await fetch(place);
      await body?.cancel();
      return status;
    };

    expect(paths).toHaveLength(8);
    expect(await statusOf(`${url}/elsewhere`)).toBe(404);
    for (const each of paths) {
      expect(await statusOf(`${each === '/metrics' ? metricsUrl : url}${each}`), each).not.toBe(404);
    }
    expect(await statusOf(`${url}/metrics`)).toBe(404);
    expect(await statusOf(`${url}/.well-known/oauth-protected-resource/mcp`)).toBe(200);
  });

  test('name every metric of this program with its labels', async () => {
    const { url, metricsUrl } = await startHosted(['--transport', 'http', '--metrics-port', '0']);
    const client = await connectTo(`${url}/mcp`);
    await client.callTool({ name: 'list_clusters', arguments: {} });
    const text = await (await fetch(`${metricsUrl}/metrics`)).text();
    const labelsOf = (metric: string) =>
      new RegExp(`^${metric}(?:_count)?\\{(.*?)\\}`, 'm').exec(text)?.[1]?.match(/\w+(?==)/g) ?? [];

    const rows = rowsIn(section('docs/hosting.md', '## Metrics')).map(([metric, labels]) => ({
      metric: code(metric)[0],
      labels: code(labels),
    }));
    const names = [...text.matchAll(/^# HELP ((?:mcp|ionos)\w+)/gm)].map(([, name]) => name);

    expect(rows.map(({ metric }) => metric)).toEqual(names);
    for (const { metric = '', labels } of rows.filter(({ metric }) => metric !== 'ionos_retries_total')) {
      expect(labelsOf(metric), metric).toEqual(labels);
    }
  });

  test('name the example clusters of the sandbox', async () => {
    const { client } = await start(['--sandbox']);
    const { structuredContent } = await client.callTool({ name: 'list_clusters', arguments: {} });

    expect(structuredContent).toEqual({ clusters: examples().map((row) => expect.objectContaining(row)) });
  });

  test('name those of its second contract', async () => {
    const { client } = await start(['--sandbox', '--profile', 'shop', '--profile', 'lab']);
    const { structuredContent } = await client.callTool({ name: 'list_clusters', arguments: { profile: 'lab' } });

    const rows = examplesIn(section('docs/sandbox.md', '## Two contracts'));
    expect(structuredContent).toEqual({ clusters: rows.map((row) => expect.objectContaining(row)) });
  });
});

/** The test of the documented database takes them as they are. */
const REPLICAS = [
  'psql -c CREATE ROLE mcp LOGIN PASSWORD <password> -c GRANT mcp TO CURRENT_USER -c CREATE DATABASE mcp OWNER mcp',
  'export MCP_SIGNING_KEY=<the key>',
  'export STATE_URL=postgres://mcp:<password>@db.example.com/mcp?sslmode=verify-full',
];

/** What checks a command, by the words that it begins with; every command has to be known to one of them. */
const isChecked = (command: Command): boolean => {
  const line = command.words.join(' ');
  if (launchesInShell(command).length > 0 || remotesInShell(command).length > 0) return true;
  if (launchesInDocker(command).length > 0 || command.words[0] === 'npm' || isInstall(command.words)) return true;
  return [
    `kubectl apply -f ${KUBERNETES}`,
    `docker build -t ${packageJson.name}:${packageJson.version} .`,
    'IONOS_API_URL=http://127.0.0.1:8080 IONOS_TOKEN=any ionosctl dbaas postgres cluster list',
    'kubectl create secret generic ionos-postgres-mcp --from-file=ionos-token --from-file=callers --from-file=signing-key --from-file=state-url',
    'openssl rand -hex 32',
    // Held by plugin.test.ts.
    'IONOS_TOKEN_FILE=$HOME/.ionos-token claude --plugin-dir dist',
    'claude plugin marketplace add ./dist',
    'claude plugin install ionos-postgres@ionos-postgres-mcp',
    ...REPLICAS,
  ].includes(line);
};

const NODE = /^(\w+)(\(\[[^\][(){}"]+\]\)|\[[^\][(){}"]+\]|\{[^\][(){}"]+\})?$/;
const FLOW = /^ {2}(\S.*?) (?:-- [a-z ]+ )?--> (\S.*)$/;

describe('the blocks of the documentation', () => {
  test.each(commands.map((command) => [`${command.page}: ${command.words.join(' ')}`, command] as const))(
    'hold a command that a test knows: %s',
    (_, command) => {
      expect(isChecked(command)).toBe(true);
    },
  );

  test.each(entryTexts.map((block) => [`${block.page}: ${block.text.split('\n')[2]}`, block] as const))(
    'hold nothing in JSON but entries of clients: %s',
    (_, { page, text }) => {
      const entries = entriesIn(text);
      const known = [...launchesInJson(page, text), ...remotesInJson(page, text)];

      expect(Object.keys(JSON.parse(text)).filter((key) => !['mcpServers', 'servers', 'inputs'].includes(key))).toEqual(
        [],
      );
      expect(entries).not.toEqual([]);
      expect(known).toHaveLength(entries.length);
    },
  );

  const KINDS_OF_TEXT = [CALLERS, LOG_LINES, LAYOUT, FAILURE, TRANSCRIPT];
  test.each(blocksOf('mermaid').map(({ page, text }) => [page, text] as const))(
    'draw a flow whose every step is named and connected: %s',
    (_, text) => {
      const [kind, ...lines] = text.trimEnd().split('\n');
      const [ids, labelled] = [new Set<string>(), new Set<string>()];
      for (const line of lines) {
        const [, from = '', to = ''] = FLOW.exec(line) ?? [];
        for (const node of [from, to]) {
          const [, id = '', label] = NODE.exec(node) ?? [];
          expect(id, line).toMatch(/./);
          ids.add(id);
          if (label !== undefined) labelled.add(id);
        }
      }

      expect(kind).toBe('flowchart TD');
      expect(sorted(labelled)).toEqual(sorted(ids));
    },
  );

  test.each(blocksOf('text').map((block) => [`${block.page}: ${block.text.split('\n')[0]}`, block] as const))(
    'hold a text that a test knows: %s',
    (_, { text }) => {
      expect(KINDS_OF_TEXT.filter((kind) => kind.test(text))).toHaveLength(1);
    },
  );
});

describe('the text of the documentation', { timeout: 30_000 }, () => {
  test('names no flag and no variable that --help does not know', async () => {
    const known = (await Promise.all([[], ['sandbox'], ['install'], ['uninstall']].map(settings)))
      .flat()
      .flatMap(({ names }) => names);
    const all = pages.map(({ text }) => text).join('\n');
    const named = [
      ...settingsIn([proseOf(all), ...launches.flatMap(({ args }) => args)]).filter((name) => !FOREIGN.has(name)),
      ...(all.match(VARIABLE) ?? []),
    ];

    expect(known).toEqual(expect.arrayContaining(sorted(named)));
  });

  test('names no npm script that does not exist', () => {
    const prose = pages.map(({ text }) => proseOf(text)).join('\n');
    const inText = [...prose.matchAll(/`npm ([^`]+)`/g)].map(([, words = '']) =>
      (words.split(' && ')[0] ?? '').split(' '),
    );
    const inShell = commands.filter(({ words: [program] }) => program === 'npm').map(({ words: [, ...rest] }) => rest);
    const scripts = [...inText, ...inShell]
      .filter(([action = '']) => !['ci', 'pack', 'publish'].includes(action))
      .map((words) => words.filter((word) => word !== '--silent'))
      .map(([action, script]) => (action === 'run' ? script : action));

    expect(scripts).toEqual(expect.arrayContaining(['build', 'test', 'demo', 'snapshots']));
    expect(Object.keys(packageJson.scripts)).toEqual(expect.arrayContaining(scripts));
  });

  test('shows one transcript, which demo.test.ts compares with the demo', () => {
    expect(blocksOf('text').filter(({ text }) => TRANSCRIPT.test(text))).toEqual([
      expect.objectContaining({ page: TRANSCRIPT_PAGE }),
    ]);
  });

  test('names no part of the source that does not exist', () => {
    const layout = textBlocks.flatMap((text) => text.match(/^(src|test)\/\S*/gm) ?? []);

    expect(layout.length).toBeGreaterThan(5);
    for (const file of layout) expect(existsSync(path.join(root, file)), file).toBe(true);
  });

  test('shows errors as a client gets them', async () => {
    const { client } = await start(['--sandbox']);
    const text = async (name: string, args: Record<string, unknown>) => {
      const { content, isError } = await client.callTool({ name, arguments: args });
      expect(isError).toBe(true);
      return content.map((part) => (part.type === 'text' ? part.text : '')).join('');
    };
    const shown = textBlocks.filter((block) => FAILURE.test(block)).map((block) => block.trim());

    const failures = [
      await text('get_cluster', { clusterId: 'gone' }),
      await text('update_cluster', { clusterId: 'gone', ram: 4 }),
    ];
    expect(shown).toEqual(failures);
  });

  test('shows the lines of a write as the server logs them', async () => {
    const { client, lines } = await start(['--sandbox']);
    const block = textBlocks.find((text) => LOG_LINES.test(text)) ?? '';
    const shown: Record<string, unknown>[] = block
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const [{ tool, target, write } = {}] = shown;

    const call = (agreed = {}) => client.callTool({ name: String(tool), arguments: { clusterId: target, ...agreed } });
    const { structuredContent } = await call();
    const { confirmationToken } = structuredContent as { confirmationToken: string };
    await call({ confirmationToken, confirmationName: 'legacy-crm' });

    const written = () => lines().slice(-2);
    await expect.poll(() => written().at(-1)).toMatchObject({ outcome: 'started' });
    const ID = /^[\da-f]{8}$/;
    expect(write).toMatch(ID);
    const varying = { time: expect.any(String), write: expect.stringMatching(ID) };
    expect(written()).toEqual(
      shown.map((line) => ({ ...line, ...varying, ...('ms' in line && { ms: expect.any(Number) }) })),
    );
    expect(written().map(Object.keys)).toEqual(shown.map(Object.keys));
    expect(new Set(written().map(({ write }) => write)).size).toBe(1);
  });

  test('names what the line of the log has besides over HTTP', async () => {
    const args = `--transport http --auth token --auth-tokens-file ${TOKENS_FILE}`;
    const { url, tokens, lastLine } = await startHosted(args.split(' '));
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'list_clusters' } });
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    const post = (more: object) => fetch(`${url}/mcp`, { method: 'POST', headers: { ...headers, ...more }, body });

    const answer = await post(bearer(tokens.alice));
    await answer.text();
    await expect
      .poll(lastLine)
      .toMatchObject({ msg: 'call', caller: 'alice', requestId: answer.headers.get('X-Request-Id') });
    await post(bearer('wrong'));
    await expect.poll(lastLine).toMatchObject({ msg: 'refused', reason: expect.any(String) });

    const text = section('docs/troubleshooting.md', '## Logs');
    for (const word of ['`caller`', '`requestId`', '`X-Request-Id`', '`"msg":"refused"`']) expect(text).toContain(word);
  });
});
