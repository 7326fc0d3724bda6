import * as z from 'zod';
import { InputError, isUndone } from '../errors.ts';
import { answer, answerWith, clusterReply, waitArgument } from './cluster-answers.ts';
import { duplicate, lookalikeIn, lostOrder, namesakes, placeOf } from './duplicates.ts';
import type { GivenPassword } from './passwords.ts';
import { planOrder } from './plans/clusters.ts';
import { confirmationArguments, withoutControls } from './plans/plan.ts';
import { planRecovery } from './plans/recovery.ts';
import { args } from './schemas/arguments.ts';
import { shortened } from './schemas/cluster.ts';
import * as property from './schemas/cluster-properties.ts';
import { orderCredentials } from './schemas/credentials.ts';
import { creates, defineTool } from './tool.ts';
import { notOffered } from './versions.ts';
import { seeThrough } from './waiting.ts';

export const createCluster = defineTool({
  name: 'create_cluster',
  title: 'Create PostgreSQL cluster',
  description:
    'Orders a new cluster, billed from then on. Returns at once with outcome started and state BUSY; minutes later it is AVAILABLE and has a dnsName (wait_for_cluster). A second order of this name within 10 minutes returns outcome duplicate. Use restore_cluster to put a backup into an existing cluster.',
  ...creates,
  input: property.withEnoughInstances(
    args({
      displayName: property.displayName,
      api: z
        .enum(['v1', 'v2'])
        .optional()
        .describe('IONOS API that takes the order; default v1, or as the operator set'),
      postgresVersion: property.postgresVersion,
      location: z
        .string()
        .min(1)
        .describe(
          'de/fra, de/fra/2, de/txl, es/vit, fr/par, gb/bhx, gb/lhr, us/ewr, us/las or us/mci; cannot change later',
        ),
      ...property.sizing,
      storageType: property.storageType.optional(),
      connections: property.connections
        .length(1, 'must have exactly one entry')
        .describe('The one private LAN to attach it to'),
      credentials: orderCredentials,
      synchronizationMode: property.synchronizationMode,
      backupLocation: z
        .string()
        .min(1)
        .optional()
        .describe('de, eu-south-2 or eu-central-2; default the nearest; cannot change later'),
      maintenanceWindow: property.maintenanceWindow.optional(),
      connectionPooler: property.connectionPooler.optional(),
      ...property.onV2,
      fromBackup: property.fromBackup.optional(),
      allowDuplicate: z
        .boolean()
        .optional()
        .describe('Order even if one of this name was ordered in the last 10 minutes'),
      wait: waitArgument,
      ...confirmationArguments,
    }),
  ),
  output: answer,

  async plan(args, context) {
    const { allowDuplicate = false, api, credentials, ...given } = withoutControls(args);
    const ordering = context.clusters.ordering({ api, location: given.location });
    const { order: whole, preset } = await ordering.complete({ ...given, credentials });
    const { fromBackup, credentials: _, ...order } = whole;
    const newPassword = context.passwords.plan(passwordOf(credentials), { at: 'credentials', rule: ordering.password });
    const [{ all, recent }, { versions, supportStatus }] = await Promise.all([
      namesakes(order, context),
      ordering.versions(),
    ]);
    if (!versions.includes(order.postgresVersion)) throw new InputError([notOffered(order.postgresVersion, versions)]);
    const { refusalOf } = ordering;
    const recovery =
      fromBackup && (await planRecovery(fromBackup, { target: order, refusalOf, at: 'fromBackup' }, context));
    const [lookalike] = allowDuplicate ? [] : recent;
    if (lookalike && !args.dryRun) return { answer: duplicate(lookalike) };
    return planOrder(order, {
      api: ordering.api === 'v2' ? 'v2' : undefined,
      preset,
      username: credentials.username,
      database: ordering.databaseOf(credentials),
      supportStatus: supportStatus?.[order.postgresVersion],
      newPassword,
      filledFrom: recovery?.replay,
      lookalike: lookalike && lookalikeIn(lookalike),
      namesakes: all.map(({ id }) => id),
      once: allowDuplicate ? undefined : JSON.stringify([order.displayName, placeOf(order.location)]),
    });
  },

  async run(args, context, plan) {
    const { allowDuplicate: _, api, ...order } = withoutControls(args);
    const ordering = context.clusters.ordering({ api, location: order.location });
    const { displayName, location, credentials } = order;
    const { username } = credentials;
    const details = { cluster: displayName, location, username };
    const password = await context.passwords.take(passwordOf(credentials), {
      ...{ at: 'credentials', rule: ordering.password, label: displayName, details },
    });
    const passwordNote = password.place && `The password of ${shortened(username)} is in ${password.place}.`;
    const owner = { username, password: password.value, database: credentials.database };
    try {
      const cluster = await ordering.create({ ...order, credentials: owner }, clusterReply);
      if (cluster) await password.complete({ clusterId: cluster.id });
      return answerWith('started', cluster, passwordNote, order.fromBackup && OLD_USERS);
    } catch (error) {
      if (!isUndone(error))
        throw await lostOrder(error, { order, passwordNote, earlier: plan?.namesakes ?? [] }, context);
      await password.discard();
      throw error;
    }
  },

  follow({ wait }, answer, context) {
    const clusterId = answer.cluster?.id;
    const how = clusterId === undefined ? 'find it with list_clusters' : 'call wait_for_cluster until it is AVAILABLE';
    return seeThrough({ clusterId, until: 'AVAILABLE', wait, advice: `Being created: ${how}.` }, answer, context);
  },
});

const OLD_USERS =
  'It is not documented which users of the backup the new cluster has, or whether the one in credentials can read their data: check list_users once it is AVAILABLE.';

const passwordOf = ({ password, passwordEnv }: GivenPassword): GivenPassword => ({ password, passwordEnv });
