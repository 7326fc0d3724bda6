import type { Context } from 'hono';
import * as z from 'zod';
import type { Clusters } from './clusters.ts';
import { type History, type Line, LOGS_KEPT } from './history.ts';
import { pick, word } from './ids.ts';
import { wholeNumber } from './pages.ts';
import { clusterId, type Routes } from './routes.ts';
import { DAY } from './times.ts';
import { check } from './validation.ts';

const moment = z.iso.datetime({ offset: true, abort: true }).transform((text) => Date.parse(text));

const rules = (now: number) =>
  z
    .object({
      start: moment.refine((time) => time >= now - LOGS_KEPT, 'must be at most 30 days ago').default(now - LOGS_KEPT),
      end: moment.refine((time) => time <= now, 'must not be in the future').default(now),
      direction: z.enum(['BACKWARD', 'FORWARD']).default('BACKWARD'),
      limit: wholeNumber(1, 5000).default(100),
    })
    .refine(({ start, end }) => start < end, { path: ['start'], error: 'must be before end' });

export function logRoutes(clusters: Clusters, now: () => number): Routes {
  return {
    '/clusters/:clusterId/logs': {
      GET: (c) => {
        const { id } = clusters.read(clusterId(c));
        const { start, end, direction, limit } = asked(c, now());
        const history = clusters.history(id);
        const lines = [...history.lines(), ...routine(id, history, start, end)]
          .filter(({ at }) => at >= start && at <= end)
          .sort((a, b) => a.at - b.at);
        const found = (direction === 'BACKWARD' ? lines.reverse() : lines).slice(0, limit);
        return c.json({ instances: byInstance(id, found) });
      },
    },
  };
}

function asked(c: Context, now: number) {
  return check(rules(now), c.req.query());
}

function byInstance(id: string, lines: Line[]) {
  const numbers = [...new Set(lines.map(({ instance }) => instance))].sort();
  return numbers.map((number) => ({
    name: `ionos-${id}-${word(id)}-${number}`,
    messages: lines
      .filter(({ instance }) => instance === number)
      .map(({ at, message }) => ({ time: new Date(at).toISOString(), message })),
  }));
}

const CHECKPOINTS = DAY / 4;

/** Derived from the ID and time, so that each request returns the same lines. */
function routine(id: string, history: History, start: number, end: number): Line[] {
  const lines: Line[] = [];
  for (let time = Math.floor(start / CHECKPOINTS) * CHECKPOINTS; time <= end; time += CHECKPOINTS) {
    const { instances, primary } = history.nodesAt(time);
    for (let instance = 1; instance <= instances; instance++) {
      const seed = `${id} ${instance} ${time}`;
      const message = checkpoint(instance === primary ? 'checkpoint' : 'restartpoint', pick(seed, 4000) + 1);
      lines.push({ at: time + pick(`${seed} at`, 600_000), instance, message });
    }
  }
  return lines.filter(({ at }) => at >= history.startedAt);
}

function checkpoint(kind: string, buffers: number): string {
  const seconds = (buffers / 10).toFixed(3);
  return `LOG:  ${kind} complete: wrote ${buffers} buffers (${(buffers / 163.84).toFixed(1)}%); write=${seconds} s`;
}
