/** Calls a tool, and once more with the token that it wants for what costs more. */
export async function agreeing<Result extends { structuredContent?: unknown }>(
  call: (name: string, args: Record<string, unknown>) => Promise<Result>,
  name: string,
  args: Record<string, unknown>,
): Promise<Result> {
  const first = await call(name, args);
  const { outcome, confirmationToken } = Object(first.structuredContent);
  return outcome === 'needs_confirmation' ? call(name, { ...args, confirmationToken }) : first;
}
