import { listPostgresVersions } from '../tools/versions/versions.ts';
import type { Resource } from './resource.ts';

export const versions: Resource = {
  name: 'versions',
  uri: 'ionos-postgresql://versions',
  title: 'PostgreSQL versions',
  description: 'The PostgreSQL versions a new cluster can have',
  mimeType: 'application/json',
  ttlMs: 3_600_000,
  read: (_, context) => listPostgresVersions.run({}, context),
};
