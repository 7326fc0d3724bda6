import path from 'node:path';
import * as z from 'zod';
import { ACCESSES } from '../access.ts';
import { GENERATIONS, REGIONS } from '../api/generations/addresses.ts';
import { readPriceFile } from '../prices/price-file.ts';
import { TOOLSETS } from '../tools/toolsets.ts';
import { CONFIRMS } from '../writes/confirm.ts';
import { readPolicy } from '../writes/policy-file.ts';
import { orIssues } from './environment.ts';
import { type Flag, flag, optional, repeated, toggle } from './flag-row.ts';
import { choice, choices, filePath, filled, list, number, several, text, wanted } from './flag-schemas.ts';
import { httpFlags, listenFlags } from './hosted/flags.ts';

export const serverFlags = {
  sandbox: toggle({
    says: 'try it without an account, on a built-in imitation of the API that is free and stores nothing',
    more: 'the variables for IONOS are not read',
  }),
  transport: flag({
    value: '<kind>',
    default: 'stdio',
    says: '`stdio`, for a client that launches it, or `http`',
    schema: (name) =>
      choice(name, ['stdio', 'http'], {
        synonyms: { 'streamable-http': 'http', streamablehttp: 'http', 'http-stream': 'http' },
        hint: ', which serves HTTP+SSE as well',
      }),
  }),
  profile: repeated({
    value: '<name>',
    says:
      "profile of IONOS's configuration file, which goes before credentials in the environment; over stdio it can be " +
      'repeated, for several accounts',
    more: "see [IONOS's configuration file](#ionoss-configuration-file)",
    schema: (name) => several(filled(name, "the name of a profile in IONOS's configuration file")),
  }),
  access: optional({
    value: '<level>',
    default: 'full',
    exception: 'over HTTP the default is `write`, except with `--sandbox`',
    says: 'which tools are offered: `read`; `write` adds creating and changing; `full` adds deleting and restoring',
    more: 'see [Access](safety.md#access)',
    schema: (name) =>
      choice(name, ACCESSES, {
        synonyms: { 'read-only': 'read', readonly: 'read', 'read-write': 'write', readwrite: 'write' },
      }),
  }),
  readOnly: toggle({ says: 'same as `--access read`' }),
  toolsets: repeated({
    value: '<sets>',
    otherwise: 'all',
    says:
      'sets of tools to offer, separated by commas: `clusters`, `backups`, `users`, `databases`, `logs`, `networks`; ' +
      'all if omitted',
    more: 'can be repeated',
    schema: (name) => choices(name, TOOLSETS),
  }),
  api: flag({
    value: '<generation>',
    default: 'auto',
    says: "which of IONOS's APIs has the clusters: `v1`, `v2`, or `auto` for both",
    more: 'see [Two versions of the API](tools.md#two-versions-of-the-api)',
    schema: (name) => choice(name, GENERATIONS, { synonyms: { '1': 'v1', '2': 'v2', both: 'auto' } }),
  }),
  newClusters: flag({
    value: '<generation>',
    default: 'v1',
    says: 'which API takes orders that name none: `v1` or `v2`; v2 anyway once v1 takes none any more',
    more: 'see [Two versions of the API](tools.md#two-versions-of-the-api)',
    schema: (name) => choice(name, ['v1', 'v2'], { synonyms: { '1': 'v1', '2': 'v2' } }),
  }),
  regions: repeated({
    value: '<regions>',
    otherwise: 'all',
    says: `which regions of API v2 are asked, of ${REGIONS.map((region) => `\`${region}\``).join(', ')}; separated by commas`,
    more: 'can be repeated',
    schema: (name) => choices(name, REGIONS),
  }),
  prices: optional({
    value: '<path>',
    otherwise: "the contract's own list",
    says: "file with the prices of cores, memory and storage, in place of the contract's price list",

    more: 'see [Prices](tools.md#prices)',
    schema: (name, surroundings) =>
      filePath(name, surroundings).transform((file, context) =>
        orIssues(() => readPriceFile(file, surroundings.readFile), context),
      ),
  }),
  logLevel: flag({
    value: '<level>',
    default: 'info',
    says: '`trace`, `debug`, `info`, `warn`, `error` or `silent`; the log is JSON on stderr, and writes are always logged',
    schema: (name) =>
      choice(name, ['trace', 'debug', 'info', 'warn', 'error', 'silent'], {
        synonyms: { warning: 'warn', err: 'error', information: 'info', none: 'silent', off: 'silent' },
      }),
  }),
  auditFile: optional({
    value: '<path>',
    says: 'file to append the log lines of writes to, in addition to stderr',
    more: 'see [Logs](troubleshooting.md#logs)',
    schema: (name, surroundings) => filePath(name, surroundings, 'a file').transform((file) => path.resolve(file)),
  }),
};

const isAmount = (value: string) => /^\d{1,12}(\.\d{1,6})?$/.test(value);

const OWN_VARIABLE = /^(IONOS|MCP)_/i;

export const writesFlags = {
  confirm: flag({
    value: '<which>',
    default: 'costly',
    says:
      'which writes a person has to agree to: `never`; `destructive`, for deletes, upgrades and whatever cannot be ' +
      'undone; `costly`, for these and for what raises the bill; or `writes`, for all of them',
    schema: (name) => choice(name, CONFIRMS, { synonyms: { none: 'never', cost: 'costly', write: 'writes' } }),
  }),
  confirmAbove: optional({
    value: '<amount>',
    otherwise: 'whatever raises the bill',
    says:
      'with `--confirm costly`: let a write pass that raises the bill by no more than this for 30 days, in the ' +
      'currency of the prices; one whose price is not known is above it',
    more: 'see [Consent](safety.md#consent)',
    schema: (name) => text(name, 'an amount of zero or more, as in 10 or 9.50', isAmount),
  }),
  requireHuman: optional({
    also: ['app'],
    says:
      'where the client cannot ask a person, refuse what needs agreement instead of accepting a confirmation token; ' +
      '`--require-human=app` accepts a button in the view of a client that renders MCP Apps',
    more: 'see [Consent](safety.md#consent)',
    schema: () => z.union([z.literal(true), z.literal('app')]),
  }),
  policy: optional({
    value: '<path>',
    says: 'file with rules that no caller can override: protected clusters, sizes, costs, locations, versions',
    schema: (name, surroundings) =>
      filePath(name, surroundings).transform((file, context) => {
        orIssues(() => readPolicy(file, surroundings.readFile), context);
        return file;
      }),
  }),
  credentialsDir: optional({
    value: '<path>',
    otherwise: "the user's state directory",
    says: "stdio only: folder for new passwords, if not the user's state directory",
    schema: (name, surroundings) =>
      filePath(name, surroundings, 'a folder').transform((folder) => path.resolve(folder)),
  }),
  passwordEnv: repeated({
    value: '<names>',
    kind: 'name',
    says: 'environment variables whose passwords callers may use by name; separated by commas, can be repeated',
    schema: (name) =>
      list(
        name,
        'names of environment variables, as in APP_DB_PASSWORD; none that begins with IONOS_ or MCP_',
        (variable) => /^[a-z_]\w*$/i.test(variable) && !OWN_VARIABLE.test(variable),
      ),
  }),
};

interface SandboxFault {
  kind: number | Mishap;
  chance: number;
}

const MISHAPS = ['drop', 'html', 'hang', 'lost'] as const;
type Mishap = (typeof MISHAPS)[number];

function fault(name: string) {
  const rule = wanted(
    name,
    'what:chance, as in 503:0.1 (an HTTP status from 400 to 599, drop, html, hang or lost; a chance from 0 to 1)',
  );
  return z
    .string(rule)
    .regex(/^([45]\d\d|drop|html|hang|lost):([01]|0?\.\d+|1\.0+)$/, rule)
    .transform((text): SandboxFault => {
      const [what, chance] = text.split(':');
      return { kind: MISHAPS.find((mishap) => mishap === what) ?? Number(what), chance: Number(chance) };
    });
}

export const sandboxFlags = {
  settle: flag({
    value: '<seconds>',
    default: '5',
    says: 'how long a change takes in the sandbox, 0 to 3600',
    schema: (name) => number(name, 'seconds', 0, 3600),
  }),
  latency: flag({
    value: '<ms>',
    default: '0',
    says: 'how long each of its responses takes, 0 to 60000',
    schema: (name) => number(name, 'milliseconds', 0, 60_000),
  }),
  fail: repeated({
    value: '<what:chance>',
    says:
      'make a share of its responses fail, as in `503:0.1`; an HTTP status from 400 to 599, or `drop` (the ' +
      'connection closes), `html` (a page instead of JSON), `hang` (no response), `lost` (it acts, but the ' +
      'response is lost); can be repeated',
    more: 'see [Faults](sandbox.md#faults)',
    schema: (name) => several(fault(name)),
  }),
};

export const aloneFlags = listenFlags({ port: '8080' });

/** What the commands install and uninstall take. */
export const uninstallFlags = {
  sandbox: toggle({ says: 'the entry for the sandbox, which needs no token' }),
  name: optional({
    value: '<name>',
    default: 'ionos-postgres',
    exception: '`ionos-postgres-sandbox` with `--sandbox`',
    says: 'name of the entry',
    schema: (name) =>
      text(name, 'up to 40 letters, digits, hyphens and underscores, of which a letter is the first', (value) =>
        /^[a-z][\w-]{0,39}$/i.test(value),
      ),
  }),
  yes: toggle({ says: 'make the change without asking' }),
};

export const installFlags = {
  ...uninstallFlags,
  print: toggle({ says: 'print the entry and where it belongs, and change nothing' }),
  access: { ...serverFlags.access, default: undefined, exception: undefined, says: 'start the server with `--access`' },
  readOnly: toggle({ says: 'start the server with `--read-only`' }),
  toolsets: { ...serverFlags.toolsets, says: 'start the server with `--toolsets`' },
};

/** They print a page in place of serving. */
export const pageFlags = {
  version: { short: 'V', says: 'show the version' },
  help: { short: 'h', says: 'show this help' },
} as const;

interface FlagGroup {
  heading: string;
  intro?: string;
  flags: Readonly<Record<string, Flag>>;
}

export const SERVER_GROUPS: readonly FlagGroup[] = [
  { heading: 'Options:', flags: serverFlags },
  {
    heading: 'Writes:',
    intro: 'For writes; see [Safety](safety.md):',
    flags: writesFlags,
  },
  { heading: 'HTTP options, with --transport http:', intro: 'These need `--transport http`:', flags: httpFlags },
  {
    heading: 'Sandbox options, with --sandbox:',
    intro: 'These need `--sandbox`, or the command `sandbox`:',
    flags: sandboxFlags,
  },
];
