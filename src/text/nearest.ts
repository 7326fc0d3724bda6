import { distance } from 'fastest-levenshtein';

/** Characters of a name that count; what differs after them is no slip. */
const MAX_COMPARED = 64;
/** Letters of a part of a name that can stand for it. */
const SHORTEST_PART = 4;

/** As people vary names: clusterID, cluster_id, ClusterId. */
export const plain = (name: string) =>
  name
    .slice(0, MAX_COMPARED)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

/** All names, the nearest to the given one first. */
export function byDistance(given: string, names: readonly string[]): string[] {
  return distances(given, names).map(({ name }) => name);
}

/** The names that could be meant by one that is none of them, the nearest first: one letter in four may differ, or it is a part. */
export function nearest(given: string, names: readonly string[]): string[] {
  const wanted = plain(given);
  const most = Math.floor(wanted.length / 4);
  const isPart = (name: string) => wanted.length >= SHORTEST_PART && plain(name).includes(wanted);
  return distances(given, names)
    .filter(({ name, away }) => away <= most || isPart(name))
    .map(({ name }) => name);
}

function distances(given: string, names: readonly string[]) {
  const wanted = plain(given);
  return names
    .map((name) => ({ name, away: distance(wanted, plain(name)) }))
    .sort((one, other) => one.away - other.away);
}
