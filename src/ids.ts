/** One key for all spellings of an ID: the API takes a UUID in either case, with hyphens and without. */
export function idKey(id: string): string {
  const key = id.toLowerCase();
  const digits = key.replaceAll('-', '');
  return /^[\da-f]{32}$/.test(digits) ? digits : key;
}

export const isSameId = (one: string | undefined, other: string | undefined) =>
  one !== undefined && other !== undefined && idKey(one) === idKey(other);
