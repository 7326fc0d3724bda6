/** The contract that an IONOS token names: only IONOS verifies that. `token` may be a whole header. */
export function contractIn(token: string): string | undefined {
  const [, payload = ''] = token.split('.');
  try {
    const { identity }: { identity?: { contractNumber?: unknown } } = JSON.parse(
      Buffer.from(payload, 'base64url').toString(),
    );
    const { contractNumber } = identity ?? {};
    return typeof contractNumber === 'number' || typeof contractNumber === 'string'
      ? String(contractNumber)
      : undefined;
  } catch {
    return undefined;
  }
}
