import { useEffect, useRef, useState } from 'preact/hooks';
import { useHost } from '../host.ts';
import { isMoving, type SeenCluster, titleOf } from '../reading/clusters.ts';
import type { Formats } from '../reading/formats.ts';
import { type SeenCost, type Shown, shownOf } from '../reading/results.ts';
import { databasesIn, type SeenBackup, usersIn } from '../reading/rows.ts';
import { Backups } from './backups.tsx';
import { argumentsFor, readAgain, readSupport, useFollowing } from './following.ts';
import { Logs } from './logs.tsx';
import { More, OnDemand, readData, Table } from './on-demand.tsx';
import { sizeWords, supportWords } from './size.ts';
import { Timeline } from './timeline.tsx';
import { Facts, Foreign, Lines, Loading, Message, State } from './words.tsx';

interface FullProps {
  cluster: SeenCluster;
  /** How the call ended that this is the result of. */
  heading?: string;
  note?: string;
  cost?: SeenCost;
  onBack?(): void;
  onChange?(next: SeenCluster): void;
}

/** What another tool knows of it: its price, and how long its version is supported. */
function useBesides(cluster: SeenCluster, known: SeenCost | undefined) {
  const host = useHost();
  const [cost, setCost] = useState(known);
  const [support, setSupport] = useState<ReadonlyMap<string, number>>(new Map());
  const { instances, cores, ram, storageSize } = cluster;
  useEffect(() => {
    if (!host.canCall || cluster.state === 'GONE') return;
    const args = argumentsFor(cluster);
    const ignored = () => {};
    host.call('estimate_cost', args).then((result) => {
      const shown = shownOf(result, args);
      if (shown.kind === 'costs') setCost(shown.costs[0]);
    }, ignored);
  }, [instances, cores, ram, storageSize]);
  useEffect(() => {
    if (host.canCall) readSupport(host, cluster).then(setSupport, () => {});
  }, []);
  return { cost, endOfSupport: support.get(cluster.version ?? '') };
}

export function FullCluster({ cluster: first, heading, note, cost: known, onBack, onChange }: FullProps) {
  const [cluster, setCluster] = useState(first);
  const { cost, endOfSupport } = useBesides(cluster, known);
  const [backups, setBackups] = useState<readonly SeenBackup[]>([]);
  const [news, setNews] = useState('');
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (onBack) title.current?.focus();
  }, []);
  useFollowing(isMoving(cluster) ? [cluster] : [], (_, next) => {
    setCluster(next);
    onChange?.(next);
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
        <State state={cluster.state} />
        {cluster.state === 'BUSY' && ' – a change is under way'}
      </p>
      <Lines text={cluster.statusMessage} />
      <p class="hidden" role="status">
        {news}
      </p>
      <Lines text={note} />
      <div class="groups">
        <Properties cluster={cluster} cost={cost} endOfSupport={endOfSupport} />
        <Timeline cluster={cluster} backups={backups} endOfSupport={endOfSupport} />
        {cluster.state !== 'GONE' && <OnRequest cluster={cluster} onBackups={setBackups} />}
      </div>
    </article>
  );
}

interface OnRequestProps {
  cluster: SeenCluster;
  onBackups(backups: readonly SeenBackup[]): void;
}

const OnRequest = ({ cluster, onBackups }: OnRequestProps) => (
  <>
    <Backups cluster={cluster} onRead={onBackups} />
    {/* API v2 has neither. */}
    {!cluster.isV2 && <Users cluster={cluster} />}
    {!cluster.isV2 && <Databases cluster={cluster} />}
    <Logs cluster={cluster} />
  </>
);

interface PropertiesProps {
  cluster: SeenCluster;
  cost?: SeenCost;
  endOfSupport?: number;
}

function Properties({ cluster, cost, endOfSupport }: PropertiesProps) {
  const { formats } = useHost();
  const { maintenance, created, modified } = cluster;
  const onOff = (flag: boolean | undefined) => (flag === undefined ? undefined : flag ? 'on' : 'off');
  const days = cluster.backupRetentionDays;
  const by = (moment?: number, who?: string) => moment && `${formats.dateTime(moment)}${who ? ` by ${who}` : ''}`;
  return (
    <>
      <Group
        heading="Cluster"
        rows={[
          ['PostgreSQL', cluster.version],
          ['Community support', supportWords(endOfSupport, formats)],
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
    </>
  );
}

type Rows = Parameters<typeof Facts>[0]['rows'];

const Group = ({ heading, rows }: { heading: string; rows: Rows }) => (
  <section>
    <h2>{heading}</h2>
    <Facts rows={rows} />
  </section>
);

const dateOf = (moment: number | undefined, { date }: Formats) => (moment === undefined ? undefined : date(moment));

const Users = ({ cluster }: { cluster: SeenCluster }) => {
  const { formats } = useHost();
  return (
    <OnDemand
      heading="Users"
      what="users"
      read={async (host) => usersIn(await readData(host, 'list_users', argumentsFor(cluster)))}
    >
      {({ rows, ...more }) => (
        <>
          {rows.length === 0 ? (
            <p>There is no user.</p>
          ) : (
            <Table
              caption="Users"
              columns={['Name', 'Created']}
              rows={rows.map(({ name, created }) => [name, dateOf(created, formats)])}
            />
          )}
          <More {...more} />
        </>
      )}
    </OnDemand>
  );
};

const Databases = ({ cluster }: { cluster: SeenCluster }) => {
  const { formats } = useHost();
  return (
    <OnDemand
      heading="Databases"
      what="databases"
      read={async (host) => databasesIn(await readData(host, 'list_databases', argumentsFor(cluster)))}
    >
      {({ rows, ...more }) => (
        <>
          {rows.length === 0 ? (
            <p>There is no database.</p>
          ) : (
            <Table
              caption="Databases"
              columns={['Name', 'Owner', 'Created']}
              rows={rows.map(({ name, owner, created }) => [name, owner, dateOf(created, formats)])}
            />
          )}
          <More {...more} />
        </>
      )}
    </OnDemand>
  );
};

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
