import type { Tool } from '../tools/tool.ts';

export interface Subject {
  tool?: string;
  resource?: string;
  prompt?: string;
  target?: string;
  clusterName?: string;
  audit?: boolean;
  /** How a person agreed to a write. */
  agreed?: string;
  profile?: string;
  contract?: string;
  /** Under which the call is found in a tracing system. */
  traceId?: string;
}

export const nameOf = ({ tool, resource, prompt }: Subject) => tool ?? resource ?? prompt ?? '';

export function subjectOf({ name, access }: Pick<Tool, 'name' | 'access'>, raw: unknown): Subject {
  return { tool: name, target: targetOf(raw), ...(access !== 'read' && { audit: true }) };
}

/** `<clusterId>/<name>` for something in a cluster; the name for a new cluster. */
export function targetOf(raw: unknown): string | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined;
  const { clusterId, username, name, backupId, displayName }: { [each in TargetArgument]?: unknown } = raw;
  const inside = username ?? name ?? (clusterId && backupId);
  const target = clusterId ?? backupId ?? displayName;
  if (typeof target !== 'string') return undefined;
  return clusterId !== undefined && typeof inside === 'string' ? `${target}/${inside}` : target;
}

type TargetArgument = 'clusterId' | 'username' | 'name' | 'backupId' | 'displayName';
