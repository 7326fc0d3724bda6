import { type McpServer, ResourceTemplate, type ServerContext } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { httpCallerIn } from '../../calls/http-caller.ts';
import { capabilitiesIn, type Era } from '../elicitation.ts';
import type { ListedTool } from '../listing.ts';

/** MCP Apps: https://github.com/modelcontextprotocol/ext-apps */
export const UI = 'io.modelcontextprotocol/ui';
export const HTML = 'text/html;profile=mcp-app';

/** The only view. */
export const VIEW_URI = 'ui://ionos-postgresql/clusters';

type Meta = Record<string, unknown>;

const VIEW: Meta = { ui: { resourceUri: VIEW_URI } };

/** What tools/list says of a tool in addition, to every client: not all can say first what they make use of. */
export function metaOf(
  { access, searchHint, hasView }: Pick<ListedTool, 'access' | 'searchHint' | 'hasView'>,
  { confirm }: { confirm: string },
): Meta {
  return {
    ...(searchHint === null ? { 'anthropic/alwaysLoad': true } : { 'anthropic/searchHint': searchHint }),
    ...(hasView && VIEW),
    // Claude Code asks a person before each call.
    ...(access === 'full' && confirm !== 'never' && { 'anthropic/requiresUserInteraction': true }),
  };
}

/** To a client that renders views: there the plan of any write needs one, for its button. */
export const withView = (listed: ListedTool['listed']): ListedTool['listed'] => ({
  ...listed,
  _meta: { ...listed._meta, ...VIEW },
});

/** Where a result has what the view needs to confirm it, and the model does not read. */
export const CONFIRM_META = 'ionos-postgresql/confirm';

/** In the `_meta` of a call: whoever sends it wants a plan and a button for it, whatever --confirm says. */
export const PLAN_FIRST_META = 'ionos-postgresql/plan-first';

/** `capabilities` is what a client declares. */
export function declaresViews(capabilities: unknown): boolean {
  const { extensions }: { extensions?: unknown } = Object(capabilities);
  const { [UI]: ui }: { [UI]?: unknown } = Object(extensions);
  const { mimeTypes }: { mimeTypes?: unknown } = Object(ui);
  return Array.isArray(mimeTypes) && mimeTypes.includes(HTML);
}

/** Whether the client renders views. Over stateless HTTP a legacy one has said so before. */
export function rendersApps(server: McpServer, ctx: ServerContext, era: Era): boolean {
  if (declaresViews(capabilitiesIn(server, ctx, era))) return true;
  return era === 'legacy' && httpCallerIn(ctx.http?.authInfo)?.seesViews === true;
}

/** What a view sends once a person has pressed its button. */
const confirmation = z.object({
  tool: z.string(),
  arguments: z.record(z.string(), z.unknown()),
  token: z.string().max(200),
  name: z.string().max(1_000).optional(),
  declined: z.boolean().optional(),
});

/** The call that was confirmed, and how; undefined for anything else: nobody but a view sends it. */
export function confirmedIn(given: unknown) {
  const { data } = confirmation.safeParse(given);
  if (!data) return undefined;
  const { tool, arguments: raw, token, name, declined: isDeclined } = data;
  return { name: tool, raw, press: { token, name, isDeclined } };
}

/** Hosts show it to views alone, never to the model. */
export const confirmWrite = {
  name: 'confirm_write',
  title: 'Confirm a write',
  description:
    'Carries out a write that a person has agreed to in the view of this server, or notes that they declined. Only the view can call it.',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
  inputSchema: {
    type: 'object' as const,
    properties: {
      tool: { type: 'string' },
      arguments: { type: 'object' },
      token: { type: 'string' },
      name: { type: 'string' },
      declined: { type: 'boolean' },
    },
    required: ['tool', 'arguments', 'token'],
  },
  _meta: { ui: { visibility: ['app'] } },
};

/**
 * Hosts find it by the tools that name it. The SDK lists every resource that it reads, except templates, whose list is
 * ours. `html` is loaded when a client asks for it.
 */
export function registerView(server: McpServer, html: () => Promise<string>) {
  server.registerResource(
    'view',
    new ResourceTemplate(VIEW_URI, { list: undefined }),
    { mimeType: HTML },
    async (uri) => ({
      contents: [
        { uri: uri.href, mimeType: HTML, text: await html(), _meta: { ui: { csp: {}, prefersBorder: true } } },
      ],
    }),
  );
}
