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

/** Takes the secrets out of a text, in each form in which one could come back from an API. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const forms = secrets.filter((secret) => secret.length >= SHORTEST).flatMap(formsOf);
  // The longest first: of one that holds another the rest would be left.
  forms.sort((one, other) => other.length - one.length);
  return (text) => forms.reduce((redacted, form) => redacted.replaceAll(form, '[redacted]'), text);
}

function formsOf(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  return [
    secret,
    json,
    json.replace(/[\u007f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`),
    encodeURIComponent(secret.toWellFormed()),
    new URLSearchParams([['', secret]]).toString().slice(1),
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
    Buffer.from(secret).toString('base64url'),
  ];
}
