import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { useHost } from '../host.ts';
import { type SeenCluster, titleOf } from '../reading/clusters.ts';
import { type ButtonOffer, type SeenPlan, type Shown, shownOf } from '../reading/results.ts';
import { shownValue } from '../reading/values.ts';
import { Facts, Foreign, Lines, Message } from './words.tsx';

interface PlanProps {
  plan: SeenPlan;
  offer?: ButtonOffer;
  isPreview: boolean;
  note?: string;
}

/** What would be done, and where the server offers it a button to agree by. */
export function PlanPage({ onResult, ...shown }: PlanProps & { onResult(next: Shown): void }) {
  const { plan, offer: offered, isPreview, note } = shown;
  const { canCall } = useHost();
  const offer = canCall ? offered : undefined;
  return (
    <article class="plan">
      <h1 tabIndex={-1}>
        <Foreign text={plan.summary} />
      </h1>
      {isPreview && <p>This is a preview. Nothing was sent.</p>}
      <Changes plan={plan} />
      {plan.effects.length > 0 && (
        <>
          <h2>Effects</h2>
          <ul>
            {plan.effects.map((effect) => (
              <li key={effect}>
                <Foreign text={effect} />
              </li>
            ))}
          </ul>
        </>
      )}
      <Settled plan={plan} />
      <div role="status">
        <Lines text={offered ? offered.note : note} />
      </div>
      {offer ? (
        // Another token is another question.
        <Agreement key={offer.token} offer={offer} summary={plan.summary} onResult={onResult} />
      ) : (
        !isPreview && <p class="ask">To agree or to decline, answer in the chat.</p>
      )}
    </article>
  );
}

function Changes({ plan }: { plan: SeenPlan }) {
  const { formats } = useHost();
  if (plan.changes.length === 0) return null;
  const isNew = plan.changes.every(({ from }) => from === undefined);
  return (
    <table>
      <caption>Changes</caption>
      <thead>
        <tr>
          <th scope="col">Property</th>
          {!isNew && <th scope="col">Now</th>}
          <th scope="col">{isNew ? 'Value' : 'Afterwards'}</th>
        </tr>
      </thead>
      <tbody>
        {plan.changes.map(({ property, from, to }) => (
          <tr key={property}>
            <th scope="row">
              <Foreign text={property} />
            </th>
            {!isNew && (
              <td>
                <Foreign text={from === undefined ? '–' : shownValue(from, formats.number)} />
              </td>
            )}
            <td>
              <Foreign text={shownValue(to, formats.number)} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Settled({ plan }: { plan: SeenPlan }) {
  const { formats } = useHost();
  const rows = Object.entries(plan.arguments).map(
    ([name, value]) => [name, shownValue(value, formats.number)] as const,
  );
  if (rows.length === 0) return null;
  return (
    <>
      <h2>Chosen for what was left open</h2>
      <Facts rows={rows} />
    </>
  );
}

/** A write can wait for its cluster. */
const LONGEST_MS = 11 * 60_000;

interface AgreementProps {
  offer: ButtonOffer;
  summary: string;
  onResult(next: Shown): void;
}

function Agreement({ offer, summary, onResult }: AgreementProps) {
  const host = useHost();
  const field = useId();
  const [name, setName] = useState('');
  const [step, setStep] = useState<'open' | 'sending' | 'declined' | 'lost'>('open');
  const [problem, setProblem] = useState<string>();
  const isSending = useRef(false);
  const result = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (step !== 'open') result.current?.focus();
  }, [step]);

  async function agree() {
    // Of two clicks in a row the second comes before the button is disabled.
    if (isSending.current) return;
    isSending.current = true;
    setStep('sending');
    setProblem(undefined);
    const { tool, arguments: args, token, isTyped } = offer;
    try {
      const answer = await host.call(
        'confirm_write',
        { tool, arguments: args, token, ...(isTyped && { name }) },
        LONGEST_MS,
      );
      const next = shownOf(answer, args);
      host.tell(`In the view, the person agreed to: ${quoted(summary)} ${outcomeOf(next)}`);
      if (next.kind !== 'message' || next.tone !== 'problem') return onResult(next);
      setProblem(next.text ?? next.heading);
      setStep('open');
      isSending.current = false;
    } catch (error) {
      host.tell(`In the view, the person agreed to: ${quoted(summary)} No answer arrived, so the outcome is unknown.`);
      setProblem(String((error as Error).message));
      setStep('lost');
    }
  }

  function decline() {
    setStep('declined');
    const { tool, arguments: args, token } = offer;
    // So that the same is not asked again at once.
    host.call('confirm_write', { tool, arguments: args, token, declined: true }).catch(() => {});
    host.tell(`In the view, the person declined: ${quoted(summary)} Nothing was sent.`);
  }

  if (step === 'declined') {
    return (
      <p class="ask" role="status" tabIndex={-1} ref={result}>
        Declined. Nothing was sent.
      </p>
    );
  }
  if (step === 'lost') {
    return (
      <Message tone="problem" heading="No answer arrived" text={problem}>
        <p>The write may have been sent. Check its target before you try again.</p>
      </Message>
    );
  }
  return (
    // A form would need a permission of the sandbox around the page.
    <div class="agreement">
      {problem !== undefined && (
        <div role="alert" class="message problem">
          <Lines text={problem} of="text" />
        </div>
      )}
      {offer.isTyped && (
        <p>
          <label for={field}>To agree, type the name</label>
          <input
            id={field}
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            maxLength={1000}
            value={name}
            disabled={step === 'sending'}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </p>
      )}
      <p class="buttons">
        <button
          type="button"
          class="danger"
          onClick={agree}
          disabled={step === 'sending' || (offer.isTyped && name.trim() === '')}
        >
          Do this
        </button>
        <button type="button" disabled={step === 'sending'} onClick={decline}>
          Do not
        </button>
        {step === 'sending' && <span role="status">Sending…</span>}
      </p>
    </div>
  );
}

const MAX_SUMMARY = 300;
const quoted = (summary: string) => JSON.stringify(summary.slice(0, MAX_SUMMARY));

/** For the model: facts of the result, none of its text but names in quotation marks. */
function outcomeOf(next: Shown): string {
  switch (next.kind) {
    case 'plan':
      return 'It was not sent; a new plan is shown.';
    case 'cluster':
      return `Outcome: ${next.heading?.toLowerCase() ?? 'done'}; the cluster ${JSON.stringify(titleOf(next.cluster))} is ${stateOf(next.cluster)}.`;
    case 'message':
      return next.tone === 'problem' ? 'The call failed.' : `Outcome: ${next.heading.toLowerCase()}.`;
    default:
      return 'It was carried out.';
  }
}

/** The states that the API documents; another text stays out of the model's context. */
const STATES = ['AVAILABLE', 'BUSY', 'DESTROYING', 'DEGRADED', 'FAILED'];
const stateOf = ({ state = '' }: SeenCluster) => (STATES.includes(state) ? state : 'in another state');
