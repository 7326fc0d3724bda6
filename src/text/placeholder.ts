/** The kind decides what counts as a placeholder: a token has no spaces, a password can be nearly anything. */
export type ValueKind = 'text' | 'name' | 'token' | 'password';

/** The form of a placeholder that was never filled in, without repeating the value; undefined for a real value. */
export function placeholderIn(value: string, kind: ValueKind = 'text'): string | undefined {
  const text = unquoted(unquoted(value).replace(/^(bearer|basic|token)\s+/i, ''));
  if (kind === 'password') return text.startsWith('${') && text.endsWith('}') ? EXPANDED : undefined;
  const form = ANYWHERE.find((each) => isBetween(text, each))?.form;
  if (form || text.length > MAX_LENGTH) return form ?? (kind === 'token' && isCut(text) ? FILLER : undefined);
  const wholeForm = WHOLE.find(([, pattern]) => pattern.test(text))?.[0];
  if (wholeForm || kind === 'name') return wholeForm;
  if (isFiller(text) || (kind === 'token' && isTokenFiller(text))) return FILLER;
  return kind === 'text' ? inside(text) : undefined;
}

const EXPANDED = '$\u007b…}';
const FILLER = 'a text such as YOUR_TOKEN';
const MAX_LENGTH = 300;

function unquoted(value: string): string {
  const text = value.trim();
  const [first = ''] = text;
  return text.length > 1 && /["'`]/.test(first) && text.endsWith(first) ? text.slice(1, -1).trim() : text;
}

interface Signs {
  form: string;
  open: string;
  close: string;
}

/** Only a password can contain these. */
const ANYWHERE: readonly Signs[] = [
  { form: EXPANDED, open: '${', close: '}' },
  { form: '{{…}}', open: '{{', close: '}}' },
  { form: '$(…)', open: '$(', close: ')' },
  { form: '{%…%}', open: '{%', close: '%}' },
];

function isBetween(text: string, { open, close }: Signs): boolean {
  const start = text.indexOf(open);
  return start >= 0 && text.indexOf(close, start + open.length) >= 0;
}

const WHOLE: readonly (readonly [form: string, pattern: RegExp])[] = [
  ['$NAME', /^\$[a-z_][\w.:]*$/i],
  ['%NAME%', /^%[a-z_][\w()]*%$/i],
  ['%(name)s', /^%\([a-z_]\w*\)[a-z]$/i],
  ['$NAME$', /^\$[a-z_]\w*\$$/i],
  ['<…>', /^<[^<>]*>$/],
  ['<…>', /^&lt;[^&]*&gt;$/i],
  ['{…}', /^#?\{[^{}]*\}#?$/],
  // An IPv6 address is not a placeholder.
  ['[…]', /^\[(?![\da-f:.]*\])[^[\]]*\]$/i],
  ['__NAME__', /^(__[a-z]\w*__|@@?[a-z]\w*@@?)$/i],
];

const ASKS =
  /^(insert|enter|paste|put|add|replace|change|fill) ?(me|this|it|in|your|the|with|by|here|token|value)( .*)?$/;

function isFiller(text: string): boolean {
  if (/^[x*.\u2022\u2026?#_ -]{3,}$/i.test(text)) return true;
  const words = text
    .toLowerCase()
    .replace(/[-_ :]/g, ' ')
    .trim();
  if (ASKS.test(words) || /^(to ?do|tbd|fix ?me|placeholder|undefined|redacted)( .*)?$/.test(words)) return true;
  return /^[a-z\d ]*$/.test(words) && (/^your(?! ?$)/.test(words) || words.endsWith(' here'));
}

/** Documentation often shows the beginning of a token, then dots. */
const isCut = (text: string) => text.includes('...') || text.includes('\u2026');

/** A token is never a reference to a secret store, nor the name of a variable. */
function isTokenFiller(text: string): boolean {
  return (
    isCut(text) ||
    /^(op|vault|secrets?|env|keyring|process\.env|os\.environ)[:./]./i.test(text) ||
    /^(null|[A-Z_]+_(TOKEN|SECRET|KEY))$/.test(text) ||
    /^(dummy|example|sample|none|n\/a|not[-_ ]?set|unset|empty|-)([-_ ](token|key))?$/i.test(text) ||
    /^my[-_ ]?(ionos|api|auth|access|secret)?[-_ ]?(token|key)$/i.test(text)
  );
}

const INSIDE: readonly Signs[] = [
  { form: '<…>', open: '<', close: '>' },
  { form: '{…}', open: '{', close: '}' },
];

const YOURS =
  /^your[-_]?(domain|host|hostname|tenant|tenantid|realm|company|org|organi[sz]ation|issuer|proxy|token|name|app|url|user|username|password|secret|key|path|file|folder|directory|project)([-_][a-z\d_-]*)?$/i;
const PART_FILLER =
  /^(change|replace|insert|fill)[-_]?(me|this|with|your|here)([-_][a-z\d_-]*)?$|^x{4,}$|^YOUR_[A-Z\d_]+$/i;

function inside(text: string): string | undefined {
  const open = text.replace(/^([a-z][a-z\d+.-]*:\/\/)?[^/@]*@/i, '$1');
  const form = INSIDE.find((each) => isBetween(open, each))?.form;
  if (form) return form;
  if (/\$[A-Z_]{2}/.test(open)) return '$NAME';
  if (hasPercentName(open)) return '%NAME%';
  if (/(^|[/@\\])(\.{3}|\u2026)/.test(open) || /^([a-z]:|\.)?[/\\]?path[/\\]to[/\\]/i.test(open))
    return 'a text such as /path/to/…';
  return open.split(/[/\\:@,.?&=\s]/).some((part) => YOURS.test(part) || PART_FILLER.test(part)) ? FILLER : undefined;
}

// In %C3%A4, what follows is again a pair of digits.
function hasPercentName(text: string): boolean {
  const parts = text.split('%');
  return parts.some(
    (part, index) =>
      index > 0 &&
      index < parts.length - 1 &&
      /^[a-z_]\w*$/i.test(part) &&
      !/^[\da-f]{2}/i.test(parts[index + 1] ?? ''),
  );
}
