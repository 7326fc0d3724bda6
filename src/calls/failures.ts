import {
  AccessError,
  AlarmError,
  ApiError,
  InputError,
  isRedirect,
  isUndone,
  LimitError,
  LostWriteError,
  MAY_EXIST,
  type Method,
  NoAnswerError,
  NoSuchIdError,
  OrdersEndedError,
  RefusedError,
} from '../errors.ts';
import { sentences } from '../text/sentences.ts';
import { cut, visible, visibleLines } from '../text/visible.ts';

const HINTS: Record<number, string> = {
  400: 'Nothing was changed. Correct the arguments before calling again.',
  401: 'IONOS rejected the credentials; retrying will not help. The person has to check them: IONOS_TOKEN, IONOS_TOKEN_FILE, the profile in use, or user and password (which do not work for accounts with 2-factor login); over HTTP possibly X-IONOS-Token.',
  402: 'The contract is a trial, which does not include database clusters. The person has to upgrade it with IONOS.',
  403: 'These credentials lack the permission for this; retrying will not help. The person has to grant it in the IONOS user manager or use other credentials.',
  404: 'If the call named a cluster, check list_clusters; for a backup, user or database, check the tool that lists them. The ID or name may be wrong or too new to be listed, or the cluster may be deleted, or where this server does not look (--api, --regions). If the call named none, IONOS_API_URL may be wrong.',
  408: 'Call again.',
  422: 'Nothing was changed. If the cluster is BUSY, call wait_for_cluster; otherwise correct the arguments. Then call again.',
};

const REFUSED = 'The API rejected this request; retrying it unchanged will not help.';

const MAY_HAVE_CHANGED =
  'It may have taken effect: check with get_cluster, get_user or get_database. Retrying does no harm.';

const AFTER_WRITE: Record<Exclude<Method, 'GET'>, string> = {
  POST: MAY_EXIST,
  PUT: MAY_HAVE_CHANGED,
  PATCH: MAY_HAVE_CHANGED,
  DELETE: MAY_HAVE_CHANGED,
};

const MAX_SAID = 2_000;

interface Wording {
  /** Redacts secrets before truncation: part of a secret would not be recognized. */
  hide?(text: string): string;
  requestId?: string;
  /** What exists instead of what the API did not find. */
  found?: string;
}

export function explain(error: unknown, { hide = (text) => text, ...more }: Wording = {}): string {
  return visibleLines(wordsFor(error, hide, more));
}

function wordsFor(error: unknown, hide: (text: string) => string, { requestId, found }: Wording): string {
  if (error instanceof ApiError) return `${explainRefusal(error, hide)}\n${found ? hide(found) : hintFor(error)}`;
  if (error instanceof NoAnswerError) return hide(explainSilence(error));
  if (error instanceof LostWriteError) return explainLoss(error, hide);
  if (error instanceof OrdersEndedError) return hide(error.message);
  if (error instanceof RefusedError) return hide(`Nothing was sent. ${error.message}`);
  if (error instanceof LimitError) {
    return `Too many ${error.what} in the last minute. Nothing was sent. Wait ${error.retryAfter} seconds, then call again.`;
  }
  if (error instanceof AccessError) return error.message;
  if (error instanceof AlarmError) return hide(error.message);
  if (error instanceof InputError) return hide(`Nothing was sent. Correct this and call again:\n${error.message}`);
  const where = requestId ? ` under ${requestId}` : '';
  return `Unexpected server error; the server's log has the details${where}. Retrying may help.`;
}

function explainRefusal(error: ApiError, hide: (text: string) => string): string {
  // On one line, so that the API's text cannot pass for this server's.
  const said = cut(visible(hide(error.message)), MAX_SAID);
  if (error instanceof NoSuchIdError) return `Nothing was sent: ${said}.`;
  return `The API answered ${error.status}${said ? `: ${said}` : ', without a reason'}`;
}

function explainLoss({ lost, found }: LostWriteError, hide: (text: string) => string): string {
  const what =
    lost instanceof ApiError ? explainRefusal(lost, hide) : hide(`The request was sent, but ${lost.reason}.`);
  return `${what}\n${hide(found)}`;
}

function hintFor(error: ApiError): string {
  const { status, method, retryAfter } = error;
  const wait = `Wait ${retryAfter ? `${retryAfter} seconds` : 'a minute'}, then call again.`;
  if (status === 429) return `Too many requests. ${wait}`;
  if (isRedirect(status)) return 'Redirects are not followed. The person has to check IONOS_API_URL.';
  const cause = causeOf(status);
  if (method !== 'GET' && !isUndone(error)) return sentences(cause, AFTER_WRITE[method]);
  return status >= 500 ? `${cause} ${wait}` : (HINTS[status] ?? REFUSED);
}

function causeOf(status: number): string | undefined {
  if (status < 500) return undefined;
  return status === 503 ? 'The service is down or in maintenance.' : 'The service failed.';
}

function explainSilence({ method, reason, sent }: NoAnswerError): string {
  if (!sent) return `Nothing was sent: ${reason}.`;
  if (method === 'GET') return `The API gave no usable response: ${reason}. Nothing was changed; call again.`;
  return `The request was sent, but ${reason}. ${AFTER_WRITE[method]}`;
}

export function reasonOf(error: unknown, hide: (text: string) => string): string {
  if (error instanceof ApiError) return `${error.status} ${cut(hide(error.message), MAX_SAID)}`;
  if (error instanceof InputError) return `the arguments (problems: ${error.problems.length})`;
  if (error instanceof LostWriteError) return reasonOf(error.lost, hide);
  return error instanceof Error ? cut(hide(`${error.name}: ${error.message}`), MAX_SAID) : 'unknown';
}
