import type { Context, Hono } from 'hono';
import type { Env } from '../guards.ts';
import { type PageSignInRoutes, servePageSignIn } from './sign-in.ts';

/** The pages that a browser gets, built whole: nothing of a caller or of IONOS is in them. */
export interface Pages {
  page(): Promise<string>;
  view(): Promise<string>;
}

/** In addition to what each page says itself, which names its script and style by their hashes. */
const POLICIES = {
  page: "frame-ancestors 'none'",
  // Even opened directly, it has no origin.
  view: "sandbox allow-scripts; frame-ancestors 'self'",
} as const;

export function servePages(app: Hono<Env>, pages: Pages, signIn: PageSignInRoutes): void {
  const serve = (name: keyof Pages) => async (c: Context<Env>) => {
    c.env.outgoing.setHeader('Content-Security-Policy', POLICIES[name]);
    return c.html(await pages[name]());
  };
  app.get('/', serve('page'));
  app.get('/view', serve('view'));
  servePageSignIn(app, signIn);
}
