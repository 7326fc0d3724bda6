import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { parse } from 'yaml';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

interface Schema {
  type?: string | string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  required?: string[];
  allOf?: Schema[];
  oneOf?: Schema[];
  readOnly?: boolean;
  writeOnly?: boolean;
}

interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  schema: Schema;
}

/** By media type */
type Content = Record<string, { schema: Schema; example?: unknown; examples?: Record<string, { value: unknown }> }>;

interface Operation {
  parameters?: Parameter[];
  requestBody?: { content: Content };
  responses: Record<string, { content?: Content }>;
}

type PathItem = { parameters?: Parameter[] } & Partial<Record<(typeof METHODS)[number], Operation>>;

interface Document {
  servers: { url: string }[];
  paths: Record<string, PathItem>;
  components: { responses: Record<string, { content: Content }> };
}

const validators = {
  request: validator('readOnly'),
  answer: validator('writeOnly'),
};

/** A published contract, to hold requests and answers against. */
function contractOf(name: string) {
  const file = new URL(`../snapshots/${name}`, import.meta.url);
  const document = withoutRefs(parse(readFileSync(file, 'utf8'))) as Document;
  const server = new URL(document.servers[0]?.url ?? '');

  /** A path of literals comes before one with parameters. */
  const described = Object.entries(document.paths)
    .flatMap(([path, item]) => METHODS.map((method) => ({ path, item, method, operation: item[method] })))
    .flatMap(({ operation, method, ...rest }) =>
      operation ? [{ ...rest, operation, method: method.toUpperCase() }] : [],
    )
    .sort((a, b) => a.path.split('{').length - b.path.split('{').length);

  function find(method: string, pathname: string) {
    return described.find((operation) => operation.method === method && pathValues(server, operation.path, pathname));
  }

  return {
    /** Whether a URL lies below the address that the contract is about. */
    covers: (url: string) => new URL(url).pathname.startsWith(`${server.pathname}/`),

    /** Rejects, with all reasons, unless the contract describes a request exactly like this one */
    async checkRequest(request: Request, body: string): Promise<void> {
      const { pathname, searchParams, search } = new URL(request.url);
      const found = find(request.method, pathname);
      const values = pathValues(server, found?.path ?? '', pathname) ?? {};
      report(`${request.method} ${pathname}${search}`, requestFaults(request, found, values, searchParams, body));
    },

    /** Rejects, with all reasons, unless the contract describes this answer; `path` may be a whole URL */
    async checkResponse(method: string, path: string, response: Response): Promise<void> {
      const { pathname } = new URL(path, server);
      const content = describedContent(document, response.status, find(method, pathname)?.operation);
      const faults = bodyFaults(response.headers, await response.clone().text(), content, 'answer');
      report(`${response.status} to ${method} ${path}`, faults);
    },

    /** Method and path template of what a request asks for, as one text; undefined if the contract has no such operation */
    operationOf(method: string, url: string): string | undefined {
      const path = find(method, new URL(url, server).pathname)?.path;
      return path && `${method} ${path}`;
    },

    /** Method and path template of every operation */
    operations: described.map(({ method, path }) => ({ method, path })),

    /** Every body that is shown as an example of a request */
    requestExamples: described.flatMap(({ method, path, operation }) => {
      const { example, examples = {} } = operation.requestBody?.content['application/json'] ?? {};
      const all = example === undefined ? examples : { example: { value: example } };
      return Object.entries(all).map(([name, { value }]) => ({ name, method, path, value }));
    }),
  };
}

export const openapi = contractOf('ionos-postgresql-v1.openapi.yaml');
export const openapiV2 = contractOf('ionos-postgresql-v2.openapi.yaml');
export const computeApi = contractOf('ionos-compute-subset.openapi.yaml');
export const quotaApi = contractOf('ionos-quota.openapi.yaml');

function report(what: string, faults: string[]): void {
  if (faults.length > 0) throw new Error(`${what} is not as documented:\n${faults.join('\n')}`);
}

/** The values of a template's parameters in a path, or undefined if the path is another. */
function pathValues(server: URL, template: string, pathname: string): Record<string, string> | undefined {
  const pattern = template.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  const base = server.pathname === '/' ? '' : server.pathname;
  const match = new RegExp(`^${base}${pattern}$`).exec(pathname);
  return match ? { ...match.groups } : undefined;
}

interface Described {
  path: string;
  item: PathItem;
  operation: Operation;
}

