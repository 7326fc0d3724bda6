import type { PasswordRule } from '../../api/generations/writing/port.ts';
import type { Wish } from '../../api/generations/writing/wish.ts';
import { isUndone } from '../../errors.ts';
import { shortened } from '../../text/labels.ts';
import { defineWrite } from '../define-tool.ts';
import { readCluster } from '../finding/cluster-reads.ts';
import { takeAddress } from '../places/take-address.ts';
import { type OwnerChange, planChange } from '../plans/clusters.ts';
import { asPlanned } from '../plans/last-look.ts';
import { confirmationArguments, type Plan, withoutControls } from '../plans/plan.ts';
import { args } from '../schemas/arguments.ts';
import { type Cluster, clusterId } from '../schemas/cluster.ts';
import * as property from '../schemas/cluster-properties.ts';
import { ownerCredentials } from '../schemas/credentials.ts';
import { aboutId } from '../schemas/identity.ts';
import { type Context, changes } from '../tool.ts';
import { lostWrite } from '../writing/lost-writes.ts';
import { answer, answerWith, clusterReply, isBusy, waitArgument } from './cluster-answers.ts';
import { seeThrough } from './waiting.ts';

/** Named, so that nobody looks for another spelling. */
const REFUSED = Object.fromEntries(
  ['location', 'backupLocation', 'storageType', 'fromBackup'].map((name) => [
    name,
    `${property.IMMUTABLE}; create a new cluster instead, which fromBackup can fill`,
  ]),
);

const changeable = {
  displayName: property.displayName.optional(),
  postgresVersion: property.postgresVersion.optional().describe('Newer major version, from list_cluster_versions'),
  instances: property.sizing.instances.optional(),
  cores: property.sizing.cores.optional(),
  ram: property.sizing.ram.optional(),
  storageSize: property.sizing.storageSize.optional(),
  connections: property.connections
    .max(1, 'must have one entry, or none to detach the cluster')
    .optional()
    .describe('The complete new connection; [] detaches the cluster'),
  synchronizationMode: property.synchronizationMode.optional(),
  maintenanceWindow: property.maintenanceWindow.optional(),
  connectionPooler: property.connectionPooler.optional(),
  ...property.onV2,
  credentials: ownerCredentials.optional(),
} satisfies { [Name in keyof Wish]?: unknown };

interface Taking {
  clusterId: string;
  rule?: PasswordRule;
  seen?: Cluster;
}

/** Who the first user is, as far as it is not said, is what the plan has read. */
async function takeOwner(
  { newPassword: _, ...said }: OwnerChange,
  { clusterId, rule, seen }: Taking,
  context: Context,
) {
  const { displayName = clusterId, ...present } = seen?.properties ?? {};
  const { username = present.username, database = present.database, ...given } = said;
  const details = { clusterId, cluster: displayName, username: username ?? '' };
  const { value, place, discard } = await context.passwords.take(given, {
    ...{ at: 'credentials', rule, label: displayName, details },
  });
  return {
    credentials: { username, password: value, database },
    note: place && `The password of ${shortened(username)} is in ${place}.`,
    discard,
  };
}

/** After a change with a generated password, of which nothing shows whether the cluster has it. */
async function lookAt(clusterId: string, context: Context): Promise<string> {
  const { metadata } = await readCluster(clusterId, context);
  return metadata?.state === 'BUSY'
    ? 'A check of the API found the cluster BUSY: most likely it is being changed. Do not retry; continue with wait_for_cluster.'
    : `A check of the API found the cluster ${shortened(metadata?.state)}. The change may have taken effect anyway, with its password: check get_cluster. Retrying does no harm; it generates another password, and the last one counts.`;
}

const isMoved = (plan: Plan) =>
  plan.facts.kind === 'change' && plan.facts.values.some(({ property }) => property === 'connections');

export const updateCluster = defineWrite({
  name: 'update_cluster',
  searchHint: 'resize scale upgrade rename',
  title: 'Change PostgreSQL cluster',
  description:
    'Changes an AVAILABLE cluster: bumps (resizes, scales) cores, memory (from 8 to 16 GB RAM), storage (disk); adds or drops nodes (instances, standbys); moves the weekly maintenance slot (UTC); upgrades PostgreSQL (14 to 15); name, pooler, network. Storage and version only grow, for good; resizing can cause a switchover. Returns outcome started. Use update_user for passwords on API v1.',
  ...changes,
  hasView: true,
  input: property
    .withEnoughInstances(
      args(
        {
          clusterId,
          ...changeable,
          wait: waitArgument,
          ...confirmationArguments,
        },
        REFUSED,
      ),
    )
    .refine((given) => Object.keys(changeable).some((name) => given[name as keyof typeof changeable] !== undefined), {
      message: 'Give at least one property to change, in addition to clusterId',
    }),
  output: answer,

  async plan(args, context) {
    const { clusterId, ...properties } = withoutControls(args);
    const plan = await planChange(clusterId, properties, context);
    return 'alreadySo' in plan
      ? {
          answer: answerWith(
            isBusy(plan.alreadySo) ? 'started' : 'done',
            plan.alreadySo,
            'The cluster already has these values. Nothing was sent.',
          ),
        }
      : plan;
  },

  async run(args, context, plan) {
    const { clusterId, credentials, ...properties } = withoutControls(args);
    const changing = await context.clusters.changing(clusterId);
    const taker = { order: clusterId, isCluster: true };
    const address = isMoved(plan) ? await takeAddress(properties.connections?.[0], taker, context) : undefined;
    let owner: Awaited<ReturnType<typeof takeOwner>> | undefined;
    try {
      owner =
        credentials &&
        (await takeOwner(credentials, { clusterId, rule: changing.password, seen: plan.demand.seen }, context));
      const reply = await changing.change(
        clusterId,
        { ...properties, ...(owner && { credentials: owner.credentials }) },
        { last: asPlanned(plan), response: clusterReply },
      );
      return answerWith('started', aboutId(reply, clusterId, 'PATCH'), owner?.note);
    } catch (error) {
      if (isUndone(error)) {
        await address?.drop();
        await owner?.discard();
      }
      const passwordNote = owner?.note;
      if (passwordNote === undefined) throw error;
      throw await lostWrite(error, { look: () => lookAt(clusterId, context), passwordNote }, context);
    }
  },

  follow: ({ clusterId, wait }, answer, context) =>
    seeThrough(
      {
        ...{ clusterId, until: 'AVAILABLE', wait },
        advice: 'In progress, even if the state is still AVAILABLE: call wait_for_cluster until it is AVAILABLE.',
      },
      answer,
      context,
    ),
});
