import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { type Host, useHost } from '../host.ts';
import { wordsIn } from '../reading/results.ts';
import { fieldsOf, type JsonFields } from '../reading/values.ts';
import { Foreign, Lines, Loading } from './words.tsx';

export type OnDemandState<Data> =
  | { step: 'closed' }
  | { step: 'loading'; last?: Data }
  | { step: 'failed'; text: string }
  | { step: 'loaded'; data: Data };

/** The structured content of a read; its own words where it failed. */
export async function readData(host: Host, tool: string, args: JsonFields): Promise<JsonFields> {
  const { isError, content, structuredContent } = await host.call(tool, args);
  if (isError === true) throw new Error(wordsIn(content) ?? 'The call failed.');
  return fieldsOf(structuredContent);
}

/** What is read when a person asks for it; of two reads the later counts. */
export function useReading<Data>(): [OnDemandState<Data>, (read: () => Promise<Data>) => void] {
  const [reading, setReading] = useState<OnDemandState<Data>>({ step: 'closed' });
  const latest = useRef(0);
  const begin = (read: () => Promise<Data>) => {
    const round = ++latest.current;
    const end = (next: OnDemandState<Data>) => round === latest.current && setReading(next);
    setReading((present) => ({ step: 'loading', last: present.step === 'loaded' ? present.data : undefined }));
    read().then(
      (data) => end({ step: 'loaded', data }),
      (error: Error) => end({ step: 'failed', text: error.message }),
    );
  };
  return [reading, begin];
}

interface OnDemandProps<Data> {
  heading: string;
  /** What is shown, as in "Show users". */
  what: string;
  read(host: Host): Promise<Data>;
  children(data: Data): ComponentChildren;
}

export function OnDemand<Data>({ heading, what, read, children }: OnDemandProps<Data>) {
  const host = useHost();
  const [reading, begin] = useReading<Data>();
  if (!host.canCall) return null;
  const load = () => begin(() => read(host));
  return (
    <section>
      <h2>{heading}</h2>
      {reading.step === 'closed' && (
        <button type="button" onClick={load}>
          Show {what}
        </button>
      )}
      <div aria-live="polite">
        {reading.step === 'loading' && <Loading what={what} />}
        {reading.step === 'loaded' && children(reading.data)}
        {reading.step === 'failed' && <Failure text={reading.text} onAgain={load} />}
      </div>
    </section>
  );
}

export const Failure = ({ text, onAgain }: { text: string; onAgain(): void }) => (
  <div class="message problem">
    <Lines text={text} of="text" />
    <button type="button" onClick={onAgain}>
      Try again
    </button>
  </div>
);

interface TableProps {
  caption: string;
  columns: readonly string[];
  rows: readonly (readonly (string | undefined)[])[];
}

export const Table = ({ caption, columns, rows }: TableProps) => (
  <table>
    <caption class="hidden">{caption}</caption>
    <thead>
      <tr>
        {columns.map((column) => (
          <th scope="col" key={column}>
            {column}
          </th>
        ))}
      </tr>
    </thead>
    <tbody>
      {rows.map(([first, ...rest]) => (
        <tr key={first}>
          <th scope="row">
            <Foreign text={first ?? ''} />
          </th>
          {rest.map((value, n) => (
            <td key={columns[n + 1]}>
              <Foreign text={value ?? ''} />
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  </table>
);

export const More = ({ hasMore, note }: { hasMore: boolean; note?: string }) => (
  <>
    {hasMore && <p class="note">There are more than these.</p>}
    <Lines text={note} />
  </>
);
