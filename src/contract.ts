import { resources } from './resources/index.ts';
import { tools } from './tools/index.ts';
import { inputSchema, outputSchema } from './wire-schema.ts';

/**
 * All tools and resources as clients list them, with what a server has to know of them before the first is used. The
 * build replaces this file by its value, so that a server can start without them.
 */
export const contract = {
  tools: tools.map(({ name, title, description, access, annotations, input, output }) => ({
    access,
    listed: {
      ...{ name, title, description },
      annotations,
      inputSchema: inputSchema(input),
      outputSchema: outputSchema(output),
    },
  })),
  resources: resources.map(({ list, complete = {}, read: _, ...resource }) => ({
    ...resource,
    isListed: list !== undefined,
    completes: Object.keys(complete),
  })),
};

export type ListedTool = (typeof contract.tools)[number];
export type ListedResource = (typeof contract.resources)[number];
