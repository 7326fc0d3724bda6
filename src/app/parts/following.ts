import { useEffect, useRef } from 'preact/hooks';
import { type Host, useHost } from '../host.ts';
import { isMoving, type SeenCluster } from '../reading/clusters.ts';
import { follow } from '../reading/follow.ts';
import { type Shown, shownOf } from '../reading/results.ts';
import { supportIn } from '../reading/rows.ts';
import { fieldsOf, type JsonFields } from '../reading/values.ts';

/** Arguments that name a cluster, also where a server has several accounts. */
export const argumentsFor = ({ id, profile }: Pick<SeenCluster, 'id' | 'profile'>): JsonFields =>
  profile === undefined ? { clusterId: id } : { clusterId: id, profile };

export async function readAgain(host: Host, cluster: Pick<SeenCluster, 'id' | 'profile'>): Promise<Shown> {
  const args = argumentsFor(cluster);
  return shownOf(await host.call('get_cluster', args), args);
}

/** When the support of each major version ends. */
export async function readSupport(host: Host, { profile }: { profile?: string }): Promise<ReadonlyMap<string, number>> {
  const { structuredContent } = await host.call('list_postgres_versions', profile === undefined ? {} : { profile });
  return supportIn(fieldsOf(structuredContent));
}

/** A deleted cluster is reported by the tool that waits for it; get_cluster only fails. */
async function isGone(host: Host, cluster: SeenCluster): Promise<boolean> {
  const args = { ...argumentsFor(cluster), until: 'GONE', wait: 1 };
  const { structuredContent } = await host.call('wait_for_cluster', args);
  return fieldsOf(structuredContent).state === 'GONE';
}

const AT_ONCE = 4;

/** Follows the clusters that a change is under way on; the state GONE stands for a cluster that was deleted. */
export function useFollowing(
  clusters: readonly SeenCluster[],
  onChange: (known: SeenCluster, next: SeenCluster) => void,
): void {
  const host = useHost();
  const present = useRef({ clusters, onChange });
  present.current = { clusters, onChange };
  const followed = clusters.map(({ id }) => id).join(' ');
  useEffect(() => {
    if (!host.canCall || followed === '') return;
    const stop = follow({
      isHidden: () => document.hidden,
      async read() {
        const { clusters, onChange } = present.current;
        const looks = clusters.slice(0, AT_ONCE).map(async (known) => {
          const next = await readState(host, known);
          if (next && next.state !== known.state) onChange(known, next);
          return next ? isMoving(next) : true;
        });
        return (await Promise.all(looks)).some(Boolean) || clusters.length > AT_ONCE;
      },
    });
    host.ended.addEventListener('abort', stop);
    return stop;
  }, [followed, host.canCall]);
}

async function readState(host: Host, known: SeenCluster): Promise<SeenCluster | undefined> {
  if (known.state === 'DESTROYING' && (await isGone(host, known))) return { ...known, state: 'GONE' };
  const shown = await readAgain(host, known);
  return shown.kind === 'cluster' ? shown.cluster : undefined;
}
