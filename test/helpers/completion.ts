import type { connect } from './connect.ts';

type World = Awaited<ReturnType<typeof connect>>;

/** A value for a variable of a resource or an argument of a prompt, where these others are known. */
export type Completion = [
  ref: { type: 'ref/resource'; uri: string } | { type: 'ref/prompt'; name: string },
  name: string,
  known: Record<string, string>,
];

export async function complete({ client }: World, [ref, name, known]: Completion, value = '') {
  const context = Object.keys(known).length > 0 ? { arguments: known } : undefined;
  return (await client.complete({ ref, argument: { name, value }, context })).completion;
}
