import * as z from 'zod';
import { InputError } from '../../errors.ts';
import type { Changing, ClusterPort, ClusterWrites, Ordering } from '../generations/writing/port.ts';
import { listed, shown } from '../generations/writing/shown.ts';
import type { Recovery, Wish } from '../generations/writing/wish.ts';
import type { Sight } from './sight.ts';

/**
 * Writes to what exists for the caller, and to nothing that would leave it; all of it is read again right before. Each
 * member is named: a new write does not compile until it has its look.
 */
export function narrowedWrites(clusters: ClusterPort, sight: Sight): ClusterWrites {
  function nameProblems({ displayName }: Pick<Wish, 'displayName'>, id?: string): string[] {
    if (displayName === undefined || sight.has({ id, displayName })) return [];
    return [
      `displayName (${shown(displayName)}): must match ${listed(sight.patterns)}, since the URL of this server is for such clusters alone`,
    ];
  }

  function refuseName(wish: Pick<Wish, 'displayName'>, id?: string): void {
    const problems = nameProblems(wish, id);
    if (problems.length > 0) throw new InputError(problems);
  }

  async function lookAtSource({ backupId }: Recovery): Promise<void> {
    await sight.backup(backupId, z.unknown(), sight.look);
  }

  function narrowedOrdering(ordering: Ordering): Ordering {
    const { api, password, databaseOf, versions, refusalOf } = ordering;
    return {
      ...{ api, password, databaseOf, versions, refusalOf },
      async complete(order) {
        const problems = nameProblems(order);
        const whole = await ordering.complete(order).catch((error: unknown) => {
          throw error instanceof InputError ? new InputError([...problems, ...error.problems]) : error;
        });
        refuseName(order);
        return whole;
      },
      async create(order, response) {
        refuseName({ displayName: order.displayName ?? '' });
        if (order.fromBackup) await lookAtSource(order.fromBackup);
        return ordering.create(order, response);
      },
    };
  }

  function narrowedChanging(changing: Changing, clusterId: string): Changing {
    const { password, endangersUser, refusalOf } = changing;
    return {
      ...{ password, endangersUser, refusalOf },
      problems: (wanted, present) => [...nameProblems(wanted, clusterId), ...changing.problems(wanted, present)],
      async change(id, wanted, options) {
        refuseName(wanted, id);
        await sight.look(id);
        return changing.change(id, wanted, options);
      },
      async delete(id, response) {
        await sight.look(id);
        return changing.delete(id, response);
      },
      async restore(id, recovery, last) {
        await lookAtSource(recovery);
        await sight.look(id);
        return changing.restore(id, recovery, last);
      },
    };
  }

  return {
    defaultApi: clusters.defaultApi,
    ordering: (order) => narrowedOrdering(clusters.ordering(order)),
    async changing(clusterId) {
      await sight.require(clusterId);
      return narrowedChanging(await clusters.changing(clusterId), clusterId);
    },
  };
}
