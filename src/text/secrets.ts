/** Excludes passwordEnv, which holds the name of a variable. */
const SECRET_KEY = /password(?!Env$)|token|secret|authorization|^credentials$/i;
const MIN_SECRET_LENGTH = 6;

export function isSecretKey(key: PropertyKey): boolean {
  return SECRET_KEY.test(String(key));
}

const MAX_DEPTH = 8;
/** Limits the cost of redaction, which grows with each secret. */
const MAX_SECRETS = 50;

export function secretsIn(value: unknown): string[] {
  const found: string[] = [];
  collect(value, false, MAX_DEPTH, found);
  return found;
}

function collect(value: unknown, secret: boolean, levels: number, found: string[]) {
  if (levels === 0 || found.length >= MAX_SECRETS) return;
  if (typeof value === 'string' && secret) found.push(value);
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    collect(item, isSecretKey(key) || (secret && Array.isArray(value)), levels - 1, found);
  }
}

/** Replaces each secret in every encoding that an API could echo. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const forms = secrets.filter((secret) => secret.length >= MIN_SECRET_LENGTH).flatMap(formsOf);
  // Longest first: a secret that contains another must not leave a remainder.
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
