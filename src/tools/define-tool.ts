import type * as z from 'zod';
import { requireNeeds } from './finding/generations.ts';
import type { ReadTool, WriteTool } from './tool.ts';

/** One that needs v1 refuses a cluster on v2 itself, whoever runs it. */
export function defineRead<Input extends z.ZodObject, Output extends z.ZodObject>(
  tool: ReadTool<Input, Output>,
): ReadTool<Input, Output> {
  if (!tool.needs) return tool;
  return {
    ...tool,
    async run(args, context) {
      await requireNeeds(tool, args, context);
      return tool.run(args, context);
    },
  };
}

/** Of one that needs v1, `writes` refuses a cluster on v2 before the plan, and after it. */
export const defineWrite = <Input extends z.ZodObject, Output extends z.ZodObject>(
  tool: WriteTool<Input, Output>,
): WriteTool<Input, Output> => tool;
