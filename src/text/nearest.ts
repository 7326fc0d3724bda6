import { distance } from 'fastest-levenshtein';

/** Differences beyond these characters are not typos. */
const MAX_COMPARED = 64;
const SHORTEST_PART = 4;

/** People write clusterID, cluster_id and ClusterId. */
export const plain = (name: string) =>
  name
    .slice(0, MAX_COMPARED)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

export function byDistance(given: string, names: readonly string[]): string[] {
  return distances(given, names).map(({ name }) => name);
}

/** The closest first. One letter in four may differ, or the name contains what was given. */
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
