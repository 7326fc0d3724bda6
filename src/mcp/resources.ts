import {
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  ResourceTemplate,
  type ServerContext,
  type Variables,
} from '@modelcontextprotocol/server';
import { ApiError, InputError, MissingError, UnseenError } from '../errors.ts';
import type { Handlers } from './handlers.ts';
import type { ListedResource } from './listing.ts';
import { sourceIn } from './request.ts';

export function createResources(resources: readonly ListedResource[], handlers: () => Promise<Handlers>) {
  const templates = new Map(resources.map((resource) => [resource.name, templateOf(resource)]));

  function templateOf({ name, uri, isListed }: ListedResource): ResourceTemplate | undefined {
    if (!uri.includes('{')) return undefined;
    const list = async (ctx: ServerContext) => ({
      resources: await (await handlers()).listResource(name, sourceIn(ctx)),
    });
    return new ResourceTemplate(uri, { list: isListed ? list : undefined });
  }

  async function read({ name, mimeType }: ListedResource, uri: URL, variables: Variables, ctx: ServerContext) {
    const values = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)]));
    const result = await (await handlers()).readResource(name, values, sourceIn(ctx));
    if ('error' in result) throw toProtocolError(result, uri);
    return { contents: [{ uri: uri.href, mimeType, text: result.json }] };
  }

  function register(server: McpServer, resource: ListedResource) {
    const { name, uri, title, description, mimeType, ttlMs } = resource;
    const config = { title, description, mimeType, cacheHint: { ttlMs, cacheScope: 'private' as const } };
    const template = templates.get(name);
    if (template) {
      server.registerResource(name, template, config, (url, variables, ctx) => read(resource, url, variables, ctx));
    } else {
      server.registerResource(name, uri, config, (url, ctx) => read(resource, url, {}, ctx));
    }
  }

  const listedTemplates = resources
    .filter(({ name }) => templates.get(name))
    .map(({ name, uri: uriTemplate, title, description, mimeType }) => ({
      name,
      uriTemplate,
      title,
      description,
      mimeType,
    }));

  return {
    registerAll(server: McpServer) {
      for (const resource of resources) register(server, resource);
    },
    listedTemplates,
    find: (uri: string) => resources.find((resource) => resource.uri === uri),
  };
}

function toProtocolError({ error, text }: { error: unknown; text: string }, uri: URL): ProtocolError {
  const isNotFound = error instanceof ApiError && error.status === 404 && !(error instanceof UnseenError);
  const isMissing = error instanceof MissingError || isNotFound;
  if (isMissing) return new ResourceNotFoundError(uri.href, text);
  const code = error instanceof InputError ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError;
  return new ProtocolError(code, text);
}
