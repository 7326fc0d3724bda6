import { useEffect, useId, useMemo, useRef, useState } from 'preact/hooks';
import { useHost } from '../host.ts';
import { isMoving, matches, type SeenCluster, titleOf } from '../reading/clusters.ts';
import { type SeenCost, type Shown, shownOf } from '../reading/results.ts';
import type { JsonFields } from '../reading/values.ts';
import { FullCluster } from './cluster.tsx';
import { readSupport, useFollowing } from './following.ts';
import { sizeWords, supportWords } from './size.ts';
import { Foreign, Lines, Message, State } from './words.tsx';

type CardsProps = Extract<Shown, { kind: 'clusters' }> & { input: JsonFields };

const FILTERED_FROM = 7;
const SHOWN_AT_FIRST = 60;

export function Cards({ clusters: first, note, hasMore, input }: CardsProps) {
  const [clusters, setClusters] = useState(first);
  const [opened, setOpened] = useState<SeenCluster>();
  const [closed, setClosed] = useState<string>();
  const [wanted, setWanted] = useState('');
  const [isWhole, setWhole] = useState(false);
  const [news, setNews] = useState('');
  const { costs, support } = useDetails(first, input, setClusters);
  const filter = useId();
  const found = useMemo(() => clusters.filter((each) => matches(each, wanted)), [clusters, wanted]);
  const shown = isWhole ? found : found.slice(0, SHOWN_AT_FIRST);

  const change = (known: SeenCluster, next: SeenCluster) =>
    setClusters((all) => all.map((each) => (isSame(each, known) ? { ...each, ...next } : each)));
  useFollowing(opened ? [] : clusters.filter(isMoving), (known, next) => {
    change(known, next);
    setNews(`${titleOf(known)}: ${next.state ?? 'unknown'}`);
  });

  if (opened) {
    const close = () => {
      setClosed(keyOf(opened));
      setOpened(undefined);
    };
    const onChange = (next: SeenCluster) => change(opened, next);
    return <FullCluster cluster={opened} cost={costs.get(keyOf(opened))} onBack={close} onChange={onChange} />;
  }
  if (clusters.length === 0) {
    return <Message tone="info" heading="No clusters" text={note ?? 'The result has no PostgreSQL cluster.'} />;
  }
  return (
    <section>
      <h1>
        {found.length === clusters.length ? clusters.length : `${found.length} of ${clusters.length}`} PostgreSQL{' '}
        {clusters.length === 1 ? 'cluster' : 'clusters'}
      </h1>
      <p class="hidden" role="status">
        {news || (wanted && `${found.length} found`)}
      </p>
      {clusters.length >= FILTERED_FROM && (
        <p class="filter">
          <label for={filter}>Filter</label>
          <input id={filter} type="search" value={wanted} onInput={(event) => setWanted(event.currentTarget.value)} />
        </p>
      )}
      <ul class="cards">
        {shown.map((each) => (
          <Card
            key={keyOf(each)}
            cluster={each}
            cost={costs.get(keyOf(each))}
            endOfSupport={support.get(each.version ?? '')}
            isFocused={closed === keyOf(each)}
            onOpen={() => setOpened(each)}
          />
        ))}
      </ul>
      {found.length === 0 && <p role="status">No cluster matches the filter.</p>}
      {found.length > shown.length && (
        <button type="button" onClick={() => setWhole(true)}>
          Show all {found.length}
        </button>
      )}
      {hasMore && <p class="note">There are more clusters than this result has.</p>}
      <Lines text={note} />
    </section>
  );
}

/** Several accounts can have a cluster of the same ID. */
const keyOf = ({ id, profile }: { id: string; profile?: string }) => `${profile ?? ''} ${id}`;

const isSame = (one: SeenCluster, other: SeenCluster) => keyOf(one) === keyOf(other);

/** What rows without details lack, prices and the end of support: each asked for once. */
function useDetails(
  rows: readonly SeenCluster[],
  input: JsonFields,
  onRows: (change: (all: readonly SeenCluster[]) => readonly SeenCluster[]) => void,
): { costs: ReadonlyMap<string, SeenCost>; support: ReadonlyMap<string, number> } {
  const host = useHost();
  const [support, setSupport] = useState<ReadonlyMap<string, number>>(new Map());
  const [costs, setCosts] = useState<ReadonlyMap<string, SeenCost>>(new Map());
  useEffect(() => {
    if (!host.canCall || rows.length === 0) return;
    const { name, offset, profile } = input;
    const same = Object.fromEntries(
      Object.entries({ name, offset, profile }).filter(([, value]) => value !== undefined),
    );
    const read = async (tool: string, args: JsonFields) => shownOf(await host.call(tool, args), args);
    if (rows.some(({ cores }) => cores === undefined)) {
      const limit = Math.min(rows.length, 1_000);
      void read('list_clusters', { ...same, detail: 'full', limit }).then((shown) => {
        if (shown.kind !== 'clusters') return;
        const full = new Map(shown.clusters.map((each) => [keyOf(each), each]));
        onRows((all) => all.map((each) => full.get(keyOf(each)) ?? each));
      }, ignored);
    }
    const account = profile === undefined ? {} : { profile };
    void read('estimate_cost', account).then((shown) => {
      if (shown.kind !== 'costs') return;
      setCosts(new Map(shown.costs.flatMap((each) => (each.id ? [[keyOf({ ...each, id: each.id }), each]] : []))));
    }, ignored);
    void readSupport(host, { profile: rows[0]?.profile }).then(setSupport, ignored);
  }, []);
  return { costs, support };
}

/** The cards show the rest without it. */
const ignored = () => {};

interface CardProps {
  cluster: SeenCluster;
  cost?: SeenCost;
  endOfSupport?: number;
  /** Whether the person has just come back from it. */
  isFocused: boolean;
  onOpen(): void;
}

function Card({ cluster, cost, endOfSupport, isFocused, onOpen }: CardProps) {
  const { formats } = useHost();
  const button = useRef<HTMLButtonElement>(null);
  const support = supportWords(endOfSupport, formats);
  useEffect(() => {
    if (isFocused) button.current?.focus();
  }, []);
  return (
    <li class="card">
      <h2>
        <button type="button" class="open" ref={button} onClick={onOpen}>
          <Foreign text={titleOf(cluster)} />
        </button>
      </h2>
      <State state={cluster.state} />
      <p>
        PostgreSQL <Foreign text={cluster.version ?? 'unknown'} />
        {cluster.location && (
          <>
            {' · '}
            <Foreign text={cluster.location} />
          </>
        )}
        {cluster.isV2 && ' · API v2'}
        {cluster.profile && (
          <>
            {' · '}
            <Foreign text={cluster.profile} />
          </>
        )}
      </p>
      {support && <p class="note">Community support {support}</p>}
      <p>{sizeWords(cluster, formats)}</p>
      {cost?.per30Days && <p class="price">{formats.money(cost.per30Days, cost.currency)} per 30 days</p>}
    </li>
  );
}
