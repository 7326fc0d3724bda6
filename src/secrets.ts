const SECRET_KEY = /password|token|secret|authorization|^credentials$/i;
const SHORTEST = 6;

/** Whether a value under this key must not be shown. */
export function isSecretKey(key: PropertyKey): boolean {
  return SECRET_KEY.test(String(key));
}

/** The secret texts in a call's arguments. */
export function secretsIn(value: unknown, secret = false): string[] {
  if (typeof value === 'string') return secret ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    secretsIn(item, isSecretKey(key) || (secret && Array.isArray(value))),
  );
}

/** The text without the secrets, in each form in which one could come back from an API. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= SHORTEST)
    .flatMap((secret) => [
      secret,
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
    ])
    .reduce((redacted, secret) => redacted.replaceAll(secret, '[redacted]'), text);
}
