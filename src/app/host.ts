import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { type Bridge, createBridge } from './bridge.ts';
import { createFormats, type Formats } from './reading/formats.ts';
import { fieldsOf, type JsonFields, textOf } from './reading/values.ts';

/** What the page gets from the host, in the forms that it uses. */
export interface Host {
  /** Whether tools can be called through it. */
  canCall: boolean;
  call(tool: string, args: JsonFields, longestMs?: number): Promise<JsonFields>;
  /** Tells the model, where the host allows it. */
  tell(text: string): void;
  formats: Formats;
  /** Aborted when the host takes the page down. */
  ended: AbortSignal;
}

export interface HostEvents {
  onContext(formats: Formats): void;
  onInput(args: JsonFields): void;
  onResult(result: JsonFields): void;
  onCancelled(reason: string | undefined): void;
}

const APP = {
  protocolVersion: '2026-01-26',
  appInfo: { name: 'ionos-postgresql', title: 'IONOS PostgreSQL', version: '1' },
  appCapabilities: { availableDisplayModes: ['inline', 'fullscreen'] },
};

export async function connectHost(events: HostEvents): Promise<Host> {
  const end = new AbortController();
  let context: JsonFields = {};
  let formats = createFormats({});
  const changeContext = (change: JsonFields) => {
    context = { ...context, ...change };
    dress(context);
    formats = createFormats({ locale: textOf(context.locale), timeZone: textOf(context.timeZone) });
    events.onContext(formats);
  };
  const bridge = createBridge({
    'ui/notifications/tool-input': (params) => events.onInput(fieldsOf(params.arguments)),
    'ui/notifications/tool-result': events.onResult,
    'ui/notifications/tool-cancelled': ({ reason }) => events.onCancelled(textOf(reason)),
    'ui/notifications/host-context-changed': changeContext,
    'ui/resource-teardown': () => end.abort(),
  });
  const { hostCapabilities, hostContext } = await bridge.request('ui/initialize', APP);
  const { serverTools, updateModelContext } = fieldsOf(hostCapabilities);
  changeContext(fieldsOf(hostContext));
  bridge.notify('ui/notifications/initialized', {});
  reportSize(bridge, end.signal);
  return {
    canCall: serverTools !== undefined,
    call: (name, args, longestMs) => bridge.request('tools/call', { name, arguments: args }, longestMs),
    tell(text) {
      if (updateModelContext === undefined) return;
      bridge.request('ui/update-model-context', { content: [{ type: 'text', text }] }).catch(() => {});
    },
    formats,
    ended: end.signal,
  };
}

/** The host's colours and fonts; style.css has others for what it does not set. */
function dress({ theme, styles, safeAreaInsets }: JsonFields): void {
  const { documentElement: root } = document;
  const isDark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  root.dataset.theme = isDark ? 'dark' : 'light';
  for (const [name, value] of Object.entries(fieldsOf(fieldsOf(styles).variables))) {
    if (name.startsWith('--') && typeof value === 'string') root.style.setProperty(name, value);
  }
  // Of a notch, or of what the host lays over the edges.
  for (const [side, inset] of Object.entries(fieldsOf(safeAreaInsets))) {
    if (typeof inset === 'number') root.style.setProperty(`--inset-${side}`, `${inset}px`);
  }
}

const SETTLED_MS = 100;

function reportSize(bridge: Bridge, ended: AbortSignal): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = '';
  const report = () => {
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    const width = Math.ceil(window.innerWidth);
    if (last === `${width} ${height}` || ended.aborted) return;
    last = `${width} ${height}`;
    bridge.notify('ui/notifications/size-changed', { width, height });
  };
  const observer = new ResizeObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(report, SETTLED_MS);
  });
  observer.observe(document.body);
  ended.addEventListener('abort', () => observer.disconnect());
}

const hostContext = createContext<Host | undefined>(undefined);

export const HostProvider = hostContext.Provider;

export function useHost(): Host {
  const host = useContext(hostContext);
  if (!host) throw new Error('There is no host.');
  return host;
}
