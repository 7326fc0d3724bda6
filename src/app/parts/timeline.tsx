import { useHost } from '../host.ts';
import type { SeenCluster } from '../reading/clusters.ts';
import type { SeenBackup } from '../reading/rows.ts';

interface TimelineProps {
  cluster: SeenCluster;
  backups: readonly SeenBackup[];
  endOfSupport?: number;
}

/** What happened, in its order; the end of support can be to come. */
export function Timeline({ cluster, backups, endOfSupport }: TimelineProps) {
  const { formats } = useHost();
  const { created, modified, version } = cluster;
  const all: [number | undefined, string][] = [
    [created, 'Created'],
    [modified !== created ? modified : undefined, 'Last change'],
    ...backups.flatMap((backup): [number | undefined, string][] => [
      [backup.created, `Backup of PostgreSQL ${backup.version ?? 'unknown'} began`],
      [backup.from, 'Oldest point in time to restore'],
    ]),
    [Date.now(), 'Now'],
    [endOfSupport, `Community support of PostgreSQL ${version} ends`],
  ];
  const events = all
    .flatMap(([moment, words]) => (moment === undefined ? [] : [{ moment, words }]))
    .sort((one, other) => one.moment - other.moment);
  return (
    <section>
      <h2>Events</h2>
      <ol class="timeline">
        {events.map(({ moment, words }) => (
          <li key={`${moment} ${words}`}>
            <time dateTime={new Date(moment).toISOString()}>
              {moment === endOfSupport ? formats.day(moment) : formats.dateTime(moment)}
            </time>{' '}
            {words}
          </li>
        ))}
      </ol>
    </section>
  );
}
