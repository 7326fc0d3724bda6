import { useHost } from '../host.ts';
import type { SeenCost, Shown } from '../reading/results.ts';
import { sizeWords } from './size.ts';
import { Foreign, Lines } from './words.tsx';

type CostsProps = Omit<Extract<Shown, { kind: 'costs' }>, 'kind'>;

const WHEN: Readonly<Record<string, string>> = { now: 'Now', afterwards: 'Afterwards', difference: 'Difference' };

export function Costs({ costs, totals, note }: CostsProps) {
  const { formats } = useHost();
  const highest = Math.max(...costs.map(amountOf), 0);
  return (
    <section>
      <h1>Cost per 30 days</h1>
      {costs.length === 0 && totals.length === 0 && <p role="status">There is nothing to estimate.</p>}
      <ul class="bars">
        {costs.map((cost, n) => (
          <li key={n}>
            <Bar cost={cost} highest={highest} />
          </li>
        ))}
      </ul>
      {totals.map((total) => (
        <p class="total" key={`${total.profile} ${total.currency}`}>
          <strong>{total.per30Days ? formats.money(total.per30Days, total.currency) : 'Total not known'}</strong> for{' '}
          {formats.number(total.clusters ?? 0)} {total.clusters === 1 ? 'cluster' : 'clusters'}
          {total.profile && (
            <>
              {' in '}
              <Foreign text={total.profile} />
            </>
          )}
          {total.unknown && (
            <>
              {': '}
              <Foreign text={total.unknown} />
            </>
          )}
        </p>
      ))}
      <Lines text={note} />
    </section>
  );
}

const amountOf = ({ per30Days }: SeenCost) => Math.abs(Number(per30Days)) || 0;

function Bar({ cost, highest }: { cost: SeenCost; highest: number }) {
  const { formats } = useHost();
  const { name, id, when, profile, per30Days, currency, unknown } = cost;
  const share = highest > 0 ? (100 * amountOf(cost)) / highest : 0;
  const named = name ?? id ?? 'New cluster';
  return (
    <>
      <span class="named">
        <Foreign text={named} />
        {when && ` · ${Object.hasOwn(WHEN, when) ? WHEN[when] : when}`}
        {profile && (
          <>
            {' · '}
            <Foreign text={profile} />
          </>
        )}
      </span>
      <span class="amount">
        {per30Days ? (
          formats.money(per30Days, currency)
        ) : (
          <Foreign text={`Not known${unknown ? `: ${unknown}` : ''}`} />
        )}
      </span>
      {per30Days && (
        <svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
          <rect class="track" width="100" height="1" />
          <rect class={when === 'difference' ? 'change' : 'value'} width={share} height="1" />
        </svg>
      )}
      <span class="size">{sizeWords(cost, formats)}</span>
    </>
  );
}
