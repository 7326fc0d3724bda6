import type { Routes } from './routes.ts';

/** What is beside PostgreSQL for all managed databases. */
export const DATABASES_PATH = '/databases';
export const QUOTA_PATH = '/quota';

/** Of all instances of a cluster; ram and storageSize in MB. */
interface Taken {
  cores: number;
  ram: number;
  storageSize: number;
}

const MB_IN_GB = 1024;

export interface ExampleQuota extends Taken {
  clusters: number;
}

/** In Kubernetes' notation, as IONOS has it. */
const binary = (mb: number) => (mb % MB_IN_GB === 0 ? `${mb / MB_IN_GB}Gi` : `${mb}Mi`);

const shown = ({ cores, ram, storageSize, clusters }: ExampleQuota) => ({
  cpu: String(cores),
  memory: binary(ram),
  storage: binary(storageSize),
  'count/postgresclusters.dbaas.ionos.com': String(clusters),
  'count/mongoclusters.dbaas.ionos.com': '0',
});

/** Shows how much the clusters take, and refuses nothing. */
export function quotaRoutes(limits: ExampleQuota, clusters: () => readonly Taken[]): Routes {
  return {
    [QUOTA_PATH]: {
      GET: (c) => {
        const all = clusters();
        const sum = (what: keyof Taken) => all.reduce((total, each) => total + each[what], 0);
        const used = { cores: sum('cores'), ram: sum('ram'), storageSize: sum('storageSize'), clusters: all.length };
        return c.json({ quotaLimits: shown(limits), quotaUsage: shown(used) });
      },
    },
  };
}

interface Instances {
  count: number;
  cores: number;
  ram: number;
  storageSize: number;
}

export const takenBy = ({ count, cores, ram, storageSize }: Instances): Taken => ({
  cores: count * cores,
  ram: count * ram,
  storageSize: count * storageSize,
});

/** Of version 2, where ram and storage are in GB. */
export const takenOnV2 = ({ ram, storageSize, ...rest }: Instances): Taken =>
  takenBy({ ...rest, ram: ram * MB_IN_GB, storageSize: storageSize * MB_IN_GB });
