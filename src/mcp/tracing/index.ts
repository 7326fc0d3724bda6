import {
  type JSONRPCMessage,
  type JSONRPCRequest,
  type McpServer,
  type MessageExtraInfo,
  type RequestId,
  type ServerContext,
  SUPPORTED_PROTOCOL_VERSIONS,
  type Transport,
} from '@modelcontextprotocol/server';
import { httpCallerIn } from '../../calls/http-caller.ts';
import type { Ended, Operation, Telemetry } from '../../telemetry/telemetry.ts';
import { traceContextIn } from '../../telemetry/trace-context.ts';
import { type Fields, isFields } from '../../text/json.ts';
import { confirmWrite } from '../views/apps.ts';

/** Others are counted together: a client can make up any. */
const METHODS: ReadonlySet<string> = new Set([
  ...['initialize', 'server/discover', 'ping', 'logging/setLevel', 'completion/complete'],
  ...['tools/list', 'tools/call', 'prompts/list', 'prompts/get'],
  ...['resources/list', 'resources/templates/list', 'resources/read', 'resources/subscribe', 'resources/unsubscribe'],
  ...['skills/list', 'skills/get'],
]);

/** What the names in a request can refer to. */
export interface Nameable {
  named(tool: string): unknown;
  prompts: readonly string[];
}

/** Records each request of the server's client, until it is answered; gives that of a handler's context. */
export function observe(mcpServer: McpServer, telemetry: Telemetry, known: Nameable) {
  const { server } = mcpServer;
  const running = new Map<RequestId, { operation: Operation; version?: string }>();

  function begin(message: JSONRPCRequest, extra: MessageExtraInfo | undefined) {
    const { id, method, params } = message;
    if (running.has(id)) return;
    const httpCaller = httpCallerIn(extra?.authInfo);
    const meta: Fields = isFields(params?._meta) ? params._meta : {};
    const own = traceContextIn(meta.traceparent, meta.tracestate);
    const operation = telemetry.begin({
      method: METHODS.has(method) ? method : '_OTHER',
      id: idIn(message),
      ...targetIn(message, known),
      transport: httpCaller ? 'tcp' : 'pipe',
      parent: own ?? httpCaller?.trace,
      carrier: own && httpCaller?.trace,
    });
    running.set(id, { operation, version: versionIn(extra) });
  }

  function end(id: RequestId | undefined, error?: Ended['error']) {
    const found = id === undefined ? undefined : running.get(id);
    if (id === undefined || !found) return;
    running.delete(id);
    found.operation.end({ protocolVersion: server.getNegotiatedProtocolVersion() ?? found.version, error });
  }

  function received(message: JSONRPCMessage, extra: MessageExtraInfo | undefined) {
    if (!('method' in message)) return;
    if ('id' in message) begin(message, extra);
    else if (message.method === 'notifications/cancelled') end(cancelledIn(message.params), 'cancelled');
  }

  function watch(transport: Transport) {
    const { onmessage, onclose } = transport;
    const send = transport.send.bind(transport);
    // The SDK calls these before its own.
    transport.onmessage = (message, extra) => {
      onmessage?.(message, extra);
      received(message, extra);
    };
    transport.onclose = () => {
      onclose?.();
      for (const id of [...running.keys()]) end(id, 'cancelled');
    };
    transport.send = (message, options) => {
      const sent = send(message, options);
      if ('result' in message) end(message.id, message.result.isError === true ? 'tool_error' : undefined);
      else if ('error' in message) end(message.id, message.error.code);
      return sent;
    };
  }

  const connect = mcpServer.connect.bind(mcpServer);
  mcpServer.connect = (transport) => {
    watch(transport);
    return connect(transport);
  };
  return ({ mcpReq: { id } }: ServerContext) => running.get(id)?.operation;
}

const LONGEST_ID = 64;

/** One that is longer is left out: it is the client's own. */
function idIn({ id }: JSONRPCRequest): string | undefined {
  const text = String(id);
  return text.length <= LONGEST_ID ? text : undefined;
}

function targetIn({ method, params }: JSONRPCRequest, known: Nameable): { tool?: string; prompt?: string } {
  const name = params?.name;
  if (typeof name !== 'string') return {};
  if (method === 'tools/call') return known.named(name) || name === confirmWrite.name ? { tool: name } : {};
  return method === 'prompts/get' && known.prompts.includes(name) ? { prompt: name } : {};
}

/** Where no connection has negotiated one. */
function versionIn(extra: MessageExtraInfo | undefined): string | undefined {
  const version = extra?.request?.headers.get('mcp-protocol-version') ?? '';
  return SUPPORTED_PROTOCOL_VERSIONS.includes(version) ? version : undefined;
}

function cancelledIn(params: object | undefined): RequestId | undefined {
  const { requestId }: { requestId?: unknown } = params ?? {};
  return typeof requestId === 'string' || typeof requestId === 'number' ? requestId : undefined;
}
