import {
  AppBridge,
  type McpUiHostCapabilities,
  type McpUiHostContext,
  PostMessageTransport,
} from '@modelcontextprotocol/ext-apps/app-bridge';

/** A host as a page: the view is in a frame of another origin, which is opaque to it. */
export interface HostPage {
  /** In place of `open`: whatever the view asks is refused. */
  refuse(url: string): void;
  open(url: string, capabilities: McpUiHostCapabilities, context: McpUiHostContext): Promise<void>;
  send(kind: 'input' | 'result' | 'cancelled' | 'context', params: unknown): Promise<void>;
  teardown(): Promise<unknown>;
  /** Takes the view away; another one can be opened then. */
  close(): Promise<void>;
  /** What the view told the model, the last it said first. */
  told: unknown[];
  sizes: { width?: number; height?: number }[];
}

declare global {
  interface Window {
    host: HostPage;
    /** Answered by the test. */
    callTool(params: unknown): Promise<never>;
  }
}

let bridge: AppBridge;
let end = async () => {};

function addFrame() {
  const frame = document.createElement('iframe');
  frame.setAttribute('sandbox', 'allow-scripts');
  frame.title = 'View';
  document.body.append(frame);
  const view = frame.contentWindow;
  if (!view) throw new Error('There is no frame');
  return { frame, view };
}

window.host = {
  told: [],
  sizes: [],
  refuse(url) {
    const { frame, view } = addFrame();
    const error = { code: -32_603, message: 'The host cannot show this view.' };
    const answer = ({ data: { id } }: MessageEvent) => view.postMessage({ jsonrpc: '2.0', id, error }, '*');
    addEventListener('message', answer);
    end = async () => removeEventListener('message', answer);
    frame.src = url;
  },
  async open(url, capabilities, context) {
    const { frame, view } = addFrame();
    bridge = new AppBridge(null, { name: 'test-host', version: '1' }, capabilities, { hostContext: context });
    bridge.oncalltool = (params) => window.callTool(params);
    bridge.onupdatemodelcontext = async (params) => {
      window.host.told.unshift(params);
      return {};
    };
    bridge.onsizechange = (size) => {
      window.host.sizes.push(size);
      if (size.height) frame.style.height = `${size.height}px`;
    };
    const ready = new Promise<void>((resolve) => {
      bridge.oninitialized = () => resolve();
    });
    end = () => bridge.close();
    await bridge.connect(new PostMessageTransport(view, view));
    frame.src = url;
    await ready;
  },
  async send(kind, params: never) {
    if (kind === 'input') await bridge.sendToolInput({ arguments: params });
    if (kind === 'result') await bridge.sendToolResult(params);
    if (kind === 'cancelled') await bridge.sendToolCancelled(params);
    if (kind === 'context') await bridge.sendHostContextChange(params);
  },
  teardown: () => bridge.teardownResource({}),
  async close() {
    await end();
    document.querySelector('iframe')?.remove();
    Object.assign(window.host, { told: [], sizes: [] });
  },
};
