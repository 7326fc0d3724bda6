/** The configuration cannot be used; all problems at once. */
export class ConfigError extends Error {
  override name = 'ConfigError';
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

/** Arguments that break a tool's rules: one sentence for each slip, and nothing was sent. */
export class InputError extends Error {
  override name = 'InputError';
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

interface ApiRefusal {
  method: Method;
  status: number;
  /** The API's own words; empty where the body had none. */
  messages: readonly string[];
  /** Seconds that the API asks to wait. */
  retryAfter?: number;
}

/** The API refused a request. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly method: Method;
  readonly status: number;
  readonly retryAfter: number | undefined;
  constructor({ method, status, messages, retryAfter }: ApiRefusal, options?: ErrorOptions) {
    super(messages.join('; '), options);
    this.method = method;
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** A request got no answer that can be used; `sent` says whether the API may have acted on it. */
export class NoAnswerError extends Error {
  override name = 'NoAnswerError';
  constructor(
    readonly method: Method,
    readonly reason: string,
    readonly sent: boolean,
    options?: ErrorOptions,
  ) {
    super(`${method}: ${reason}`, options);
  }
}

const HINTS: Record<number, string> = {
  400: 'Check the arguments against the words above.',
  401: 'The credentials were refused. The person who runs this server has to check IONOS_TOKEN, or IONOS_USERNAME and IONOS_PASSWORD (refused for accounts with 2-factor login), and restart it; another try does not help.',
  402: 'The contract is a trial, which has no database clusters. The person has to upgrade it with IONOS.',
  403: 'These credentials lack the right to do this. The person has to grant it in the IONOS user manager or use others; another try does not help.',
  404: 'Look the ID up with list_clusters. The ID may be wrong, or the cluster gone, or moved to version 2 of the API, which this server does not reach.',
  422: 'Nothing was changed. Correct what the words above name and call again.',
  503: 'The service is down or in maintenance. Wait a minute, then call again.',
};

/** What failed, the API's own words, and what to do next: for an AI model the text is all it has. */
export function explain(error: unknown): string {
  if (error instanceof ApiError) return explainRefusal(error);
  if (error instanceof NoAnswerError) return `${noAnswer(error)} ${afterwards(error)}`;
  if (error instanceof InputError) return `Nothing was sent. Correct this and call again:\n${error.message}`;
  return 'This server failed in a way it does not know; its log has the details. Another try may help.';
}

function explainRefusal(error: ApiError): string {
  const { status, method, message, retryAfter } = error;
  const said = message ? `: ${message}` : ', without a reason';
  return [`The API answered ${status}${said}`, hintFor(status, method, retryAfter)].filter(Boolean).join('\n');
}

function hintFor(status: number, method: Method, retryAfter: number | undefined): string {
  if (status === 429) {
    return `Too many requests. Wait ${retryAfter ? `${retryAfter} seconds` : 'a minute'}, then call again.`;
  }
  if (status >= 500 && method === 'POST') return MAY_EXIST;
  const wait = retryAfter ? ` It asks to wait ${retryAfter} seconds.` : '';
  if (status >= 500) return `${HINTS[status] ?? 'A fault in the service. Wait a minute, then call again.'}${wait}`;
  if (status >= 300 && status < 400) return 'Redirects are not followed. The person has to check IONOS_API_URL.';
  return HINTS[status] ?? '';
}

const MAY_EXIST =
  'What was ordered may exist all the same: look with list_clusters before ordering again, since a second order makes a second cluster.';

function noAnswer({ reason, sent, method }: NoAnswerError): string {
  if (!sent) return `The API could not be reached: ${reason}. Nothing was sent.`;
  return method === 'GET' ? `No usable answer came from the API: ${reason}.` : `The request was sent, but ${reason}.`;
}

function afterwards({ method, sent }: NoAnswerError): string {
  if (!sent) return 'If it happens again, the network, a proxy (HTTPS_PROXY) or IONOS_API_URL is at fault.';
  if (method === 'GET') return 'Nothing was changed; call again.';
  if (method === 'POST') return MAY_EXIST;
  return 'It may have taken effect: look with get_cluster. Sending the same again does no harm.';
}
