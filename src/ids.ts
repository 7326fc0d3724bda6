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
