import { useEffect, useRef, useState } from 'preact/hooks';
import { useHost } from '../host.ts';
import { type SeenCluster, titleOf } from '../reading/clusters.ts';
import type { SeenCost, Shown } from '../reading/results.ts';
import { readAgain, useFollowing } from './following.ts';
import { sizeWords } from './size.ts';
import { Facts, Foreign, Lines, Loading, Message, State } from './words.tsx';

interface FullProps {
  cluster: SeenCluster;
  /** How the call ended that this is the result of. */
  heading?: string;
  note?: string;
  cost?: SeenCost;
  onBack?(): void;
}

export function FullCluster({ cluster: first, heading, note, cost, onBack }: FullProps) {
  const [cluster, setCluster] = useState(first);
  const [news, setNews] = useState('');
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (onBack) title.current?.focus();
  }, []);
  useFollowing([cluster], (_, next) => {
    setCluster(next);
    setNews(next.state === 'GONE' ? 'The cluster was deleted.' : `The state is now ${next.state ?? 'unknown'}.`);
  });
  return (
    <article class="full">
      {onBack && (
        <button type="button" onClick={onBack}>
          Back to the list
        </button>
      )}
      <h1 tabIndex={-1} ref={title}>
        <Foreign text={titleOf(cluster)} />
      </h1>
      {heading && <p class="outcome">{heading}</p>}
      <p>
        {cluster.state === 'GONE' ? <span class="state">Deleted</span> : <State state={cluster.state} />}
        {cluster.state === 'BUSY' && ' – a change is under way'}
      </p>
      <Lines text={cluster.statusMessage} />
      <p class="hidden" role="status">
        {news}
      </p>
      <Lines text={note} />
      <Properties cluster={cluster} cost={cost} />
    </article>
  );
}

function Properties({ cluster, cost }: { cluster: SeenCluster; cost?: SeenCost }) {
  const { formats } = useHost();
  const { maintenance, created, modified } = cluster;
  const onOff = (flag: boolean | undefined) => (flag === undefined ? undefined : flag ? 'on' : 'off');
  const days = cluster.backupRetentionDays;
  const by = (moment?: number, who?: string) => moment && `${formats.dateTime(moment)}${who ? ` by ${who}` : ''}`;
  return (
    <div class="groups">
      <Group
        heading="Cluster"
        rows={[
          ['PostgreSQL', cluster.version],
          ['Size', sizeWords(cluster, formats)],
          ['Storage type', cluster.storageType],
          ['Cost per 30 days', cost?.per30Days && formats.money(cost.per30Days, cost.currency)],
          ['Replication', cluster.synchronizationMode],
          ['Description', cluster.description],
          ['API', cluster.isV2 ? 'v2' : 'v1'],
          ['Account', cluster.profile],
          ['ID', cluster.id],
        ]}
      />
      <Group
        heading="Network"
        rows={[
          ['Location', cluster.location],
          ['Host', cluster.dnsName],
          ['Address', cluster.connections.join('\n')],
          ['Connection', cluster.connection],
          ['Connection pooler', cluster.pooler],
          ['First user', cluster.username],
          ['Database', cluster.database],
        ]}
      />
      <Group
        heading="Operation"
        rows={[
          ['Maintenance from', maintenance && formats.weekly(maintenance, Date.now())],
          ['Backups in', cluster.backupLocation],
          ['Backups kept', days === undefined ? undefined : `${formats.number(days)} ${days === 1 ? 'day' : 'days'}`],
          ['Logs', onOff(cluster.logsEnabled)],
          ['Metrics', onOff(cluster.metricsEnabled)],
          ['Created', by(created, cluster.createdBy)],
          ['Last change', by(modified, cluster.modifiedBy)],
        ]}
      />
    </div>
  );
}

type Rows = Parameters<typeof Facts>[0]['rows'];

const Group = ({ heading, rows }: { heading: string; rows: Rows }) => (
  <section>
    <h2>{heading}</h2>
    <Facts rows={rows} />
  </section>
);

type NamedProps = Omit<Extract<Shown, { kind: 'named' }>, 'kind'>;

/** Read when it is shown, as the result it is shown for says little of it. */
export function NamedCluster({ clusterId, profile, name, state, note }: NamedProps) {
  const host = useHost();
  const [shown, setShown] = useState<Shown>();
  useEffect(() => {
    if (host.canCall) readAgain(host, { id: clusterId, profile }).then(setShown, () => {});
  }, []);
  if (shown?.kind === 'cluster') return <FullCluster cluster={shown.cluster} note={note} />;
  if (shown?.kind === 'message') return <Message {...shown} />;
  return (
    <article class="full">
      <h1>
        <Foreign text={name ?? clusterId} />
      </h1>
      <p>
        <State state={state} />
      </p>
      <Lines text={note} />
      {host.canCall && <Loading what="the cluster" />}
    </article>
  );
}
