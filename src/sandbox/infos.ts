import type { Routes } from './routes.ts';

/** An internal host, as observed in the live API. */
const VERSION = { name: 'v1.0', swaggerUrl: 'http://appserver:8181/v1/swagger.json' };

export const infoRoutes: Routes = {
  '/infos/version': {
    GET: (c) => c.json(VERSION),
  },
  '/infos/versions': {
    GET: (c) => c.json([VERSION]),
  },
};