function requestFaults(
  { headers }: Request,
  found: Described | undefined,
  inPath: Record<string, string>,
  query: URLSearchParams,
  body: string,
): string[] {
  if (!found) return ['no such operation'];
  const { item, operation } = found;
  const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])];
  const values = {
    path: (name: string) => [decodeURIComponent(inPath[name] ?? '')],
    query: (name: string) => query.getAll(name),
    header: (name: string) => [headers.get(name) ?? []].flat(),
  };
  const known = parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
  return [
    ...(/^(Basic|Bearer) \S+$/.test(headers.get('authorization') ?? '') ? [] : ['Authorization: not Basic or Bearer']),
    ...parameters.flatMap((parameter) => parameterFaults(parameter, values[parameter.in](parameter.name))),
    ...[...query.keys()].filter((name) => !known.includes(name)).map((name) => `${name}: not documented`),
    ...bodyFaults(headers, body, operation.requestBody?.content, 'request'),
  ];
}

function parameterFaults({ name, required, schema }: Parameter, values: string[]): string[] {
  if (values.length > 1) return [`${name}: given ${values.length} times`];
  if (values.length === 0 && required) return [`${name}: missing`];
  return values.flatMap((value) => schemaFaults(schema, fromText(value, schema), name, 'request'));
}

function fromText(value: string, { type }: Schema): unknown {
  if (type === 'integer' && /^-?\d+$/.test(value)) return Number(value);
  if (type === 'boolean' && /^(true|false)$/.test(value)) return value === 'true';
  return value;
}

/** A path or method that the contract does not know gets the general error. */
function describedContent(document: Document, status: number, operation: Operation | undefined): Content | undefined {
  const general = document.components.responses.Error;
  const response = operation ? (operation.responses[status] ?? operation.responses.default) : general;
  return response?.content;
}

function bodyFaults(headers: Headers, text: string, content: Content | undefined, side: Side): string[] {
  if (!content) return text === '' ? [] : ['body: not documented'];
  const type = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? 'none';
  const described = content[type];
  if (!described) return [`Content-Type: ${type}, not ${Object.keys(content).join(' or ')}`];
  return schemaFaults(described.schema, JSON.parse(text), 'body', side);
}

type Side = keyof typeof validators;

function schemaFaults(schema: Schema, value: unknown, name: string, side: Side): string[] {
  const validate = validators[side].compile(closed[side](schema));
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message, params }) => {
    return `${name}${instancePath} ${message} ${JSON.stringify(params)}`;
  });
}

/** Refuses what the other side alone may send; x- keywords and examples mean nothing to it. */
function validator(forbidden: 'readOnly' | 'writeOnly') {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);
  ajv.removeKeyword(forbidden);
  return ajv.addKeyword({
    keyword: forbidden,
    validate: (isForbidden: boolean) => !isForbidden,
    error: { message: `is ${forbidden}` },
  });
}

/**
 * The contract leaves its objects open; here nothing passes that it does not name. What the other side alone may send is
 * required of that side alone.
 */
const closedFor = (forbidden: 'readOnly' | 'writeOnly') => {
  const close = memoized((schema: Schema) => ({ ...inside(schema), unevaluatedProperties: false }));

  function inside({ properties, items, required, allOf, oneOf, ...schema }: Schema): Schema {
    return {
      ...schema,
      ...(properties && {
        properties: Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, close(value)])),
      }),
      ...(required && { required: required.filter((name) => !properties?.[name]?.[forbidden]) }),
      ...(items && { items: close(items) }),
      ...(allOf && { allOf: allOf.map(inside) }),
      ...(oneOf && { oneOf: oneOf.map(close) }),
    };
  }

  return close;
};

const closed = { request: closedFor('readOnly'), answer: closedFor('writeOnly') };

function memoized<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const made = new WeakMap<K, V>();
  return (key) => {
    const value = made.get(key) ?? make(key);
    made.set(key, value);
    return value;
  };
}

/** The document with each $ref replaced by what it points to; no chain of them is a circle. */
function withoutRefs(root: unknown): unknown {
  const target = (ref: string) => ref.split('/').slice(1).reduce(child, root);
  const expand = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(expand);
    if (!isObject(node)) return node;
    const { $ref, ...own } = node;
    const entries = Object.entries(own).map(([name, value]) => [name, expand(value)]);
    return { ...(typeof $ref === 'string' ? Object(expand(target($ref))) : {}), ...Object.fromEntries(entries) };
  };
  return expand(root);
}

function child(node: unknown, name: string): unknown {
  return isObject(node) ? node[name] : undefined;
}

function isObject(node: unknown): node is Record<string, unknown> {
  return typeof node === 'object' && node !== null;
}
