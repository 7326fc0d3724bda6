import { distance } from 'fastest-levenshtein';

/** Characters of a name that count; what differs after them is no slip. */
const MAX_COMPARED = 64;

/** As people vary names: clusterID, cluster_id, ClusterId. */
const plain = (name: string) =>
  name
    .slice(0, MAX_COMPARED)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

/** The names that could be meant by one that is none of them, the nearest first: one letter in four may differ. */
export function nearest(given: string, names: readonly string[]): string[] {
  const wanted = plain(given);
  return names
    .map((name) => ({ name, away: distance(wanted, plain(name)) }))
    .filter(({ away }) => away <= Math.floor(wanted.length / 4))
    .sort((one, other) => one.away - other.away)
    .map(({ name }) => name);
}
