import * as z from 'zod';
import { ApiError, NoSuchIdError, UnseenError } from '../../errors.ts';
import { idKey, matchesPattern } from '../../text/ids.ts';
import { path } from '../client.ts';
import { isGone } from '../generations/finding.ts';
import { parsedIn } from '../generations/keyed.ts';
import type { ClusterPort } from '../generations/writing/port.ts';

const text = z.string().optional().catch(undefined);
const facts = z.object({
  id: text,
  properties: z.object({ displayName: text, clusterId: text }).optional().catch(undefined),
});

/** Uncut, as the API shows it; nothing of what is no object. */
export function factsOf(raw: unknown) {
  const { id, properties } = facts.safeParse(raw).data ?? {};
  return { id, ...properties };
}

/** Which clusters exist for a caller who named patterns, as far as one call has looked. */
export type Sight = ReturnType<typeof createSight>;

export function createSight(patterns: readonly string[], clusters: ClusterPort) {
  /** Of each cluster that the call has looked at, by `idKey`. */
  const looks = new Map<string, Promise<void>>();

  const has = (cluster: { id?: string; displayName?: string }) =>
    patterns.some((pattern) => matchesPattern(pattern, cluster));
  const isSeen = (raw: unknown) => has(factsOf(raw));

  /** What the schema makes of a cluster that exists for the caller; undefined for any other. */
  const through = <Schema extends z.ZodType>(schema: Schema) =>
    z.unknown().transform((raw, context) => (isSeen(raw) ? { seen: parsedIn(schema, raw, context) } : undefined));

  /** Reads one cluster; throws for one outside as for one that there is not. */
  async function read<Schema extends z.ZodType>(
    id: string,
    schema: Schema,
    ask: <Asked extends z.ZodType>(asked: Asked) => Promise<z.output<Asked>>,
  ): Promise<z.output<Schema>> {
    const found = await sameWhenMissing(path`clusters/${id}`, ask(through(schema)));
    if (!found) throw notFound(path`clusters/${id}`);
    return found.seen;
  }

  /** Now, whatever was seen before. Throws as reading the cluster does; of one that is meant by its ID, no name matters. */
  async function look(id: string): Promise<void> {
    if (!has({ id })) await read(id, z.unknown(), (schema) => clusters.cluster(id, schema));
  }

  /** The same once per call. */
  async function require(id: string): Promise<void> {
    const key = idKey(id);
    const looking = looks.get(key) ?? look(id);
    looks.set(key, looking);
    await looking.catch((error: unknown) => {
      looks.delete(key);
      throw error;
    });
  }

  /** Whether a backup is of a cluster that exists for the caller; of one that is deleted, only its ID can tell. */
  async function isOfSeen({ clusterId }: { clusterId?: string }, check: typeof require): Promise<boolean> {
    if (clusterId === undefined) return false;
    try {
      await check(clusterId);
      return true;
    } catch (error) {
      if (isGone(error)) return false;
      throw error;
    }
  }

  return {
    patterns,
    has,
    isSeen,
    read,
    look,
    require,

    async backup<Schema extends z.ZodType>(id: string, schema: Schema, check = require): Promise<z.output<Schema>> {
      const place = path`clusters/backups/${id}`;
      const withCluster = z
        .unknown()
        .transform((raw, context) => ({ value: parsedIn(schema, raw, context), facts: factsOf(raw) }));
      const found = await sameWhenMissing(place, clusters.backup(id, withCluster));
      if (!(await isOfSeen(found.facts, check))) throw notFound(place);
      return found.value;
    },
  };
}

const notFound = (path: string) => new ApiError({ method: 'GET', path, status: 404, messages: ['Not found'] });

/** The API's own words would tell what is missing from what is only outside. */
async function sameWhenMissing<T>(place: string, work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    const isElsewhere = error instanceof UnseenError || error instanceof NoSuchIdError;
    throw isGone(error) && !isElsewhere ? notFound(place) : error;
  });
}
