import type { Routes } from './routes.ts';

/** IONOS reports an internal host without a scheme, which its command line expects and cuts off. */
const VERSION = { name: 'v1.0', swaggerUrl: 'appserver:8181/postgresql/v1/swagger.json' };

export const infoRoutes: Routes = {
  '/infos/version': {
    GET: (c) => c.json(VERSION),
  },
  '/infos/versions': {
    GET: (c) => c.json([VERSION]),
  },
};
