import { clusterId, type Routes } from './routes.ts';

export const OFFERED_VERSIONS = ['14', '15', '16', '17'] as const;

export function newerVersions(present: string): string[] {
  return OFFERED_VERSIONS.filter((version) => Number(version) > Number(present));
}

export function versionRoutes(presentVersion: (clusterId: string) => string): Routes {
  return {
    '/versions': {
      GET: (c) => c.json(versionList(OFFERED_VERSIONS)),
    },
    '/clusters/postgresversions': {
      GET: (c) => c.json(versionList(OFFERED_VERSIONS)),
    },
    '/clusters/:clusterId/versions': {
      GET: (c) => c.json(versionList(newerVersions(presentVersion(clusterId(c))))),
    },
    '/clusters/:clusterId/postgresversions': {
      GET: (c) => {
        const present = presentVersion(clusterId(c));
        return c.json(versionList([present, ...newerVersions(present)]));
      },
    },
  };
}

function versionList(versions: readonly string[]) {
  return { data: versions.map((name) => ({ name })) };
}
