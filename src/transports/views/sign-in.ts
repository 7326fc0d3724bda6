import { readRequestBody } from '@modelcontextprotocol/server';
import type { Context, Hono } from 'hono';
import { type CodeFlow, CodeRefusedError } from '../../auth/issuer/code-flow.ts';
import { AuthorizationServerDownError } from '../../auth/refusals.ts';
import { isFields } from '../../text/json.ts';
import { addressOf, type Env, onlyMethods, onlyPlainJson, refuse, tooLarge } from '../guards.ts';
import type { RefusalLog } from '../refusals.ts';

export interface PageSignInRoutes {
  /** Undefined if the page takes pasted tokens alone. */
  codeFlow?: CodeFlow;
  /** Counts an attempt to sign in; a response once there were too many. */
  tooManyAttempts(c: Context<Env>): Promise<Response | undefined>;
  refused: RefusalLog;
  trustProxy: number;
}

/** Bytes; some authorization servers put a whole JWT into a code. */
const MAX_CODE_BODY = 16 * 1024;
const MAX_EXCHANGES = 20;
const REFUSED = 'The authorization server refused a sign-in of the page';

/**
 * The page names the code and its verifier here instead of at the token endpoint: it then requests nothing from another
 * origin, and the authorization server needs no CORS.
 */
export function servePageSignIn(app: Hono<Env>, { codeFlow, tooManyAttempts, refused, trustProxy }: PageSignInRoutes) {
  let exchanges = 0;

  function answerTo(error: unknown, c: Context<Env>): Response {
    if (error instanceof CodeRefusedError) {
      c.set('refusal', { status: 400, reason: REFUSED, value: error.code, flag: '--page-client-id' });
      return c.json({ error: 'access_denied', error_description: `${error.message}. Sign in again.` }, 400);
    }
    if (!(error instanceof AuthorizationServerDownError)) throw error;
    const { name, message, code, status, retryAfter } = error;
    refused({ reason: `${name}: ${message}`, status, address: addressOf(c, trustProxy) });
    c.header('Retry-After', String(retryAfter));
    return c.json({ error: code, error_description: `${message}. Try again later.` }, status);
  }

  app.use('/page/sign-in', onlyMethods('GET'));
  app.get('/page/sign-in', async (c) => {
    try {
      return c.json(codeFlow ? await codeFlow.offer() : {});
    } catch (error) {
      return answerTo(error, c);
    }
  });
  if (!codeFlow) return;

  async function exchange(c: Context<Env>, flow: CodeFlow): Promise<Response> {
    const body = await readRequestBody(c.req.raw, MAX_CODE_BODY);
    if (body.tooLarge) return tooLarge(c, MAX_CODE_BODY);
    const { code, verifier } = fieldsIn(body.text);
    if (typeof code !== 'string' || code === '' || typeof verifier !== 'string' || !VERIFIER.test(verifier)) {
      return refuse(c, 400, 'The body must be {"code": …, "verifier": …}, from a sign-in of the page');
    }
    const refusal = await tooManyAttempts(c);
    if (refusal) return refusal;
    if (exchanges >= MAX_EXCHANGES) return refuse(c, 503, 'Too many sign-ins at once', { retryAfter: 1 });
    exchanges += 1;
    try {
      return c.json({ token: await flow.exchange(code, verifier) });
    } catch (error) {
      return answerTo(error, c);
    } finally {
      exchanges -= 1;
    }
  }

  app.use('/page/token', onlyMethods('POST'), onlyPlainJson);
  app.post('/page/token', (c) => exchange(c, codeFlow));
}

/** RFC 7636. */
const VERIFIER = /^[\w.~-]{43,128}$/;

function fieldsIn(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    return isFields(value) ? value : {};
  } catch {
    return {};
  }
}
