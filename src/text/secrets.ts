/** But not passwordEnv, which holds the name of a variable. */
const SECRET_KEY = /password(?!Env$)|token|secret|authorization|^credentials$/i;
const SHORTEST = 6;

/** Whether a value under this key must not be shown. */
export function isSecretKey(key: PropertyKey): boolean {
  return SECRET_KEY.test(String(key));
}

/** Levels below which no argument of a tool lies. */
const DEEPEST = 8;
/** More are not arguments of ours, and each costs time wherever a text is cleared of it. */
const MOST = 50;

/** The secret texts in a call's arguments. */
export function secretsIn(value: unknown): string[] {
  const found: string[] = [];
  collect(value, false, DEEPEST, found);
  return found;
}

function collect(value: unknown, secret: boolean, levels: number, found: string[]) {
  if (levels === 0 || found.length >= MOST) return;
  if (typeof value === 'string' && secret) found.push(value);
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    collect(item, isSecretKey(key) || (secret && Array.isArray(value)), levels - 1, found);
  }
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
