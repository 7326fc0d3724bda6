import { type Context, Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { Contract } from './contracts.ts';
import { errorResponse, messagesFor, refuse } from './errors.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
type Handler = (c: Context) => Response | Promise<Response>;

/** What a handler finds in `c.env`. */
export interface SandboxCaller {
  contract: Contract;
  /** Whether the request came from another machine. */
  isRemote: boolean;
}

export type Routes = Record<string, Partial<Record<Method, Handler>>>;

export const contractOf = ({ env }: Context): Contract => env.contract;

export function clusterId(c: Context): string {
  return c.req.param('clusterId') ?? '';
}

export function createApp(basePath: string, routes: Routes): Hono {
  const app = new Hono();
  for (const [path, handlers] of literalsFirst(routes)) {
    for (const [method, handler] of Object.entries(handlers)) app.on(method, basePath + path, handler);
    app.all(basePath + path, () => methodNotAllowed(Object.keys(handlers)));
  }
  app.notFound((c) => refuse(404, `there is no ${c.req.path}`));
  app.onError((error) => {
    if (error instanceof HTTPException) return error.getResponse();
    throw error;
  });
  return app;
}

/** `/clusters/postgresversions` precedes `/clusters/:clusterId`: a colon sorts before any letter. */
function literalsFirst(routes: Routes) {
  return Object.entries(routes).sort(([a], [b]) => (a < b ? 1 : -1));
}

function methodNotAllowed(allowed: string[]): Response {
  return errorResponse(405, messagesFor(405), { allow: allowed.join(', ') });
}
