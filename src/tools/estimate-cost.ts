import * as z from 'zod';
import { v2Problems } from '../api/generations/writing/bounds.ts';
import { STORAGE_ON_V1 } from '../api/generations/writing/v1.ts';
import { InputError } from '../errors.ts';
import { differenceOf, type Estimate, sumOf } from '../prices/estimate.ts';
import { KNOWN_LOCATIONS, LOCATION, locationIn, locationsNamed, withParent } from '../prices/locations.ts';
import type { ClusterSize } from '../prices/table.ts';
import { type Inquiry, notesOn, roundedCost, roundedPart, shortReason, sumWords } from '../prices/words.ts';
import { withoutUndefined } from '../text/json.ts';
import { sentences } from '../text/sentences.ts';
import { excerpt } from '../text/visible.ts';
import { SIZE_DEFAULTS } from './clusters/settled-order.ts';
import { defineRead } from './define-tool.ts';
import { onlyWords } from './finding/only-words.ts';
import { MAX_BYTES, rowsOf } from './paging.ts';
import { storageProblems } from './plans/clusters.ts';
import { abridged } from './schemas/abridged.ts';
import { args } from './schemas/arguments.ts';
import { api, type Cluster, cluster, clusterId, number, text } from './schemas/cluster.ts';
import { IMMUTABLE, sizing, storageType } from './schemas/cluster-properties.ts';
import { aboutId } from './schemas/identity.ts';
import { type Context, reads } from './tool.ts';

/** Decimals, as JSON has no exact numbers. */
const cost = { perHour: z.string().optional(), per30Days: z.string().optional(), currency: z.string().optional() };

const estimateRow = z.object({
  id: z.string().optional(),
  displayName: text,
  api,
  when: z.enum(['now', 'afterwards', 'difference']).optional(),
  instances: number,
  cores: number,
  ram: number,
  storageSize: number,
  storageType: text,
  location: text,
  ...cost,
  components: z
    .array(z.object({ part: z.string(), amount: z.string(), perHour: z.string(), meter: z.string().optional() }))
    .optional(),
  unknown: z.string().optional(),
});
type Row = z.input<typeof estimateRow>;

const totalRow = z.object({
  clusters: z.number(),
  ...cost,
  unknownClusters: z.number().optional(),
  unknown: z.string().optional(),
});

/** Settled when a cluster is created. */
const OF_NEW_ALONE = ['storageType', 'location', 'api'] as const;

/** Of a location in words. */
const LONGEST_WORDS = 200;

function checkLocation(given: string, context: z.RefinementCtx): void {
  if (LOCATION.test(locationIn(given))) return;
  const named = given.length > LONGEST_WORDS ? [] : locationsNamed(given);
  const [first = '', ...others] = named;
  const meant =
    others.length > 0 ? `${excerpt(given)} has ${named.join(', ')}` : first && `${excerpt(given)} is ${first}`;
  const message = `must be a location, as in de/fra; ${meant || `known are ${KNOWN_LOCATIONS.join(', ')}`}`;
  context.addIssue({ code: 'custom', message });
}

const input = args({
  clusterId: clusterId.optional(),
  instances: sizing.instances.optional().describe('All, e.g. 2'),
  cores: sizing.cores.optional().describe('Per instance, e.g. 2'),
  ram: sizing.ram.optional().describe('MB per instance'),
  storageSize: sizing.storageSize.optional().describe('MB per instance'),
  storageType: storageType.optional().describe('New cluster'),
  location: z.string().min(1).superRefine(checkLocation).optional().describe('New cluster, e.g. de/fra'),
  api: z.enum(['v1', 'v2']).optional().describe('New cluster'),
}).superRefine((given, context) => {
  if (given.clusterId === undefined) return;
  for (const name of OF_NEW_ALONE.filter((each) => given[each] !== undefined)) {
    const message = `${IMMUTABLE}; without clusterId the estimate is for a new cluster`;
    context.addIssue({ code: 'custom', path: [name], message });
  }
});
type Wanted = Omit<z.output<typeof input>, 'clusterId'>;

export const estimateCost = defineRead({
  name: 'estimate_cost',
  searchHint: 'price monthly bill',
  title: 'Estimate costs',
  description:
    'Estimates roughly what Postgres clusters cost (price) monthly (30 days) and per hour: all, or one by clusterId; with sizes (4 cores, 16 GB RAM, 100 GB) that one before and after a change, or without clusterId one not built yet (SSD or HDD). Use update_cluster with dryRun for a whole plan.',
  ...reads,
  hasView: true,
  spansProfiles: true,
  input,
  output: z.object({
    estimates: z.array(abridged(estimateRow)),
    totals: z.array(abridged(totalRow)).optional(),
    note: z.string().optional(),
  }),
  run({ clusterId, ...wanted }, context) {
    if (clusterId !== undefined) return estimateOne(clusterId, wanted, context);
    const isAboutNew = Object.values(wanted).some((value) => value !== undefined);
    return isAboutNew ? estimateNew(wanted, context) : estimateAll(context);
  },
});

