import { isDeepStrictEqual } from 'node:util';
import type { Sandbox } from '../../src/sandbox/index.ts';
import type { Write } from './writes.ts';

/** All that a sandbox holds, as one value for each place. */
export type SandboxState = ReadonlyMap<string, unknown>;

export interface Difference {
  place: string;
  before: unknown;
  after: unknown;
}

interface Resource {
  id: string;
  metadata: Record<string, unknown>;
  properties: Record<string, unknown>;
}

const V1 = 'https://api.ionos.com/databases/postgresql';
/** The clusters of all regions. */
const V2 = 'https://sandbox.invalid';
/** Lines that come by themselves. */
const ROUTINE = /checkpoint complete|restartpoint complete/;
/** States that pass. */
const PASSING = new Set(['BUSY', 'UPDATING', 'PROVISIONING']);

/**
 * Places begin with the cluster: its name at the time that `names` was taken, so that a renamed one keeps its places.
 * Log lines, dates and the writes themselves are part of it, so that a change which was undone shows as well.
 */
export async function readState({ fetch }: Sandbox, { since, names, writes = [] }: Reading) {
  const read = async (url: string) => {
    const response = await fetch(new Request(url, { headers: { authorization: 'Bearer of-the-evaluations' } }));
    if (!response.ok) throw new Error(`${url}: ${response.status}`);
    return (await response.json()) as Record<string, unknown>;
  };
  const items = async (url: string) => ((await read(url)).items ?? []) as Resource[];
  const state = new Map<string, unknown>();
  const put = (place: string, value: unknown) => void state.set(place, value);

  const onV1 = await items(`${V1}/clusters?limit=1000`);
  const onV2 = await items(`${V2}/clusters?limit=1000`);
  const labels = labelsOf([...onV1, ...onV2], names);
  // A backup outlives its cluster.
  const nameOf = (id: string) => labels.get(id) ?? names?.get(id) ?? id;

  for (const { id, metadata, properties } of [...onV1, ...onV2]) {
    const cluster = nameOf(id);
    put(`${cluster}/state`, PASSING.has(String(metadata.state)) ? 'AVAILABLE' : metadata.state);
    put(`${cluster}/lastModifiedDate`, metadata.lastModifiedDate);
    for (const [key, value] of Object.entries(properties)) put(`${cluster}/properties/${key}`, value);
  }
  for (const { id } of onV1) {
    const cluster = nameOf(id);
    for (const { metadata, properties } of await items(`${V1}/clusters/${id}/users`)) {
      put(`${cluster}/users/${properties.username}`, metadata.lastModifiedDate ?? metadata.createdDate);
    }
    for (const { metadata, properties } of await items(`${V1}/clusters/${id}/databases`)) {
      put(`${cluster}/databases/${properties.name}`, { owner: properties.owner, createdDate: metadata.createdDate });
    }
    put(`${cluster}/log`, linesIn(await read(`${V1}/clusters/${id}/logs?limit=5000&start=${iso(since - 1_000)}`)));
  }
  for (const { id, properties } of [
    ...(await items(`${V1}/clusters/backups?limit=1000`)),
    ...(await items(`${V2}/backups?limit=1000`)),
  ]) {
    put(`${nameOf(String(properties.clusterId))}/backups/${id}`, properties.isActive);
  }
  for (const [n, { cluster, ...write }] of writes.entries()) put(`${nameOf(cluster)}/writes/${n + 1}`, write);
  return { state: state as SandboxState, names: names ?? labels };
}

interface Reading {
  /** Of which log lines are read. */
  since: number;
  names?: Names;
  writes?: readonly Write[];
}

/** Of clusters, by their ID. */
export type Names = ReadonlyMap<string, string>;

/** Of two new ones with one name, the second has a number. */
function labelsOf(clusters: readonly Resource[], names: Names | undefined): Names {
  const labels = new Map<string, string>();
  const taken = new Map<string, number>();
  for (const { id, properties } of clusters) {
    const name = names?.get(id) ?? (names ? `new ${nameIn(properties)}` : nameIn(properties));
    const count = (taken.get(name) ?? 0) + 1;
    taken.set(name, count);
    labels.set(id, count === 1 ? name : `${name} (${count})`);
  }
  return labels;
}

const iso = (time: number) => new Date(time).toISOString();
const nameIn = ({ displayName, name }: Record<string, unknown>) => String(displayName ?? name);

function linesIn({ instances = [] }: { instances?: unknown }): string[] {
  const all = instances as { messages: { message: string }[] }[];
  return all.flatMap(({ messages }) => messages.map(({ message }) => message)).filter((line) => !ROUTINE.test(line));
}

export function differences(before: SandboxState, after: SandboxState): Difference[] {
  const places = [...new Set([...before.keys(), ...after.keys()])].sort();
  return places
    .map((place) => ({ place, before: before.get(place), after: after.get(place) }))
    .filter(({ before, after }) => !isDeepStrictEqual(before, after));
}
