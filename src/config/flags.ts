import path from 'node:path';
import * as z from 'zod';
import { ACCESSES } from '../access.ts';
import { TOOLSETS } from '../tools/toolsets.ts';
import { readPolicy } from '../writes/policy-file.ts';
import { orIssues } from './environment.ts';
import { type Flag, flag, optional, repeated, toggle } from './flag-row.ts';
import { choice, choices, filePath, list, number, several, wanted } from './flag-schemas.ts';
import { httpFlags, listenFlags } from './http-flags.ts';

/** What the server takes however it is reached. */
export const serverFlags = {
  sandbox: toggle({
    says: 'try it without an account: talk to a built-in imitation of the API, which costs and keeps nothing',
    more: 'of the environment nothing is read that concerns IONOS',
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
  access: optional({
    value: '<level>',
    default: 'full',
    exception: 'over HTTP the default is `write`, except with `--sandbox`',
    says:
      'what is offered at all: `read`; `write`, which adds creating and changing; `full`, which adds deleting and ' +
      'restoring',
    more: 'see [Access](#access)',
    schema: (name) =>
      choice(name, ACCESSES, {
        synonyms: { 'read-only': 'read', readonly: 'read', 'read-write': 'write', readwrite: 'write' },
      }),
  }),
  readOnly: toggle({ says: 'the same as `--access read`' }),
  toolsets: repeated({
    value: '<sets>',
    otherwise: 'all',
    says:
      'which kinds of tools are offered, of `clusters`, `backups`, `users`, `databases`, `logs` and `networks`, separated by ' +
      'commas; all if left out',
    more: 'can be repeated',
    schema: (name) => choices(name, TOOLSETS),
  }),
  logLevel: flag({
    value: '<level>',
    default: 'info',
    says: '`trace`, `debug`, `info`, `warn`, `error` or `silent`; JSON on stderr, writes are always logged',
    schema: (name) =>
      choice(name, ['trace', 'debug', 'info', 'warn', 'error', 'silent'], {
        synonyms: { warning: 'warn', err: 'error', information: 'info', none: 'silent', off: 'silent' },
      }),
  }),
  auditFile: optional({
    value: '<path>',
    says: 'file to which the log lines of writes are appended as well',
    more: 'see [Logs](#logs)',
    schema: (name, surroundings) => filePath(name, surroundings, 'a file').transform((file) => path.resolve(file)),
  }),
};

/** These belong to the server itself. */
const OWN_VARIABLE = /^(IONOS|MCP)_/i;

export const writesFlags = {
  confirm: flag({
    value: '<which>',
    default: 'destructive',
    says:
      'which writes a person has to agree to: `never`; `destructive`, for deletes, upgrades and all that has no way ' +
      'back; or `writes`, for all of them',
    schema: (name) =>
      choice(name, ['never', 'destructive', 'writes'], { synonyms: { none: 'never', write: 'writes' } }),
  }),
  requireHuman: toggle({
    says: 'refuse what a person has to agree to where the client cannot ask one, instead of taking a token after a preview',
  }),
  policy: optional({
    value: '<path>',
    says: 'file with rules that no caller can lift: protected clusters, sizes, places, versions',
    schema: (name, surroundings) =>
      filePath(name, surroundings).transform((file, context) => {
        orIssues(() => readPolicy(file, surroundings.readFile), context);
        return file;
      }),
  }),
  credentialsDir: optional({
    value: '<path>',
    otherwise: "the user's state directory",
    says: "over stdio: where new passwords are written, if not in the user's state directory",
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
  /** An HTTP status, or the way in which an answer goes wrong. */
  kind: number | Mishap;
  /** From 0, never, to 1, always. */
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

/** How the sandbox behaves, within the server and by itself. */
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
    says: 'how long each of its answers takes, 0 to 60000',
    schema: (name) => number(name, 'milliseconds', 0, 60_000),
  }),
  fail: repeated({
    value: '<what:chance>',
    says:
      'make a share of its answers fail, as in `503:0.1`; an HTTP status from 400 to 599, or `drop` (the connection ' +
      'closes), `html` (a page in place of JSON), `hang` (no answer comes), `lost` (it acts, its answer is lost); ' +
      'can be repeated',
    more: 'see [Sandbox](#sandbox)',
    schema: (name) => several(fault(name)),
  }),
};

/** What the command sandbox takes besides. */
export const aloneFlags = listenFlags({ port: '8080' });

/** They print a page in place of serving. */
export const pageFlags = {
  version: { short: 'V', says: 'show the version' },
  help: { short: 'h', says: 'show this help' },
} as const;

interface FlagGroup {
  /** In help. */
  heading: string;
  /** In the documentation, in Markdown. */
  intro?: string;
  flags: Readonly<Record<string, Flag>>;
}

export const SERVER_GROUPS: readonly FlagGroup[] = [
  { heading: 'Options:', flags: serverFlags },
  {
    heading: 'Writes:',
    intro: 'These are about writes; see [Before anything is changed](#before-anything-is-changed):',
    flags: writesFlags,
  },
  { heading: 'HTTP options, with --transport http:', intro: 'These need `--transport http`:', flags: httpFlags },
  {
    heading: 'Sandbox options, with --sandbox:',
    intro: 'These need `--sandbox`, and go with the command `sandbox` as well:',
    flags: sandboxFlags,
  },
];
