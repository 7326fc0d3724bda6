import * as z from 'zod';
import { path } from '../../api/client.ts';
import { pageOf } from '../../api/pages.ts';
import { ApiError, UnseenError } from '../../errors.ts';
import { byDistance, nearest } from '../../text/nearest.ts';
import { isSameName } from '../../text/same-name.ts';
import { sentences } from '../../text/sentences.ts';
import { cut, literal } from '../../text/visible.ts';
import { type Cluster, wholeCluster } from '../schemas/cluster.ts';
import type { Context } from '../tool.ts';
import { listedBefore, readBefore, readCluster } from './cluster-reads.ts';

const LOOK_MS = 4_000;
const LEAST_MS = 200;
const MOST_LISTED = 1_000;
const MOST_NAMED = 20;
const MAX_NAME = 100;
export const KEPT = 'backups are kept for 7 days, on API v2 for the backupRetentionDays of their cluster';
const OF_DELETED = 'list_backups shows the backups of deleted clusters as well.';

type Show = (text: string) => string;
type Inside = 'user' | 'database';
type Sought =
  | { kind: 'cluster'; name: string; part?: string }
  | { kind: 'backup'; name: string }
  | { kind: Inside; name: string; clusterId: string };

const anyBackup = z.object({ id: z.string() });
const insidePage = pageOf(
  z.object({
    properties: z.object({ username: z.string().optional(), name: z.string().optional() }).optional().catch(undefined),
  }),
);

/** Undefined if it takes too long to find out. */
export async function wordsForMissing(
  error: unknown,
  context: Context,
  hide: (text: string) => string,
): Promise<string | undefined> {
  const sought = error instanceof ApiError && error.status === 404 ? soughtAt(error.path) : undefined;
  if (!sought) return undefined;
  const looks = looksIn(context);
  const show = showing(hide);
  const isUnseen = error instanceof UnseenError;
  if (sought.kind === 'cluster') {
    const words = await clusterWords(sought.name, looks, show, isUnseen);
    const isAboutIt = sought.part === undefined || sought.part === 'backups';
    return words && sentences(words, isAboutIt && context.server.toolsets.includes('backups') && OF_DELETED);
  }
  if (sought.kind === 'backup') {
    const words = await backupWords(sought.name, looks, show);
    return words && `${isUnseen ? '' : `There is no backup ${show(sought.name)}; ${KEPT}. `}${words}`;
  }
  const { kind, name, clusterId } = sought;
  const names = await looks.namesIn(kind, clusterId);
  if (names === 'no cluster') return clusterWords(clusterId, looks, show);
  if (!names) return undefined;
  if (names.includes(name)) {
    return `But the list of ${kind}s contains ${show(name)}: it may have been created or deleted moments ago. Call again in a minute.`;
  }
  const cluster = show((await looks.nameOf(clusterId)) ?? clusterId);
  return `There is no ${kind} ${show(name)} on ${cluster}. ${insideWords(kind, name, names, show)} One created moments ago may take a minute to appear.`;
}

export function backupsInstead(backupId: string, context: Context): Promise<string | undefined> {
  return backupWords(backupId, looksIn(context), showing());
}

export async function usersInstead(username: string, clusterId: string, context: Context): Promise<string | undefined> {
  const names = await looksIn(context).namesIn('user', clusterId);
  return Array.isArray(names) ? insideWords('user', username, names, showing()) : undefined;
}

/** For a name that no cluster has. */
export function clustersInstead(given: string, all: readonly Cluster[], { clusters }: Context): string {
  const near = all.length > 0 ? nearWords(given, all.map(toLabel), showing()) : 'None is listed.';
  return `${near} ${goneWords(clusters.unseen())}`;
}

/** Undefined where no cluster has a similar name, or too little time is left. */
export async function similarWords(given: string, context: Context): Promise<string | undefined> {
  const clusters = await looksIn(context).clusters();
  const near = nearClusters(given, (clusters ?? []).map(toLabel)).map((each) => labelled(each, showing()));
  return near.length > 0 ? `Similar: ${listed(near, 'list_clusters')}.` : undefined;
}

/** Keeps an empty result from looking like an empty account. */
export async function unfilteredWords(name: string, context: Context): Promise<string> {
  const show = showing();
  const none = `No cluster's name contains ${show(name)}`;
  const clusters = await looksIn(context).clusters();
  if (!clusters) return `${none}; the clusters without this filter could not be read.`;
  const labels = clusters.map(toLabel);
  const near = nearClusters(name, labels).map((each) => labelled(each, show));
  const count = labels.length === 0 ? 'there are no clusters' : counted(labels.length, 'cluster').replace('T', 't');
  return `${none}; ${count} without this filter.${near.length > 0 ? ` Similar: ${listed(near, 'list_clusters')}.` : ''}`;
}

/** Redacts before cutting: part of a secret would not be recognized. */
function showing(hide: Show = (text) => text): Show {
  return (text) => literal(cut(hide(text), MAX_NAME));
}

function soughtAt(place: string): Sought | undefined {
  const [root, id, part, name] = place.split('/').map(decodeURIComponent);
  if (root !== 'clusters' || id === undefined || id === 'postgresversions') return undefined;
  if (id === 'backups') return part === undefined ? undefined : { kind: 'backup', name: part };
  if (name !== undefined && part === 'users') return { kind: 'user', name, clusterId: id };
  if (name !== undefined && part === 'databases') return { kind: 'database', name, clusterId: id };
  return { kind: 'cluster', name: id, part };
}

