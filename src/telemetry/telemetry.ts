import type { TraceContext } from './trace-context.ts';

/** Records what happens, for OpenTelemetry. Passed on explicitly: AsyncLocalStorage slows every promise on Node 20. */
export interface Telemetry {
  begin(request: ReceivedRequest): Operation;
}

export interface ReceivedRequest {
  /** `_OTHER` for one that no server knows. */
  method: string;
  id?: string;
  /** Of those that exist. A name that a client made up could be anything. */
  tool?: string;
  prompt?: string;
  transport: 'pipe' | 'tcp';
  parent?: TraceContext;
  /** Of the HTTP request, where the message has a context of its own. */
  carrier?: TraceContext;
}

/** A request of a client while it is worked on. */
export interface Operation {
  /** Undefined where no traces are kept. */
  traceId: string | undefined;
  /** With the names of its variables: their values are arguments. */
  reads(resourceUri: string): void;
  attempt(request: SentRequest): Attempt;
  end(ending: Ended): void;
}

export interface Ended {
  protocolVersion?: string;
  /** The kind of failure: of a result, of a JSON-RPC error by its code, or that there was no answer. */
  error?: 'tool_error' | 'cancelled' | number;
}

export interface SentRequest {
  method: string;
  /** Of the server alone. */
  origin: string;
  /** The path, each value in it by this name. */
  template: string;
  /** How often the request was sent before. */
  resends: number;
}

/** A request to IONOS, or one more try of it. */
export interface Attempt {
  /** Which of the two it has replaces what is on the request. */
  headers: { traceparent?: string; tracestate?: string };
  end(ending: { status?: number; error?: string }): void;
}
