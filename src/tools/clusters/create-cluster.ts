import type { Recovery } from '../../api/generations/writing/wish.ts';
import { isUndone } from '../../errors.ts';
import { shortened } from '../../text/labels.ts';
import { defineWrite } from '../define-tool.ts';
import { withOneList } from '../finding/cluster-list.ts';
import { takeAddress } from '../places/take-address.ts';
import { planOrder } from '../plans/clusters.ts';
import { withoutControls } from '../plans/plan.ts';
import { planRecovery } from '../plans/recovery.ts';
import { creates } from '../tool.ts';
import type { GivenPassword } from '../writing/passwords.ts';
import { excessOf, readQuota } from '../writing/quota.ts';
import { answer, answerWith, clusterReply } from './cluster-answers.ts';
import { duplicate, lookalikeIn, lostOrder, namesakes } from './duplicates.ts';
import { locationKey } from './location.ts';
import { orderArguments } from './order-arguments.ts';
import { settleOrder } from './settled-order.ts';
import { seeThrough } from './waiting.ts';

export const createCluster = defineWrite({
  name: 'create_cluster',
  searchHint: 'order new database server',
  title: 'Create PostgreSQL cluster',
  description:
    'Sets up (provisions, spins up) a fresh Postgres cluster, billed while it exists: version, nodes (instances), size (4 cores, 16 GB RAM, 100 GB SSD), location, LAN, IP, admin user; with settings of another, or filled from a backup. Returns outcome started; AVAILABLE minutes later (wait_for_cluster). Use restore_cluster for an existing cluster.',
  ...creates,
  hasView: true,
  input: orderArguments,
  output: answer,

  async plan(args, call) {
    const context = withOneList(call);
    const { allowDuplicate = false, ...given } = withoutControls(args);
    const { credentials } = given;
    // Before anything is read: a call without a usable password ends here.
    context.passwords.plan(passwordOf(credentials), { at: 'credentials' });
    const [{ all, recentIn, silent }, settling, quota, estimate] = await Promise.all([
      namesakes(given.displayName, context),
      settleOrder(given, context).catch((error: unknown) => ({ error })),
      readQuota(context),
      context.prices.estimator(),
    ]);
    const [lookalike] = allowDuplicate ? [] : recentIn('error' in settling ? given.location : settling.order.location);
    // Whatever else speaks against the second one: its address may be that of the first, its backup gone since.
    if (lookalike && !args.dryRun) return { answer: duplicate(lookalike) };
    if ('error' in settling) throw settling.error;
    const { ordering, order, content, arguments: settled, ...facts } = settling;
    const newPassword = context.passwords.plan(passwordOf(credentials), { at: 'credentials', rule: ordering.password });
    const target = { target: order, refusalOf: ordering.refusalOf, at: 'fromBackup' };
    const recovery = content && (await planRecovery(content.recovery, { ...target, known: content }, context));
    const onV2 = ordering.api === 'v2' ? ordering.api : undefined;
    return planOrder(order, {
      ...facts,
      api: onV2,
      estimate,
      username: credentials.username,
      database: ordering.databaseOf(credentials),
      newPassword,
      quota: excessOf(quota, { ...order, clusters: 1 }),
      filledFrom: recovery?.replay,
      lookalike: lookalike && lookalikeIn(lookalike),
      silent,
      namesakes: all.map(({ id }) => id),
      once: allowDuplicate ? undefined : JSON.stringify([order.displayName, locationKey(order.location)]),
      settled,
    });
  },

  async run(args, context, plan) {
    const { allowDuplicate: _, copyOf: __, api = 'v1', credentials, fromBackup, ...order } = withoutControls(args);
    const { displayName, location = '', connections: [connection] = [] } = order;
    const ordering = context.clusters.ordering({ api, location });
    const address = await takeAddress(connection, { order: displayName }, context);
    const { username, database } = credentials;
    const details = { cluster: displayName, location, username };
    const keeping = { at: 'credentials', rule: ordering.password, label: displayName, details };
    const password = await context.passwords.take(passwordOf(credentials), keeping).catch(async (error: unknown) => {
      await address?.drop();
      throw error;
    });
    const passwordNote = password.place && `The password of ${shortened(username)} is in ${password.place}.`;
    const owner = { username, password: password.value, database };
    try {
      const cluster = await ordering.create({ ...order, credentials: owner, ...recoveryIn(fromBackup) }, clusterReply);
      if (cluster) await password.complete({ clusterId: cluster.id });
      return answerWith('started', cluster, passwordNote, fromBackup && (api === 'v2' ? OLD_USERS_ON_V2 : OLD_USERS));
    } catch (error) {
      if (!isUndone(error))
        throw await lostOrder(
          error,
          { order: { displayName, location }, passwordNote, earlier: plan.namesakes ?? [] },
          context,
        );
      await address?.drop();
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

const OLD_USERS_ON_V2 =
  'It is not documented which users of the backup the new cluster has, or whether the one in credentials can read their data: the owner can check by SQL (\\du) once it is AVAILABLE.';

const OLD_USERS =
  'It is not documented which users of the backup the new cluster has, or whether the one in credentials can read their data: check list_users once it is AVAILABLE.';

const passwordOf = ({ password, passwordEnv }: GivenPassword): GivenPassword => ({ password, passwordEnv });

/** The plan has settled which. */
const recoveryIn = ({ backupId, ...more }: Partial<Recovery> = {}) =>
  backupId === undefined ? {} : { fromBackup: { backupId, ...more } };
