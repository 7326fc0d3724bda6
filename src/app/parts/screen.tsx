import { useEffect, useRef, useState } from 'preact/hooks';
import type { Shown } from '../reading/results.ts';
import type { JsonFields } from '../reading/values.ts';
import { Cards } from './cards.tsx';
import { FullCluster, NamedCluster } from './cluster.tsx';
import { Costs } from './costs.tsx';
import { PlanPage } from './plan.tsx';
import { Message } from './words.tsx';

/** What is shown of one result, and of those that follow from it. */
export function Screen({ first, input }: { first: Shown; input: JsonFields }) {
  const [shown, show] = useState(first);
  const all = useRef<HTMLDivElement>(null);
  // The button that led here is gone, and the focus with it.
  useEffect(() => {
    if (shown !== first) all.current?.querySelector<HTMLElement>('h1')?.focus();
  }, [shown]);
  return <div ref={all}>{part(shown, input, show)}</div>;
}

function part(shown: Shown, input: JsonFields, show: (next: Shown) => void) {
  switch (shown.kind) {
    case 'waiting':
      return (
        <p class="loading" role="status">
          Waiting for the result…
        </p>
      );
    case 'cancelled':
      return <Message tone="info" heading="The call was cancelled" text={shown.reason} />;
    case 'message':
      return <Message {...shown} />;
    case 'clusters':
      return <Cards {...shown} input={input} />;
    case 'cluster':
      return <FullCluster key={shown.cluster.id} {...shown} />;
    case 'named':
      return <NamedCluster key={shown.clusterId} {...shown} />;
    case 'plan':
      return <PlanPage {...shown} onResult={show} />;
    case 'costs':
      return <Costs {...shown} />;
  }
}
