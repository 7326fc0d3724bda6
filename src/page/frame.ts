import { fieldsOf, type PageFields } from './mcp.ts';

const PROTOCOL = '2026-01-26';

export interface FrameOptions {
  /** Where it is. */
  view: string;
  /** What the view asks of the server; the answer is a result of the tool. */
  call(tool: string, args: PageFields): Promise<PageFields>;
}

/** Shows a result in the view, as a host of MCP Apps does. */
export function createFrame(first: HTMLIFrameElement, { view, call }: FrameOptions) {
  let frame = first;
  let shown: { tool: string; args: PageFields; result: PageFields } | undefined;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const contextOf = () => ({
    theme: dark.matches ? 'dark' : 'light',
    locale: navigator.language,
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    displayMode: 'inline',
    platform: 'web',
  });
  // Its origin is opaque: only the frame itself tells it apart.
  const post = (to: Window | null, message: PageFields) => to?.postMessage({ jsonrpc: '2.0', ...message }, '*');
  const notify = (method: string, params: PageFields) => post(frame.contentWindow, { method, params });

  const answers: Record<string, (params: PageFields) => unknown> = {
    'ui/initialize': () => ({
      protocolVersion: PROTOCOL,
      hostInfo: { name: 'ionos-postgres-page', version: '1' },
      hostCapabilities: { serverTools: {} },
      hostContext: { ...contextOf(), toolInfo: { tool: { name: shown?.tool, inputSchema: { type: 'object' } } } },
    }),
    'tools/call': ({ name, arguments: args }) => call(String(name), fieldsOf(args)),
    ping: () => ({}),
  };
  const notices: Record<string, (params: PageFields) => void> = {
    'ui/notifications/initialized': () => {
      if (!shown) return;
      notify('ui/notifications/tool-input', { arguments: shown.args });
      notify('ui/notifications/tool-result', shown.result);
    },
    'ui/notifications/size-changed': ({ height }) => {
      if (typeof height === 'number' && Number.isFinite(height))
        frame.style.height = `${Math.min(Math.max(height, 100), 20_000)}px`;
    },
  };

  async function answer(id: unknown, method: string, params: PageFields) {
    const asker = frame.contentWindow;
    const handler = Object.hasOwn(answers, method) ? answers[method] : undefined;
    if (!handler) return post(asker, { id, error: { code: -32_601, message: 'Unknown method' } });
    try {
      post(asker, { id, result: await handler(params) });
    } catch (error) {
      post(asker, { id, error: { code: -32_000, message: error instanceof Error ? error.message : 'Failed' } });
    }
  }

  window.addEventListener('message', ({ source, data }: MessageEvent) => {
    const { jsonrpc, id, method, params } = fieldsOf(data);
    if (source !== frame.contentWindow || jsonrpc !== '2.0' || typeof method !== 'string') return;
    if (id !== undefined) void answer(id, method, fieldsOf(params));
    else if (Object.hasOwn(notices, method)) notices[method]?.(fieldsOf(params));
  });
  dark.addEventListener('change', () => notify('ui/notifications/host-context-changed', contextOf()));

  /** The views number their requests alike, so an answer for one must not reach the next: each has a frame of its own. */
  function load(src: string) {
    const next = document.createElement('iframe');
    next.id = frame.id;
    next.title = frame.title;
    next.style.height = frame.style.height;
    for (const name of frame.sandbox) next.sandbox.add(name);
    next.src = src;
    frame.replaceWith(next);
    frame = next;
  }

  return {
    /** A new view for each, which knows nothing of the one before. */
    show(tool: string, args: PageFields, result: PageFields) {
      shown = { tool, args, result };
      load(view);
    },
    clear() {
      shown = undefined;
      load('about:blank');
    },
  };
}
