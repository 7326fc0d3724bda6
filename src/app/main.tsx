import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { connectHost, type Host, HostProvider } from './host.ts';
import { Screen } from './parts/screen.tsx';
import { Message } from './parts/words.tsx';
import { allowNothingMore } from './policy.ts';
import { type Shown, shownOf } from './reading/results.ts';
import type { JsonFields } from './reading/values.ts';

interface Present {
  shown: Shown;
  input: JsonFields;
  /** Another result begins with a screen of its own. */
  round: number;
}

function App() {
  const [host, setHost] = useState<Host>();
  const [failure, setFailure] = useState<string>();
  const [{ shown, input, round }, setPresent] = useState<Present>({ shown: { kind: 'waiting' }, input: {}, round: 0 });

  useEffect(() => {
    const show = (next: Shown) => setPresent((present) => ({ ...present, shown: next, round: present.round + 1 }));
    const connected = connectHost({
      onContext: (formats) => setHost((known) => known && { ...known, formats }),
      onInput: (args) => setPresent((present) => ({ ...present, input: args })),
      onResult: (result) =>
        setPresent((present) => ({ ...present, shown: shownOf(result, present.input), round: present.round + 1 })),
      onCancelled: (reason) => show({ kind: 'cancelled', reason }),
    });
    connected.then(setHost, ({ message }: Error) => setFailure(message));
  }, []);

  if (failure !== undefined) return <Message tone="problem" heading="No connection to the host" text={failure} />;
  return (
    host && (
      <HostProvider value={host}>
        <Screen key={round} first={shown} input={input} />
      </HostProvider>
    )
  );
}

allowNothingMore();
const root = document.getElementById('app');
if (root) render(<App />, root);
