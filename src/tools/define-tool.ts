import type * as z from 'zod';
import { requireNeeds } from './finding/generations.ts';
import type { Tool } from './tool.ts';

/** A read that needs v1 refuses a cluster on v2 itself, whoever runs it; for a write, `writes` does so before the plan. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  tool: Tool<Input, Output>,
): Tool<Input, Output> {
  if (tool.plan || !tool.needs) return tool;
  return {
    ...tool,
    async run(args, context) {
      await requireNeeds(tool, args, context);
      return tool.run(args, context);
    },
  };
}
