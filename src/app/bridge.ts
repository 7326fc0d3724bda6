import { fieldsOf, type JsonFields, textOf } from './reading/values.ts';

/** JSON-RPC 2.0 with the host: https://github.com/modelcontextprotocol/ext-apps */
export interface Bridge {
  request(method: string, params: JsonFields, longestMs?: number): Promise<JsonFields>;
  notify(method: string, params: JsonFields): void;
}

/** What the host sends: notifications, and requests, which are answered with what the handler returns. */
export type HostMessages = Readonly<Record<string, (params: JsonFields) => unknown>>;

interface Waiting {
  resolve(result: JsonFields): void;
  reject(error: Error): void;
}

const LONGEST_MS = 60_000;
const METHOD_NOT_FOUND = -32_601;

export function createBridge(messages: HostMessages, own: Window = window): Bridge {
  const host = own.parent;
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  // The page has an opaque origin in some hosts, and learns nothing of theirs: the receiver is the frame around it.
  const post = (message: JsonFields) => host.postMessage({ jsonrpc: '2.0', ...message }, '*');

  own.addEventListener('message', ({ source, data }: MessageEvent) => {
    const message = fieldsOf(data);
    if (source !== host || message.jsonrpc !== '2.0') return;
    const { id, method } = message;
    if (typeof method === 'string') return answer(id, method, fieldsOf(message.params));
    const asked = typeof id === 'number' ? waiting.get(id) : undefined;
    if (message.error === undefined) return asked?.resolve(fieldsOf(message.result));
    asked?.reject(new Error(textOf(fieldsOf(message.error).message) ?? 'The host reported an error.'));
  });

  function answer(id: unknown, method: string, params: JsonFields): void {
    const handler = Object.hasOwn(messages, method) ? messages[method] : undefined;
    const result = handler?.(params);
    if (id === undefined) return;
    const isKnown = handler !== undefined || method === 'ping';
    post(
      isKnown ? { id, result: fieldsOf(result) } : { id, error: { code: METHOD_NOT_FOUND, message: 'Unknown method' } },
    );
  }

  return {
    notify: (method, params) => post({ method, params }),
    async request(method, params, longestMs = LONGEST_MS) {
      const id = ++lastId;
      let timer: ReturnType<typeof setTimeout> | undefined;
      try {
        return await new Promise<JsonFields>((resolve, reject) => {
          waiting.set(id, { resolve, reject });
          timer = setTimeout(() => reject(new Error('The host did not answer in time.')), longestMs);
          post({ id, method, params });
        });
      } finally {
        clearTimeout(timer);
        waiting.delete(id);
      }
    },
  };
}
