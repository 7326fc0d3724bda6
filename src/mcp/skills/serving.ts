import {
  type CacheHint,
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  ResourceTemplate,
  type ServerContext,
} from '@modelcontextprotocol/server';
import * as z from 'zod';
import type { Era } from '../elicitation.ts';
import type { ListedPrompt } from '../listing.ts';
import { type PromptSources, shownName } from '../prompts.ts';

/** Skills over MCP: https://modelcontextprotocol.io/extensions/skills/overview */
export const SKILLS = 'io.modelcontextprotocol/skills';

const MARKDOWN = 'text/markdown';

export interface SkillSources extends Pick<PromptSources, 'skillText'> {
  era: Era;
  cacheHint: CacheHint;
  /** The prompts that this caller is offered: each has a skill. */
  offered(ctx: ServerContext): readonly ListedPrompt[];
}

/**
 * Serves what the SDK's own extension would. That one has to be attached before a client connects, and so would be loaded
 * at each start, with a reader of YAML that is needed when the program is built alone.
 */
export function registerSkills(mcpServer: McpServer, { era, cacheHint, offered, skillText }: SkillSources) {
  const found = (uri: string, ctx: ServerContext) => offered(ctx).find(({ skill }) => skill.uri === uri)?.skill;
  const cached = era === 'modern' ? cacheHint : {};

  mcpServer.registerResource(
    'skills',
    new ResourceTemplate('skill://{+path}', { list: (ctx) => ({ resources: offered(ctx).map(toResource) }) }),
    { mimeType: MARKDOWN, cacheHint },
    async ({ href }, _, ctx) => {
      const skill = found(href, ctx);
      if (!skill) throw new ResourceNotFoundError(href);
      return { contents: [{ uri: href, mimeType: MARKDOWN, text: await skillText(skill.frontmatter.name) }] };
    },
  );
  const { server } = mcpServer;
  server.setRequestHandler('skills/list', { params: z.looseObject({}) }, (_, ctx) => ({
    skills: offered(ctx).map(({ skill }) => skill),
    ...cached,
  }));
  server.setRequestHandler('skills/get', { params: z.looseObject({ uri: z.string() }) }, ({ uri }, ctx) => {
    const skill = found(uri, ctx);
    if (!skill) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `No skill at ${shownName(uri)}`);
    return { skill, ...cached };
  });
}

const toResource = ({ listed: { title }, skill: { uri, frontmatter } }: ListedPrompt) => ({
  ...{ uri, name: frontmatter.name, title },
  description: frontmatter.description,
  mimeType: MARKDOWN,
});
