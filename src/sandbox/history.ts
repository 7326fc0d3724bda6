import { type Content, statements } from './content.ts';
import { before, DAY, latest, type Timeline } from './times.ts';

export interface Line {
  at: number;
  instance: number;
  message: string;
}

interface Shape {
  postgresVersion: string;
  instances: number;
  cores: number;
  ram: number;
}

interface Nodes {
  instances: number;
  primary: number;
}

export type History = ReturnType<typeof createHistory>;

export const LOGS_KEPT = 30 * DAY;

export function createHistory({ postgresVersion, instances }: Shape, startedAt: number) {
  const nodes: Timeline<Nodes> = [[startedAt, { instances, primary: 1 }]];
  let lines: Line[] = [];

  function write(at: number, instance: number, ...messages: string[]): void {
    lines = lines.filter((line) => line.at >= at - LOGS_KEPT);
    lines.push(...messages.map((message) => ({ at, instance, message: `LOG:  ${message}` })));
  }

  const start = (at: number, instance: number, version: string, ...done: string[]) =>
    write(at, instance, ...starting(version), ...done, READY);
  const all = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

  function restart(from: number, to: number, { instances, postgresVersion }: Shape): void {
    for (const instance of all(instances)) {
      write(from, instance, ...STOPPING);
      start(to, instance, postgresVersion);
    }
  }

  function switchOver(from: number, to: number, { instances, postgresVersion }: Shape): void {
    const { primary } = latest(nodes);
    const next = (primary % instances) + 1;
    write(from, primary, ...STOPPING);
    write(from, next, ...PROMOTED);
    start(to, primary, postgresVersion);
    nodes.push([from, { instances, primary: next }]);
  }

  function scale(from: number, to: number, old: Shape, { instances, postgresVersion }: Shape): void {
    const { primary } = latest(nodes);
    const isPrimaryGone = primary > instances;
    for (const instance of all(old.instances).slice(instances)) write(from, instance, ...STOPPING);
    if (isPrimaryGone) write(from, 1, ...PROMOTED);
    for (const instance of all(instances).slice(old.instances)) start(to, instance, postgresVersion);
    nodes.push([from, { instances, primary: isPrimaryGone ? 1 : primary }]);
  }

  for (const instance of all(instances)) start(startedAt, instance, postgresVersion);

  return {
    startedAt,

    nodesAt: (time: number) => before(nodes, time),

    lines: () => lines,

    altered(at: number, old: Content, fresh: Content): void {
      const { primary } = latest(nodes);
      write(at, primary, ...statements(old, fresh).map((statement) => `statement: ${statement}`));
    },

    reshaped(from: number, to: number, old: Shape, fresh: Shape): void {
      if (fresh.instances !== old.instances) scale(from, to, old, fresh);
      if (fresh.postgresVersion !== old.postgresVersion) restart(from, to, fresh);
      else if (fresh.cores !== old.cores || fresh.ram !== old.ram) {
        if (fresh.instances > 1) switchOver(from, to, fresh);
        else restart(from, to, fresh);
      }
    },

    restored(from: number, to: number, { postgresVersion }: Shape, target?: string): void {
      const { primary } = latest(nodes);
      write(from, primary, ...STOPPING);
      start(to, primary, postgresVersion, recovering(target), 'archive recovery complete');
    },

    removed(at: number): void {
      for (const instance of all(latest(nodes).instances)) write(at, instance, ...STOPPING);
    },
  };
}

const STOPPING = ['received fast shutdown request', 'shutting down', 'database system is shut down'];
const PROMOTED = ['received promote request', 'selected new timeline ID: 2', 'archive recovery complete'];
const READY = 'database system is ready to accept connections';

function starting(version: string): string[] {
  return [
    `starting PostgreSQL ${version} on x86_64-pc-linux-gnu, 64-bit`,
    'listening on IPv4 address "0.0.0.0", port 5432',
  ];
}

function recovering(target?: string): string {
  return target ? `starting point-in-time recovery to ${target}` : 'starting archive recovery';
}
