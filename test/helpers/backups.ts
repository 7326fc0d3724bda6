import { expect } from 'vitest';
import type { connect } from './connect.ts';
import { changeOutside } from './outside-change.ts';

export const ORDERS = 'b3d0a6c4-1c52-4f7e-9a61-2f8d7e5c9041';
export const ANALYTICS = '7c9e2d54-8b1f-4a63-b0d7-5e3f19a8c462';
/** The backups of these two clusters of the sandbox. */
export const BACKUP = `${ORDERS}-q7m2x9a-16`;
export const OF_ANALYTICS = `${ANALYTICS}-d4k8w1z-15`;

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const ago = (ms: number) => new Date(Date.now() - ms).toISOString();

interface Row {
  id: string;
  clusterId: string;
  isActive: boolean;
  earliestRecoveryTargetTime?: string;
}

/** The backups that a tool lists. */
export const backupsIn = ({ structuredContent }: { structuredContent?: unknown }): Row[] =>
  Object(structuredContent).backups;

/** The two backups of the cluster ORDERS once it has been upgraded. */
export async function upgraded({ call, sandbox, pass }: Awaited<ReturnType<typeof connect>>) {
  await changeOutside(sandbox, ORDERS, { postgresVersion: '17' });
  pass(60_000);
  const rows = backupsIn(await call('list_cluster_backups', { clusterId: ORDERS }));
  const [present = '', old = ''] = [true, false].map((wanted) => rows.find(({ isActive }) => isActive === wanted)?.id);
  expect(rows.map(({ id }) => id).sort()).toEqual([old, present].sort());
  return { present, old };
}
