import { distance } from 'fastest-levenshtein';

/** Characters of a name that count; what differs after them is no slip. */
const MAX_COMPARED = 64;

/** As people vary names: clusterID, cluster_id, ClusterId. */
const plain = (name: string) =>
  name
    .slice(0, MAX_COMPARED)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

/** All names, the nearest to the given one first. */
export function byDistance(given: string, names: readonly string[]): string[] {
  return distances(given, names).map(({ name }) => name);
}

/** The names that could be meant by one that is none of them, the nearest first: one letter in four may differ. */
export function nearest(given: string, names: readonly string[]): string[] {
  const most = Math.floor(plain(given).length / 4);
  return distances(given, names)
    .filter(({ away }) => away <= most)
    .map(({ name }) => name);
}

function distances(given: string, names: readonly string[]) {
  const wanted = plain(given);
  return names
    .map((name) => ({ name, away: distance(wanted, plain(name)) }))
    .sort((one, other) => one.away - other.away);
}
