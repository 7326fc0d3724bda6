import { readFileSync } from 'node:fs';
import { prompts } from '../prompts/index.ts';
import { resourcesByToolset } from '../resources/index.ts';
import { basics, toolsets } from '../tools/index.ts';
import type { Toolset } from '../tools/toolsets.ts';
import { purposeIn, skillFor } from './skills/entries.ts';
import { inputSchema, outputSchema } from './wire-schema.ts';

/** The build inlines this value, so that a server starts without loading tools, resources and prompts. */
export const listing = {
  tools: byToolset(toolsets, (tool) => {
    const { name, title, description, access, annotations, searchHint, hasView, input, output } = tool;
    const listed = {
      ...{ name, title, description },
      annotations,
      inputSchema: inputSchema(input),
      outputSchema: outputSchema(output),
    };
    return { access, isBasic: basics.includes(tool), spansProfiles: tool.spansProfiles, searchHint, hasView, listed };
  }),
  resources: byToolset(resourcesByToolset, ({ list, complete = {}, read: _, ...resource }) => ({
    ...resource,
    isListed: list !== undefined,
    completes: Object.keys(complete),
  })),
  /** Of the server, as a URI that a client need not fetch. */
  icons: [{ src: dataUri('icon.svg', 'image/svg+xml'), mimeType: 'image/svg+xml', sizes: ['any'] }],
  prompts: await Promise.all(
    prompts.map(async ({ name, title, arguments: wanted }) => {
      const { tools, entry } = await skillFor(name);
      const description = purposeIn(entry.frontmatter.description);
      return {
        /** A caller who is not offered one of these is offered neither the prompt nor the skill. */
        tools,
        completes: wanted.filter(({ complete }) => complete).map(({ name }) => name),
        listed: { name, title, description, arguments: wanted.map(({ complete: _, ...argument }) => argument) },
        skill: entry,
      };
    }),
  ),
};

type BuiltTool = (typeof listing.tools)[number];

export interface ListedTool extends BuiltTool {
  listed: BuiltTool['listed'] & { _meta?: Record<string, unknown> };
}
export type ListedResource = (typeof listing.resources)[number];
export type ListedPrompt = (typeof listing.prompts)[number];

function byToolset<T, Listed>(all: Record<Toolset, readonly T[]>, listed: (each: T) => Listed) {
  const sets = Object.entries(all) as [Toolset, readonly T[]][];
  return sets.flatMap(([toolset, some]) => some.map((each) => ({ toolset, ...listed(each) })));
}

function dataUri(file: string, mimeType: string): string {
  return `data:${mimeType};base64,${readFileSync(new URL(file, import.meta.url), 'base64')}`;
}
