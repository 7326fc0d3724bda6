import { ConfigError } from '../errors.ts';
import type { McpClient } from './clients.ts';
import type { Entry, WholeEntry } from './entry.ts';
import { readSettings, type SettingsFile } from './files.ts';
import { json } from './json.ts';
import { isSame, isTable, type Route, type Syntax } from './syntax.ts';
import { toml } from './toml.ts';

/** Where VS Code keeps the token: https://code.visualstudio.com/docs/copilot/reference/mcp-configuration */
export const TOKEN_INPUT = {
  type: 'promptString',
  id: 'ionos-token',
  description: 'IONOS Cloud token',
  password: true,
} as const;
export const TOKEN_REFERENCE = `\${input:${TOKEN_INPUT.id}}`;

/** A client's file, and what it says about one server. */
export interface ClientSettings {
  file: SettingsFile;
  content: Record<string, unknown>;
  /** Undefined if there is no server of that name. */
  entry: unknown;
}

const syntaxOf = ({ syntax }: McpClient): Syntax => ({ json, toml })[syntax];

/** Throws ConfigError if the file is broken. */
export function readClient(client: McpClient, path: string, name: string): ClientSettings {
  const file = readSettings(path);
  const content = syntaxOf(client).parse(file.text, path);
  return { file, content, entry: entryIn(content, client, name) };
}

function entryIn(content: Record<string, unknown>, { key }: McpClient, name: string): unknown {
  const servers = content[key];
  return isTable(servers) && Object.hasOwn(servers, name) ? servers[name] : undefined;
}

const hasTokenInput = ({ inputs }: Record<string, unknown>) =>
  Array.isArray(inputs) && inputs.some((input) => isTable(input) && input.id === TOKEN_INPUT.id);

const asksForToken = ({ env }: Pick<Entry, 'env'>) => env?.IONOS_TOKEN === TOKEN_REFERENCE;

/** Whether the file already has all that this entry needs. */
export const isInstalled = ({ content, entry }: ClientSettings, wanted: WholeEntry) =>
  isSame(entry, wanted) && (!asksForToken(wanted) || hasTokenInput(content));

/** The file's text with the entry. Throws ConfigError if that cannot be done without loss. */
export function withEntry(
  client: McpClient,
  { file, content, entry: old }: ClientSettings,
  name: string,
  entry: WholeEntry,
): string {
  const syntax = syntaxOf(client);
  const { path } = file;
  let text = withChanges({ syntax, path, route: [client.key, name] }, file.text, old, entry);
  const expected: Record<string, unknown> = {
    ...content,
    [client.key]: { ...tableOf(content[client.key]), [name]: entry },
  };
  if (asksForToken(entry) && !hasTokenInput(content)) {
    const inputs = Array.isArray(content.inputs) ? content.inputs : [];
    if (content.inputs === undefined) text = syntax.set(text, ['inputs'], [TOKEN_INPUT], path);
    else text = syntax.set(text, ['inputs', inputs.length], TOKEN_INPUT, path);
    expected.inputs = [...inputs, TOKEN_INPUT];
  }
  return checked(client, file, text, expected);
}

interface Editing {
  syntax: Syntax;
  path: string;
  route: Route;
}

/** Only what differs, where the format allows it: comments within the entry stay. */
function withChanges({ syntax, path, route }: Editing, text: string, old: unknown, wanted: unknown): string {
  if (isSame(old, wanted)) return text;
  if (!syntax.isByPart || !isTable(old) || !isTable(wanted)) return syntax.set(text, route, wanted, path);
  const gone = Object.keys(old).filter((key) => !Object.hasOwn(wanted, key));
  const without = gone.reduce((left, key) => syntax.remove(left, [...route, key]), text);
  return Object.entries(wanted).reduce(
    (left, [key, value]) => withChanges({ syntax, path, route: [...route, key] }, left, old[key], value),
    without,
  );
}

/** The file's text without the entry, and without the prompt for the token unless another server needs it. */
export function withoutEntry(client: McpClient, { file, content, entry }: ClientSettings, name: string): string {
  const syntax = syntaxOf(client);
  let text = syntax.remove(file.text, [client.key, name]);
  const { [name]: _, ...servers } = tableOf(content[client.key]);
  const expected: Record<string, unknown> = { ...content, [client.key]: servers };
  const inputs = Array.isArray(content.inputs) ? content.inputs : [];
  const index = inputs.findIndex((each) => isSame(each, TOKEN_INPUT));
  const refersToIt = (value: unknown) => JSON.stringify(value, withBigInts).includes(TOKEN_REFERENCE);
  if (index >= 0 && refersToIt(entry) && !refersToIt(servers)) {
    text = syntax.remove(text, ['inputs', index]);
    expected.inputs = inputs.filter((_, at) => at !== index);
  }
  return checked(client, file, text, expected);
}

// Integers in TOML can exceed what JSON can represent.
const withBigInts = (_key: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);

const tableOf = (value: unknown) => (isTable(value) ? value : {});

/** Nothing is written unless the text, parsed again, says exactly what it should. */
function checked(client: McpClient, { path }: SettingsFile, text: string, expected: Record<string, unknown>): string {
  let isRight = false;
  try {
    isRight = isSame(withoutEmpty(client, syntaxOf(client).parse(text, path)), withoutEmpty(client, expected));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
  }
  if (isRight) return text;
  throw new ConfigError([
    `${path} is written in a way that this program cannot change safely, such as with the same key twice. Nothing was changed; edit it by hand, with the output of install --print`,
  ]);
}

/** In TOML an empty table makes no difference. */
function withoutEmpty({ syntax, key }: McpClient, content: Record<string, unknown>): Record<string, unknown> {
  const { [key]: servers, ...rest } = content;
  return syntax === 'toml' && isTable(servers) && Object.keys(servers).length === 0 ? rest : content;
}

/** A file with nothing but the entry. */
export function snippet(client: McpClient, name: string, entry: WholeEntry): string {
  const nothing = { file: { path: '', target: '', text: '', hasMark: false }, content: {}, entry: undefined };
  return withEntry(client, nothing, name, entry);
}
