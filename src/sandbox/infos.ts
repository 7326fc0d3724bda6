import type { Routes } from './routes.ts';

/** The host is an internal one, without a scheme, as IONOS's command line expects and cuts off: nobody outside can reach it. */
const VERSION = { name: 'v1.0', swaggerUrl: 'appserver:8181/postgresql/v1/swagger.json' };

export const infoRoutes: Routes = {
  '/infos/version': {
    GET: (c) => c.json(VERSION),
  },
  '/infos/versions': {
    GET: (c) => c.json([VERSION]),
  },
};
