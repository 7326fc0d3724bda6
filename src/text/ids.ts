/** One key for all spellings of an ID: the API takes a UUID in either case, with hyphens and without. */
export function idKey(id: string): string {
  return uuidDigits(id) ?? id.toLowerCase();
}

export const isUuid = (id: string) => uuidDigits(id) !== undefined;

function uuidDigits(id: string): string | undefined {
  const digits = id.toLowerCase().replaceAll('-', '');
  return /^[\da-f]{32}$/.test(digits) ? digits : undefined;
}

export const isSameId = (one: string | undefined, other: string | undefined) =>
  one !== undefined && other !== undefined && idKey(one) === idKey(other);

const folded = (text: string) => text.toUpperCase().normalize('NFC');

/** A pattern is an ID, or a name in any case in which * matches anything. */
export function matchesPattern(pattern: string, { id = '', displayName = '' }: { id?: string; displayName?: string }) {
  if (idKey(pattern) === idKey(id)) return true;
  const name = folded(displayName);
  // Not a regular expression: on a long name, backtracking could take forever.
  const [first = '', ...rest] = pattern.split('*').map(folded);
  const last = rest.pop();
  if (last === undefined) return name === first;
  const end = name.length - last.length;
  let at = first.length;
  if (at > end || !name.startsWith(first) || !name.endsWith(last)) return false;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