async function estimateOne(clusterId: string, wanted: Wanted, { clusters, prices }: Context) {
  const [estimate, reply] = await Promise.all([prices.estimator(), clusters.cluster(clusterId, cluster)]);
  const { id, api, properties: present = {} } = aboutId(reply, clusterId);
  const named = { id, displayName: present.displayName };
  const size = { ...present, api };
  const now = estimate(size);
  const change = sizesIn(wanted);
  if (Object.keys(change).length === 0) return { estimates: [detailedRow(named, size, now)], note: noteOf([now]) };
  const isStorageKept = change.storageSize === present.storageSize;
  refuse([
    ...(isStorageKept ? [] : storageProblems(present.storageSize, change.storageSize)),
    ...(api === 'v2' ? v2Problems(change, present) : []),
  ]);
  const sizeAfterwards = { ...size, ...change };
  const afterwards = estimate(sizeAfterwards);
  const difference = differenceOf(now, afterwards);
  const estimates: Row[] = [
    detailedRow({ ...named, when: 'now' }, size, now),
    detailedRow({ ...named, when: 'afterwards' }, sizeAfterwards, afterwards),
    ...(difference ? [{ ...named, when: 'difference' as const, ...roundedCost(difference, { isSigned: true }) }] : []),
  ];
  return { estimates, note: noteOf([afterwards, now]) };
}

const sizesIn = ({ instances, cores, ram, storageSize }: Wanted) =>
  withoutUndefined({ instances, cores, ram, storageSize });

/** With what create_cluster fills in. */
async function estimateNew(wanted: Wanted, { clusters, prices }: Context) {
  const { api = clusters.defaultApi(), location, storageType } = wanted;
  const sizes = { ...SIZE_DEFAULTS, ...sizesIn(wanted) };
  refuse(api === 'v2' ? v2Problems({ ...sizes, storageType }) : []);
  const size: ClusterSize =
    api === 'v2'
      ? { ...sizes, storageType, location, api }
      : { ...sizes, storageType: storageType ?? STORAGE_ON_V1, location };
  const estimated = (await prices.estimator())(size);
  const notes = [
    ...notesOn([estimated], { isNew: true }),
    isNews(location) && `This server does not know the location ${location}; check its name.`,
  ];
  return { estimates: [detailedRow({}, size, estimated, { isNew: true })], note: sentences(...notes) || undefined };
}

const isNews = (location: string | undefined) =>
  location !== undefined && !withParent(locationIn(location)).some((each) => KNOWN_LOCATIONS.includes(each));

async function estimateAll(context: Context) {
  const { clusters, prices } = context;
  const [estimate, { items, unseen }] = await Promise.all([
    prices.estimator(),
    clusters.everySeen({ of: 'clusters' }, cluster),
  ]);
  const all = items.map((each) => ({ ...each, estimate: estimate({ ...each.properties, api: each.api }) }));
  const estimates = all.map((each) => each.estimate);
  const total = totalOf(estimates, unseen);
  const found = items.length === 0 && unseen === undefined ? ['There are no clusters.'] : notesOn(estimates);
  const notes = [...found, onlyWords('clusters', 'counted', context) ?? ''];
  const room = MAX_BYTES - Buffer.byteLength(notes.join(' '));
  const { rows } = rowsOf({ items: all.toSorted(byCost), hasMore: false }, 0, shortRow, room);
  const left = all.length - rows.length;
  const more =
    left > 0 && `${left} more ${left === 1 ? 'cluster is' : 'clusters are'} not shown; the total counts all.`;
  return { estimates: rows, totals: [total], note: sentences(...notes, more) || undefined };
}

function totalOf(estimates: readonly Estimate[], unseen: string | undefined): z.input<typeof totalRow> {
  const clusters = estimates.length;
  if (clusters === 0 && unseen === undefined) return { clusters };
  const sum = sumOf(estimates);
  if (sum.complete && unseen === undefined) return { clusters, ...roundedCost(sum) };
  const unknownClusters = sum.complete || sum.unknown === 0 ? undefined : sum.unknown;
  return { clusters, unknownClusters, unknown: sumWords(sum, unseen) };
}

interface Estimated extends Cluster {
  estimate: Estimate;
}

/** What is not known first, then the highest cost: rows beyond the answer's length are left out. */
function byCost({ estimate: one }: Estimated, { estimate: other }: Estimated): number {
  if (one.complete && other.complete) return other.perHour.compare(one.perHour);
  return Number(one.complete) - Number(other.complete);
}

function shortRow({ id, api, properties = {}, estimate }: Estimated): Row {
  const { displayName, instances, cores, ram, storageSize } = properties;
  return { id, displayName, api, instances, cores, ram, storageSize, ...costIn(estimate) };
}

function detailedRow(
  named: Pick<Row, 'id' | 'displayName' | 'when'>,
  size: ClusterSize,
  estimate: Estimate,
  inquiry: Inquiry = {},
): Row {
  const { api, instances, cores, ram, storageSize, storageType, location } = size;
  const components = estimate.components.map(roundedPart);
  return {
    ...named,
    ...{ api, instances, cores, ram, storageSize, storageType, location },
    ...costIn(estimate, inquiry),
    components: estimate.complete ? components : undefined,
  };
}

const costIn = (estimate: Estimate, inquiry: Inquiry = {}) =>
  estimate.complete ? roundedCost(estimate) : { unknown: shortReason(estimate, inquiry) };

const noteOf = (estimates: readonly Estimate[]) => sentences(...notesOn(estimates)) || undefined;

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new InputError(problems);
}
