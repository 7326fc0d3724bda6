import { readFile as readText } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from 'pino';
import type { Fetch } from './api/client.ts';
import type { Apis } from './api/generations/index.ts';
import type { Page } from './config/command-line.ts';
import type { InstallCommand } from './config/commands/install.ts';
import type { SandboxCommand, SandboxConfig } from './config/commands/sandbox.ts';
import { type Config, readConfig, readFile } from './config/index.ts';
import { homeFolder } from './config/paths.ts';
import { ConfigError } from './errors.ts';
import type { AuditFile } from './log/audit-file.ts';
import { createServers } from './mcp/server.ts';
import { aborted } from './signals.ts';
import type { State } from './state/state.ts';
import type { RunningTelemetry } from './telemetry/index.ts';
import { runStdio } from './transports/stdio.ts';
import { version } from './version.ts';

type ServeConfig = Extract<Config, { command: 'serve' }>;

const USAGE_ERROR = 2;
/** Time to deliver log lines and answers that are still buffered. */
const EXIT_MS = 500;
const UNCHECKED =
  'NODE_TLS_REJECT_UNAUTHORIZED=0 is ignored: certificates are still checked. For a CA of your own, use NODE_EXTRA_CA_CERTS';

async function configOrExit(): Promise<Config> {
  try {
    return await readConfig(process.argv.slice(2), process.env, readFile);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    complain(error);
    process.exit(USAGE_ERROR);
  }
}

function complain({ problems }: ConfigError) {
  for (const problem of problems) process.stderr.write(`ionos-postgres-mcp: ${problem}\n`);
  process.stderr.write('ionos-postgres-mcp --help lists all settings.\n');
}

function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(name, () => (stop.signal.aborted ? process.exit(1) : stop.abort()));
  }
  return stop.signal;
}

async function intoSandbox(options: SandboxConfig): Promise<Fetch> {
  const { createSandbox } = await import('./sandbox/index.ts');
  const { fetch } = createSandbox(options);
  return (request, init) => fetch(new Request(request, init));
}

async function wayOut({ proxy, tls }: Pick<ServeConfig['api'], 'proxy' | 'tls'>): Promise<Fetch> {
  if (proxy) {
    const { createProxyFetch } = await import('./api/proxy.ts');
    return createProxyFetch(proxy, tls);
  }
  const { createFetch } = await import('./api/fetch.ts');
  if (!tls) return createFetch();
  const { TrustingAgent } = await import('./api/tls.ts');
  return createFetch((options) => new TrustingAgent(options, tls));
}

async function apisFor(config: ServeConfig): Promise<Apis> {
  const inSandbox = config.sandbox && intoSandbox(config.sandbox);
  async function apisOf(account: Pick<ServeConfig, 'api' | 'v2'>): Promise<Apis> {
    const way = inSandbox ?? wayOut(account.api);
    const [{ connectApis }, fetch] = await Promise.all([import('./api/connect.ts'), way]);
    return connectApis(account, { userAgent: `ionos-postgres-mcp/${version}`, fetch });
  }
  const profiles = profilesIn(config);
  if (profiles.length === 0) return apisOf(config);
  const connected = profiles.map(async (profile) => [profile.name, await apisOf(profile)] as const);
  const { createApisByAccount } = await import('./api/generations/index.ts');
  return createApisByAccount(new Map(await Promise.all(connected)));
}

const profilesIn = (config: ServeConfig) => (config.transport === 'stdio' && config.profiles) || [];

/** In the sandbox each account has a contract of its own. */
async function inSandboxContracts<Given extends ServeConfig>(config: Given): Promise<Given> {
  if (!config.sandbox) return config;
  const [{ sandboxCredentials }, { credentialFacts }] = await Promise.all([
    import('./sandbox/contracts.ts'),
    import('./api/credentials.ts'),
  ]);
  const { api, accounts } = config;
  const credentialsOf = (n: number) => {
    const own = sandboxCredentials[n];
    if (!own) throw new ConfigError([tooMany(accounts.length, sandboxCredentials.length)]);
    return own;
  };
  const { authorization } = credentialsOf(0);
  return {
    ...config,
    ...(api.authorization && { api: { ...api, authorization } }),
    accounts: accounts.map((account, n) => {
      const { contract, authorization } = credentialsOf(n);
      return account.credentials ? { ...account, contract, credentials: credentialFacts(authorization) } : account;
    }),
    ...(config.transport === 'stdio' && {
      profiles: config.profiles?.map((profile, n) => {
        const { contract, authorization } = credentialsOf(n);
        return { ...profile, contract, api: { ...profile.api, authorization } };
      }),
    }),
  };
}

const tooMany = (given: number, most: number) =>
  `--profile names ${given} profiles, but the sandbox has only ${most} contracts, one for each; with --sandbox, name at most ${most}`;

function logFor(config: ServeConfig, auditFile?: AuditFile): () => Promise<Logger> {
  const { access, sandbox, api, profile, logLevel } = config;
  const names = profilesIn(config).map(({ name }) => name);
  let logger: Promise<Logger> | undefined;
  async function begin() {
    const { createLog } = await import('./log.ts');
    const logger = createLog(logLevel, process.stderr, auditFile);
    logger.info(
      {
        version,
        access,
        apiUrl: sandbox ? 'sandbox' : api.apiUrl,
        profile,
        profiles: names.length > 0 ? names : undefined,
      },
      'start',
    );
    return logger;
  }
  return () => {
    logger ??= begin().catch((error) => {
      logger = undefined;
      throw error;
    });
    return logger;
  };
}

