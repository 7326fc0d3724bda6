import type { RequestId } from '@modelcontextprotocol/server';
import { isFields } from '../../text/json.ts';

interface Message {
  id?: unknown;
  method?: unknown;
  params?: unknown;
}

export function createRequestIds() {
  const ids = new Set<RequestId>();
  return {
    ids,
    received({ id, method, params }: Message) {
      if (method !== undefined && isId(id)) ids.add(id);
      if (method !== 'notifications/cancelled' || !isFields(params)) return;
      // The SDK does not answer cancelled requests.
      if (isId(params.requestId)) ids.delete(params.requestId);
    },
    sent({ id, method }: Message) {
      if (method === undefined && isId(id)) ids.delete(id);
    },
  };
}

const isId = (id: unknown): id is RequestId => typeof id === 'string' || typeof id === 'number';
