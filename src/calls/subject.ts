import type { Tool } from '../tools/tool.ts';

/** What is known of a call, besides how it went. */
export interface Subject {
  tool?: string;
  resource?: string;
  prompt?: string;
  target?: string;
  /** Whether it writes, so that its line is kept whatever the level of the log. */
  audit?: boolean;
}

export const nameOf = ({ tool, resource, prompt }: Subject) => tool ?? resource ?? prompt ?? '';

/** What the log says of a call of a tool, whatever its arguments are. */
export function subjectOf({ name, access }: Tool, raw: unknown): Subject {
  return { tool: name, target: targetOf(raw), ...(access !== 'read' && { audit: true }) };
}

/** The ID, with the name of what is meant in it; of a new cluster its name. */
export function targetOf(raw: unknown): string | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined;
  const { clusterId, username, name, backupId, displayName }: { [each in TargetArgument]?: unknown } = raw;
  const inside = username ?? name ?? (clusterId && backupId);
  const target = clusterId ?? backupId ?? displayName;
  if (typeof target !== 'string') return undefined;
  return clusterId !== undefined && typeof inside === 'string' ? `${target}/${inside}` : target;
}

type TargetArgument = 'clusterId' | 'username' | 'name' | 'backupId' | 'displayName';