async function telemetryFor(
  { telemetry, secrets }: ServeConfig,
  logger: () => Promise<Logger>,
): Promise<RunningTelemetry | undefined> {
  if (!telemetry) return undefined;
  // The exporters would obey it, and send their headers to anyone who answers.
  delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  const [{ createTelemetry }, { redactor }, { visible }] = await Promise.all([
    import('./telemetry/index.ts'),
    import('./text/secrets.ts'),
    import('./text/visible.ts'),
  ]);
  const hide = redactor(secrets);
  return createTelemetry(telemetry, ({ reason, ...omitted }) => {
    void logger().then((log) => log.warn({ reason: visible(hide(reason)), ...omitted }, 'telemetry'));
  });
}

async function auditFileFor({ auditFile }: ServeConfig): Promise<AuditFile | undefined> {
  if (auditFile === undefined) return undefined;
  const { openAuditFile } = await import('./log/audit-file.ts');
  return openAuditFile(auditFile);
}

function stateFor(config: ServeConfig, logger: () => Promise<Logger>): () => Promise<State> {
  const url = config.transport === 'http' ? config.http.stateUrl : undefined;
  let state: Promise<State> | undefined;
  async function open() {
    if (url === undefined) return (await import('./state/memory.ts')).createMemoryState();
    const [{ createPostgresState }, log] = await Promise.all([import('./state/postgres/index.ts'), logger()]);
    return createPostgresState({
      url,
      onAway: (reason) => log.warn({ reason }, 'state'),
      onBack: () => log.info({ reason: 'the database answers' }, 'state'),
    });
  }
  return () => {
    state ??= open();
    return state;
  };
}

/** Beside this file, once it is built. */
const builtText = (...place: string[]) => readText(path.join(import.meta.dirname, ...place), 'utf8');

async function serve(given: ServeConfig) {
  const config = await inSandboxContracts(given);
  const { api, access, toolsets, writes, sandbox, secrets } = config;
  const { confirm, confirmAbove, requireHuman, policy, signingKey, credentialsDir, passwordEnv } = writes;
  const logger = logFor(config, await auditFileFor(config));
  const server = {
    ...{ apis: () => apisFor(config), logger, version, access, toolsets, sandbox: sandbox !== undefined, secrets },
    prices: config.prices,
    accounts: config.accounts,
    viewHtml: () => builtText('app.html'),
    skillText: (folder: string) => builtText('skills', folder, 'SKILL.md'),
    state: stateFor(config, logger),
    profiles: profilesIn(config).map(({ name, contract }) => ({ name, contract })),
    passwords: { credentialsDir, passwordEnv, isHomeless: config.transport === 'stdio' && !credentialsDir },
    writes: {
      confirm,
      confirmAbove,
      requireHuman,
      signingKey,
      policy: policy === undefined ? undefined : { path: policy, readFile },
    },
  };
  const stop = stopSignal();
  const checksNothing = process.env.NODE_TLS_REJECT_UNAUTHORIZED === '0';
  const warnings = [...(checksNothing ? [UNCHECKED] : []), ...config.warnings];
  for (const reason of warnings) (await logger()).warn({ reason }, 'environment');
  const telemetry = await telemetryFor(config, logger);
  const observed = { ...server, telemetry };
  if (config.transport === 'http') {
    const { serveHttp } = await import('./serve-http.ts');
    const announce = (text: string) => process.stdout.write(text);
    const fetch = api.proxy || checksNothing ? await wayOut({ proxy: api.proxy }) : undefined;
    await serveHttp({
      config: config.http,
      server: observed,
      readFile,
      pageHtml: () => builtText('page.html'),
      fetch,
      stop,
      announce,
    });
  } else {
    await runStdio({ servers: createServers(observed), logger, input: process.stdin, output: process.stdout, stop });
  }
  await telemetry?.close();
}

async function serveSandboxAlone({ host, port, sandbox }: SandboxCommand) {
  const { serveSandbox } = await import('./sandbox/serve.ts');
  const stop = stopSignal();
  const { url, close } = await serveSandbox({ ...sandbox, host, port });
  process.stdout.write(`Sandbox of the IONOS PostgreSQL API at ${url}; it accepts any credentials.\n`);
  await aborted(stop);
  await close();
}

async function changeClient(command: InstallCommand) {
  const [{ setUpClient }, { createTerminal, run }] = await Promise.all([
    import('./install/index.ts'),
    import('./install/terminal.ts'),
  ]);
  const { platform, env, execPath, argv } = process;
  process.exitCode = await setUpClient(command, {
    ...{ platform, env, home: homeFolder(env, platform), node: execPath, script: argv[1] ?? '' },
    terminal: createTerminal(process),
    now: () => new Date(),
    run,
  });
}

async function print(page: Page) {
  const { textOf } = await import('./config/help.ts');
  process.stdout.write(textOf(page));
}

async function main() {
  const config = await configOrExit();
  if (config.command === 'print') await print(config.page);
  else if (config.command === 'sandbox') await serveSandboxAlone(config);
  else if (config.command === 'serve') await serve(config);
  else await changeClient(config);
}

main()
  .catch((error: unknown) => {
    process.exitCode = error instanceof ConfigError ? USAGE_ERROR : 1;
    if (error instanceof ConfigError) complain(error);
    else process.stderr.write(`ionos-postgres-mcp: ${error instanceof Error ? error.message : String(error)}\n`);
  })
  .finally(() => setTimeout(() => process.exit(), EXIT_MS).unref());
