import type { Ended, ReceivedRequest, SentRequest, Telemetry } from '../../src/telemetry/telemetry.ts';

export interface Recorded extends ReceivedRequest {
  ended?: Ended;
  resourceUri?: string;
  attempts: (SentRequest & { ended?: { status?: number; error?: string } })[];
}

/** Stands in for OpenTelemetry, and keeps what it is told. */
export function createRecorder({ headers = {} }: { headers?: { traceparent?: string; tracestate?: string } } = {}) {
  const operations: Recorded[] = [];
  const telemetry: Telemetry = {
    begin(request) {
      const recorded: Recorded = { ...request, attempts: [] };
      operations.push(recorded);
      return {
        traceId: 'the-trace',
        reads(uri) {
          recorded.resourceUri = uri;
        },
        attempt(sent) {
          const attempt: Recorded['attempts'][number] = { ...sent };
          recorded.attempts.push(attempt);
          return {
            headers,
            end(ended) {
              attempt.ended = ended;
            },
          };
        },
        end(ended) {
          if (recorded.ended) throw new Error(`${request.method} ended twice`);
          recorded.ended = ended;
        },
      };
    },
  };
  return {
    telemetry,
    operations,
    of: (method: string) => operations.filter((operation) => operation.method === method),
  };
}