/** Each check is one small GET without retries; undefined on failure. */
function looksIn(context: Context) {
  const { api, clusters: reads } = context;
  const until = Date.now() + context.waitBudget(LOOK_MS);

  async function look<T>(work: () => Promise<T>): Promise<T | undefined> {
    const left = until - Date.now();
    return left < LEAST_MS ? undefined : context.orUndefinedAfter(left, work()).catch(() => undefined);
  }
  const query = { limit: MOST_LISTED };

  return {
    async clusters() {
      const listed = listedBefore(context);
      if (listed) return listed;
      const rows = await look(() => reads.rows({ of: 'clusters' }, wholeCluster, { ...query, once: true }));
      return rows?.items;
    },
    async backups() {
      const rows = await look(() => reads.rows({ of: 'backups' }, anyBackup, { ...query, once: true }));
      return rows?.items.map(({ id }) => id);
    },
    namesIn(kind: Inside, clusterId: string): Promise<string[] | 'no cluster' | undefined> {
      const place = kind === 'user' ? path`clusters/${clusterId}/users` : path`clusters/${clusterId}/databases`;
      return look(async () => {
        try {
          const { items = [] } = await api.get(place, { query, response: insidePage, once: true });
          return items.flatMap(({ properties: { username, name } = {} }) => username ?? name ?? []);
        } catch (error) {
          if (error instanceof ApiError && error.status === 404) return 'no cluster' as const;
          throw error;
        }
      });
    },
    async nameOf(clusterId: string) {
      const known = readBefore(clusterId, context) ?? (await look(() => readCluster(clusterId, context, true)));
      return known?.properties?.displayName;
    },
    unseen: reads.unseen,
  };
}

type Looks = ReturnType<typeof looksIn>;

/** `isUnseen` if it may be elsewhere, which the error has said. */
async function clusterWords(id: string, looks: Looks, show: Show, isUnseen = false): Promise<string | undefined> {
  const clusters = await looks.clusters();
  if (!clusters) return undefined;
  const labels = clusters.map(toLabel);
  const named = labels.find((each) => each.id === id);
  if (clusters.some((each) => each.id === id && each.api)) {
    return `The cluster ${named ? labelled(named, show) : show(id)} has just moved to version 2 of IONOS's API. Call again.`;
  }
  if (named) {
    return `But the list of clusters contains ${labelled(named, show)}. If it was ordered or deleted moments ago, call again in a minute; otherwise the API has no such resource in it.`;
  }
  const owner = labels.find(({ displayName = '' }) => isSameName(displayName, id));
  if (owner) return `${show(id)} is the name of the cluster ${show(owner.id).slice(1, -1)}, whose ID is needed here.`;
  const near = nearWords(id, labels, show);
  return isUnseen ? `${near} ${goneWords()}` : `There is no cluster ${show(id)}. ${near} ${goneWords(looks.unseen())}`;
}

function goneWords(unseen?: string): string {
  const usual = 'It may be deleted';
  return unseen === undefined ? `${usual}, or too new to be listed.` : `${usual}, too new to be listed, or ${unseen}.`;
}

interface Label {
  id: string;
  displayName?: string;
}

const toLabel = ({ id, properties: { displayName } = {} }: Cluster): Label => ({ id, displayName });

const labelled = ({ id, displayName }: Label, show: Show) =>
  displayName === undefined ? show(id) : `${show(displayName)} (${show(id).slice(1, -1)})`;

function nearWords(given: string, clusters: readonly Label[], show: Show): string {
  if (clusters.length === 0) return 'There are no clusters.';
  const near = nearClusters(given, clusters);
  if (near.length > 0)
    return `Similar: ${listed(
      near.map((each) => labelled(each, show)),
      'list_clusters',
    )}.`;
  return `${counted(clusters.length, 'cluster')}, none with a similar name or ID: see list_clusters.`;
}

function nearClusters(given: string, clusters: readonly Label[]): Label[] {
  const wanted = given.toLowerCase();
  const spellings = clusters.flatMap(({ id, displayName = id }) => [id, displayName]);
  const hits = nearest(given, spellings);
  const isPart = ({ displayName = '' }: Label) => {
    const name = displayName.toLowerCase();
    return Math.min(name.length, wanted.length) > 2 && (name.includes(wanted) || wanted.includes(name));
  };
  const ofName = hits.flatMap((hit) => clusters.filter(({ id, displayName }) => id === hit || displayName === hit));
  return [...new Set([...ofName, ...clusters.filter(isPart)])];
}

const counted = (count: number, what: string) =>
  count === 1 ? `There is 1 ${what}` : `There are ${count >= MOST_LISTED ? `${MOST_LISTED} or more` : count} ${what}s`;

function insideWords(kind: Inside, name: string, names: readonly string[], show: Show): string {
  if (names.length === 0) return `It has no ${kind}s.`;
  return `Its ${kind}s: ${listed(ordered(name, names).map(show), `list_${kind}s`)}.`;
}

async function backupWords(id: string, looks: Looks, show: Show): Promise<string | undefined> {
  const ids = await looks.backups();
  if (!ids) return undefined;
  return ids.length === 0 ? 'There are no backups.' : `Backups: ${listed(ordered(id, ids).map(show), 'list_backups')}.`;
}

/** The most similar first; if not all are shown, only the nearest. */
function ordered(given: string, names: readonly string[]): string[] {
  if (names.length > MOST_NAMED) return byDistance(given, names);
  return [...new Set([...nearest(given, names), ...names])];
}

function listed(all: readonly string[], tool: string): string {
  const more = all.length - MOST_NAMED;
  return `${all.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more (see ${tool})` : ''}`;
}
