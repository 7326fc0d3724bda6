import * as z from 'zod';
import { idKey } from '../../text/ids.ts';
import type { RowSchema } from './port.ts';

/** A row with what it is joined, filtered and sorted by. */
export interface Keyed<T> {
  id: string;
  key: string;
  name: string;
  /** Of a backup. */
  clusterId?: string;
  order: readonly string[];
  value: T;
}

const text = z.string().optional().catch(undefined);
const keys = z.object({
  id: z.string(),
  metadata: z.object({ createdDate: text }).optional().catch(undefined),
  properties: z.object({ displayName: text, clusterId: text }).optional().catch(undefined),
});

export function keyed<Item extends RowSchema>(item: Item) {
  return z.unknown().transform((raw, context): Keyed<z.output<Item>> => {
    const value = parsedIn(item, raw, context);
    if (context.issues.length > 0) return z.NEVER;
    const { id, metadata, properties: { displayName = '', clusterId } = {} } = keys.parse(raw);
    const name = displayName.toLowerCase();
    const order = [name, clusterId ?? '', metadata?.createdDate ?? '', id];
    return { id, key: idKey(id), name, clusterId, order, value };
  });
}

/** What a schema makes of it; what it finds wrong is wrong for the schema around it. */
export function parsedIn<Schema extends z.ZodType>(
  schema: Schema,
  raw: unknown,
  context: Pick<z.core.ParsePayload, 'issues'>,
): z.output<Schema> {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  for (const { path, message } of parsed.error.issues) {
    context.issues.push({ code: 'custom', path, message, input: raw });
  }
  return z.NEVER;
}

export function byOrder({ order: one }: Keyed<unknown>, { order: other }: Keyed<unknown>): number {
  const at = one.findIndex((word, n) => word !== other[n]);
  return at < 0 ? 0 : (one[at] ?? '') < (other[at] ?? '') ? -1 : 1;
}
