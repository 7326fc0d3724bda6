import { useHost } from '../host.ts';
import type { SeenCluster } from '../reading/clusters.ts';
import { backupsIn, type SeenBackup, spanOf } from '../reading/rows.ts';
import { argumentsFor } from './following.ts';
import { More, OnDemand, readData } from './on-demand.tsx';
import { Foreign } from './words.tsx';

interface BackupsProps {
  cluster: SeenCluster;
  /** For the events of the cluster. */
  onRead(backups: readonly SeenBackup[]): void;
}

export const Backups = ({ cluster, onRead }: BackupsProps) => (
  <OnDemand
    heading="Backups"
    what="backups"
    read={async (host) => {
      const data = await readData(host, 'list_cluster_backups', argumentsFor(cluster));
      const backups = backupsIn(data, Date.now());
      onRead(backups.rows);
      return backups;
    }}
  >
    {({ rows, now, ...more }) => (
      <>
        {rows.length === 0 && <p>There is no backup.</p>}
        <ul class="plain">
          {rows.map((backup) => (
            <Backup key={backup.id} backup={backup} all={rows} now={now} />
          ))}
        </ul>
        <More {...more} />
      </>
    )}
  </OnDemand>
);

function Backup({ backup, all, now }: { backup: SeenBackup; all: readonly SeenBackup[]; now: number }) {
  const { formats } = useHost();
  const { id, version, location, size, from, to, isActive } = backup;
  const span = spanOf(backup, all, now);
  const end = isActive ? 'now' : to === undefined ? 'unknown' : formats.dateTime(to);
  const facts = [version && `PostgreSQL ${version}`, size !== undefined && formats.size(size), location];
  return (
    <li>
      <span class="size">
        <Foreign text={[...facts, id].filter(Boolean).join(' · ')} />
      </span>
      {span && from !== undefined ? (
        <>
          <svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
            <rect class="track" width="100" height="1" />
            <rect class="value" x={span.start} width={span.width} height="1" />
          </svg>
          <p class="ends">
            <span>
              <span class="hidden">Restores from </span>
              {formats.dateTime(from)}
            </span>
            <span>
              <span class="hidden">to </span>
              {end}
            </span>
          </p>
        </>
      ) : (
        <p>Nothing to restore until the first base backup is complete.</p>
      )}
    </li>
  );
}
