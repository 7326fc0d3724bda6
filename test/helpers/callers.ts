import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { unplaced } from './orders.ts';
import type { RecordingApi, SentWrite } from './replicas.ts';

/** What a person agrees to once. */
export interface Agreement {
  /** Recognised at the API, whoever sends it. */
  write: string;
  /** How many calls say that they have sent it. */
  sent: number;
}

/** The write that this is, and no other write has. */
export function writeOf({ method, path, body }: SentWrite): string {
  const { properties: { displayName = '' } = {}, recoveryTargetTime = '' } = sentBody.parse(JSON.parse(body || '{}'));
  return [method, path, displayName, recoveryTargetTime].filter(Boolean).join(' ');
}

/** Which an order sends with it. */
export const addressesOf = ({ body }: SentWrite) =>
  (sentBody.parse(JSON.parse(body || '{}')).properties?.connections ?? []).map(({ cidr }) => cidr);

const sentBody = z.object({
  properties: z
    .object({
      displayName: z.string().optional(),
      connections: z.array(z.object({ cidr: z.string() })).optional(),
    })
    .optional(),
  recoveryTargetTime: z.string().optional(),
});

const answered = z.object({
  outcome: z.string().optional(),
  plan: z.object({ arguments: z.record(z.string(), z.unknown()).optional() }).optional(),
  confirmationToken: z.string().optional(),
});

export type Cluster = Awaited<ReturnType<RecordingApi['clusters']>>[number];

type Arguments = Record<string, unknown>;

interface Surroundings {
  api: RecordingApi;
  agreements: Agreement[];
  /** Undefined if there is no answer, or none that says what became of it. */
  call(tool: string, given: Arguments): Promise<unknown>;
  isOver(): boolean;
}

const AGAIN_MS = 100;
/** How far behind what the API shows may be. */
export const LAG_MS = 3_000;
const REFUSED_MS = 1_000;

/** Orders clusters, changes, restores and deletes them, and agrees to each plan twice at once, to some later once more. */
export function createCaller(n: number, { api, agreements, call, isOver }: Surroundings) {
  /** Whether a call says that it was sent. */
  async function write(tool: string, given: Arguments, write: string, confirmationName?: string): Promise<boolean> {
    const { outcome, plan, confirmationToken } = answered.parse((await call(tool, given)) ?? {});
    if (outcome !== 'needs_confirmation') return false;
    const agreement: Agreement = { write, sent: 0 };
    agreements.push(agreement);
    const agreed = { ...given, ...plan?.arguments, confirmationToken, confirmationName };
    const send = async () => {
      const answer = answered.parse((await call(tool, agreed)) ?? {});
      // Without a plan, nothing had to be sent.
      if (answer.outcome === 'started' && answer.plan) agreement.sent += 1;
    };
    await Promise.all([send(), send()]);
    if (agreements.length % 3 === 0) await send();
    await sleep(LAG_MS);
    return agreement.sent > 0;
  }

  /** Undefined if there is none, or it is being deleted. */
  async function settled({ id }: Cluster): Promise<Cluster | undefined> {
    for (;;) {
      const cluster = api.cluster(id);
      if (cluster?.metadata.state !== 'BUSY') return cluster?.metadata.state === 'AVAILABLE' ? cluster : undefined;
      await sleep(AGAIN_MS);
    }
  }

  async function place(round: number): Promise<Cluster | undefined> {
    const displayName = `ordered-${n}-${round}`;
    await write('create_cluster', { ...unplaced, displayName }, `POST clusters ${displayName}`);
    // Whatever its calls were told.
    return (await api.clusters()).find(({ properties }) => properties.displayName === displayName);
  }

  const change = ({ id: clusterId }: Cluster, given: { displayName: string; cores?: number }) =>
    write('update_cluster', { clusterId, ...given }, `PATCH clusters/${clusterId} ${given.displayName}`);

  async function restore({ id: clusterId, properties: { displayName } }: Cluster) {
    const [backup] = await api.backups(clusterId);
    const recoveryTargetTime = new Date().toISOString();
    const given = { clusterId, backupId: backup?.id, recoveryTargetTime };
    if (backup)
      await write('restore_cluster', given, `POST clusters/${clusterId}/restore ${recoveryTargetTime}`, displayName);
  }

  const remove = ({ id: clusterId, properties: { displayName } }: Cluster) =>
    write('delete_cluster', { clusterId }, `DELETE clusters/${clusterId}`, displayName);

  return {
    change,
    async work() {
      for (let round = 0; !isOver(); round += 1) {
        let cluster = await place(round);
        // The policy allows no more, or nothing can be written.
        if (!cluster) await sleep(REFUSED_MS);
        const steps = [
          (it: Cluster) => change(it, { displayName: `changed-${n}-${round}`, cores: 1 + ((n + round) % 4) }),
          restore,
          // Two people at once.
          (it: Cluster) =>
            Promise.all([
              change(it, { displayName: `one-${n}-${round}`, cores: 1 + ((n + round + 1) % 4) }),
              change(it, { displayName: `other-${n}-${round}` }),
            ]),
        ];
        // Some delete it at once, so that all of it goes on at any time.
        for (const step of steps.slice((n + round) % (steps.length + 1))) {
          cluster &&= await settled(cluster);
          if (cluster && !isOver()) await step(cluster);
        }
        // Others need its share of the totals.
        while (cluster && !isOver()) {
          await remove(cluster);
          cluster = await settled(cluster);
          if (cluster) await sleep(REFUSED_MS);
        }
      }
    },
  };
}
