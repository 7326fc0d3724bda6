import { useId, useState } from 'preact/hooks';
import { useHost } from '../host.ts';
import type { SeenCluster } from '../reading/clusters.ts';
import { linesIn } from '../reading/rows.ts';
import { argumentsFor } from './following.ts';
import { Failure, readData, useReading } from './on-demand.tsx';
import { Foreign, Lines, Loading } from './words.tsx';

const AT_FIRST = 50;
const MOST = 1_000;

export function Logs({ cluster }: { cluster: SeenCluster }) {
  const host = useHost();
  const field = useId();
  const [contains, setContains] = useState('');
  const [limit, setLimit] = useState(AT_FIRST);
  const [reading, begin] = useReading<ReturnType<typeof linesIn>>();
  if (!host.canCall) return null;
  const load = (most: number) => {
    setLimit(most);
    const filter = contains.trim() === '' ? {} : { contains: contains.trim() };
    const args = { ...argumentsFor(cluster), limit: most, ...filter };
    begin(async () => linesIn(await readData(host, 'get_cluster_logs', args)));
  };
  const isLoaded = reading.step === 'loaded';
  return (
    <section class="wide">
      <h2>Log</h2>
      <p>
        <label for={field}>Only lines with</label>
        <input
          id={field}
          type="search"
          value={contains}
          maxLength={200}
          onInput={(event) => setContains(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Enter' && load(AT_FIRST)}
        />
      </p>
      <p>
        <button type="button" onClick={() => load(AT_FIRST)}>
          {reading.step === 'closed' ? 'Show log lines' : 'Read again'}
        </button>
      </p>
      <div aria-live="polite">
        {reading.step === 'loading' && <Loading what="log lines" />}
        {reading.step === 'failed' && <Failure text={reading.text} onAgain={() => load(limit)} />}
        {isLoaded && reading.data.rows.length === 0 && <p>No line in the last 30 days.</p>}
        {isLoaded && <Lines text={reading.data.note} />}
      </div>
      {isLoaded && <LogLines {...reading.data} />}
      {isLoaded && reading.data.hasMore && limit < MOST && (
        <button type="button" onClick={() => load(Math.min(limit * 4, MOST))}>
          Show older lines
        </button>
      )}
    </section>
  );
}

function LogLines({ rows }: Pick<ReturnType<typeof linesIn>, 'rows'>) {
  const { formats } = useHost();
  return (
    <ol class="log">
      {rows.map(({ time, instance, message }, n) => (
        <li key={`${time} ${instance} ${n}`}>
          <span class="size">
            {time !== undefined && formats.second(time)} <Foreign text={instance ?? ''} />
          </span>
          <code>
            <Foreign text={message} />
          </code>
        </li>
      ))}
    </ol>
  );
}
