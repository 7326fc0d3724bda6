import { afterEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { createApiClient, type Fetch, path } from '../../../src/api/client.ts';
import { UnreachedError } from '../../../src/api/connection-errors.ts';
import { createRecorder } from '../../helpers/recorder.ts';

afterEach(() => void vi.useRealTimers());

const response = z.unknown();
const OWN = '00-4bf92f3577b34da6a3ce929d0e0e4736-cccccccccccccccc-01';
const CALLERS = { traceparent: OWN.replaceAll('c', 'b'), tracestate: 'of=caller' };

/** A client whose requests belong to an operation that is recorded; each gets the next answer. */
function recorded(
  answers: (Response | Error | Fetch)[],
  { headers = {}, apiUrl = 'https://api.example:8443/databases/postgresql' } = {},
) {
  const requests: Request[] = [];
  const fetch: Fetch = async (request, init) => {
    const answer = answers[requests.length];
    requests.push(request);
    if (answer instanceof Error) throw answer;
    if (typeof answer === 'function') return answer(request, init);
    if (!answer) throw new Error('no answer was given');
    return answer;
  };
  const { telemetry, operations } = createRecorder({ headers });
  const operation = telemetry.begin({ method: 'tools/call', transport: 'pipe' });
  const { signal } = new AbortController();
  const api = createApiClient({ apiUrl, authorization: 'Bearer planted', userAgent: 'test', fetch }).forCall({
    ...{ signal, deadline: Date.now() + 45_000, headers: CALLERS, operation },
  });
  return { api, requests, attempts: () => operations[0]?.attempts ?? [] };
}

test('a request to IONOS is recorded without what is in its path or query', async () => {
  const { api, attempts } = recorded([Response.json({}), Response.json({})]);

  await api.get(path`clusters/${'c1'}/users/${'planted'}`, { query: { 'filter.name': 'planted' }, response });
  await api.billing.get(path`${'31812345'}/products`, { response });

  const origin = 'https://api.example:8443';
  expect(attempts()).toEqual([
    {
      ...{ method: 'GET', origin, resends: 0, ended: { status: 200 } },
      template: '/databases/postgresql/clusters/{id}/users/{id}',
    },
    { method: 'GET', origin, resends: 0, ended: { status: 200 }, template: '/billing/{id}/products' },
  ]);
});

test('each try is recorded, and says how many there were before', async () => {
  const busy = () => Response.json({}, { status: 503, headers: { 'retry-after': '0' } });
  const { api, attempts } = recorded([busy(), Response.json({})]);

  await api.get('clusters', { response });

  expect(attempts().map(({ resends, ended }) => ({ resends, ended }))).toEqual([
    { resends: 0, ended: { status: 503 } },
    { resends: 1, ended: { status: 200 } },
  ]);
});

describe('the trace context of a request to IONOS', () => {
  test('is that of the request, not of the caller', async () => {
    const { api, requests } = recorded([Response.json({})], { headers: { traceparent: OWN, tracestate: 'of=ours' } });

    await api.get('clusters', { response });

    expect(Object.fromEntries(requests[0]?.headers ?? [])).toMatchObject({ traceparent: OWN, tracestate: 'of=ours' });
  });

  test('leaves out the state of the caller, which is not its own', async () => {
    const { api, requests } = recorded([Response.json({})], { headers: { traceparent: OWN } });

    await api.get('clusters', { response });

    expect(requests[0]?.headers.get('traceparent')).toBe(OWN);
    expect(requests[0]?.headers.has('tracestate')).toBe(false);
  });

  test('stays that of the caller where traces are not kept', async () => {
    const { api, requests } = recorded([Response.json({})]);

    await api.get('clusters', { response });

    expect(Object.fromEntries(requests[0]?.headers ?? [])).toMatchObject(CALLERS);
  });
});

describe('a request without an answer says of what kind the failure was', () => {
  test.each([
    ['by its code', new UnreachedError(Object.assign(new Error('planted'), { code: 'ECONNREFUSED' })), 'ECONNREFUSED'],
    ['by its name, without a code', new TypeError('planted'), 'TypeError'],
    ['never by a code from outside', Object.assign(new Error('planted'), { code: 'planted words' }), 'Error'],
  ])('%s', async (_, error, kind) => {
    const { api, attempts } = recorded([error]);

    await api.get('clusters', { response, once: true }).catch(() => {});

    expect(attempts()).toEqual([expect.objectContaining({ ended: { error: kind } })]);
  });

  test('as a timeout, once it takes too long', async () => {
    vi.useFakeTimers();
    const silent: Fetch = (_, { signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const { api, attempts } = recorded([silent]);

    const failed = api.get('clusters', { response, once: true }).catch(() => {});
    await vi.advanceTimersByTimeAsync(20_000);
    await failed;

    expect(attempts()).toEqual([expect.objectContaining({ ended: { error: 'timeout' } })]);
  });
});
