import { resources } from './resources/index.ts';
import { tools } from './tools/index.ts';
import { wireSchema } from './wire-schema.ts';

/**
 * All tools and resources as clients list them, with what a server has to know of them before the first is used. The
 * build replaces this file by its value, so that a server can start without them.
 */
export const contract = {
  tools: tools.map(({ name, title, description, access, annotations, input, output }) => ({
    access,
    listed: {
      ...{ name, title, description },
      annotations: { title, ...annotations },
      inputSchema: wireSchema(input),
      outputSchema: wireSchema(output),
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
