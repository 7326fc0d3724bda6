import {
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  ResourceTemplate,
  type ServerContext,
  UriTemplate,
  type Variables,
} from '@modelcontextprotocol/server';
import type { CallSource } from '../calls/source.ts';
import { ApiError, InputError, MissingError, UnseenError } from '../errors.ts';
import type { Handlers } from './handlers.ts';
import type { ListedResource } from './listing.ts';
import type { SourceOf } from './request.ts';

export function createResources(resources: readonly ListedResource[], handlers: () => Promise<Handlers>) {
  const templates = new Map(resources.filter(isTemplate).map(({ name, uri }) => [name, new UriTemplate(uri)]));

  async function read(
    { name, uri: pattern, mimeType }: ListedResource,
    uri: URL,
    variables: Variables,
    from: CallSource,
  ) {
    from.operation?.reads(pattern);
    const values = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)]));
    const result = await (await handlers()).readResource(name, values, from);
    if ('error' in result) throw toProtocolError(result, uri);
    return { contents: [{ uri: uri.href, mimeType, text: result.json }] };
  }

  function register(server: McpServer, resource: ListedResource, sourceOf: SourceOf) {
    const { name, uri, title, description, mimeType, isListed, ttlMs } = resource;
    const config = { title, description, mimeType, cacheHint: { ttlMs, cacheScope: 'private' as const } };
    const template = templates.get(name);
    if (template) {
      const list = async (ctx: ServerContext) => ({
        resources: await (await handlers()).listResource(name, sourceOf(ctx)),
      });
      const listed = new ResourceTemplate(template, { list: isListed ? list : undefined });
      server.registerResource(name, listed, config, (url, variables, ctx) =>
        read(resource, url, variables, sourceOf(ctx)),
      );
    } else {
      server.registerResource(name, uri, config, (url, ctx) => read(resource, url, {}, sourceOf(ctx)));
    }
  }

  /** Some of them. */
  return function registerResources(server: McpServer, offered: readonly ListedResource[], sourceOf: SourceOf): void {
    for (const resource of offered) register(server, resource, sourceOf);
  };
}

/** Whether one resource stands for many. */
export const isTemplate = ({ uri }: ListedResource) => uri.includes('{');

function toProtocolError({ error, text }: { error: unknown; text: string }, uri: URL): ProtocolError {
  const isNotFound = error instanceof ApiError && error.status === 404 && !(error instanceof UnseenError);
  const isMissing = error instanceof MissingError || isNotFound;
  if (isMissing) return new ResourceNotFoundError(uri.href, text);
  const code = error instanceof InputError ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError;
  return new ProtocolError(code, text);
}
