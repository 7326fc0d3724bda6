import type { ComponentChildren } from 'preact';

/** Text from elsewhere, whose direction stays its own. */
export const Foreign = ({ text }: { text: string }) => <bdi>{text}</bdi>;

/** Paragraphs as the lines of a text. */
export const Lines = ({ text, of = 'note' }: { text?: string; of?: string }) => (
  <>
    {text?.split('\n').map((line, n) => (
      <p class={of} key={n}>
        <Foreign text={line} />
      </p>
    ))}
  </>
);

interface MessageProps {
  tone: 'problem' | 'info';
  heading: string;
  text?: string;
  children?: ComponentChildren;
}

export const Message = ({ tone, heading, text, children }: MessageProps) => (
  <section class={`message ${tone}`} role={tone === 'problem' ? 'alert' : 'status'}>
    <h1 tabIndex={-1}>{heading}</h1>
    <Lines text={text} of="text" />
    {children}
  </section>
);

export const Loading = ({ what }: { what: string }) => (
  <p class="loading" role="status">
    Loading {what}…
  </p>
);

const STATES: Readonly<Record<string, { sign: string; words: string }>> = {
  AVAILABLE: { sign: '●', words: 'Available' },
  BUSY: { sign: '◐', words: 'Busy' },
  DESTROYING: { sign: '✕', words: 'Being deleted' },
  DEGRADED: { sign: '◆', words: 'Degraded' },
  FAILED: { sign: '▲', words: 'Failed' },
  GONE: { sign: '–', words: 'Deleted' },
};

export function State({ state = 'UNKNOWN' }: { state?: string }) {
  const known = Object.hasOwn(STATES, state) ? STATES[state] : undefined;
  return (
    <span class={`state ${known ? state.toLowerCase() : ''}`}>
      <span aria-hidden="true">{known?.sign ?? '?'}</span>{' '}
      {known?.words ?? <Foreign text={state === 'UNKNOWN' ? 'State unknown' : state} />}
    </span>
  );
}

/** Rows of a definition list; those without a value are left out. */
export function Facts({ rows }: { rows: readonly (readonly [string, ComponentChildren])[] }) {
  const known = rows.filter(([, value]) => value !== undefined && value !== false && value !== '');
  return (
    <dl>
      {known.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{typeof value === 'string' ? <Foreign text={value} /> : value}</dd>
        </div>
      ))}
    </dl>
  );
}
