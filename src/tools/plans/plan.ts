import * as z from 'zod';
import type { Cost } from '../../prices/estimate.ts';
import type { PricedAt } from '../../prices/table.ts';
import { abridged } from '../schemas/abridged.ts';
import type { Cluster } from '../schemas/cluster.ts';
import { type Facts, type NamedCluster, namedCluster, type Size } from './facts.ts';

/** What the operator's policy judges. */
export interface Demand {
  /** `erase` destroys data of a cluster that stays. */
  verb: 'create' | 'change' | 'erase' | 'delete';
  cluster?: NamedCluster;
  /** As read for the plan; it must be unchanged when the request is sent. */
  seen?: Cluster;
  /** The cluster whose content is copied; without an ID if the API does not report it. */
  source?: { id?: string };
  displayName?: string;
  location?: string;
  postgresVersion?: string;
  sizes?: { present?: Partial<Size>; wanted: Partial<Size> } & PricedAt;
}

/** For writes that do not change the size. */
export function demandOn(cluster: Cluster, verb: 'change' | 'erase' | 'delete'): Demand {
  return { verb, cluster: namedCluster(cluster), seen: cluster };
}

export interface Change {
  property: string;
  /** Undefined if new, or not reported by the API. */
  from?: unknown;
  to: unknown;
}

export interface PlanWords {
  summary: string;
  changes?: readonly Change[];
  effects: readonly string[];
}

/** That more is paid from then on. */
export interface CostRise {
  /** Undefined if it is not known by how much. */
  by?: Cost;
}

/** Made from the live state before anything is sent. */
export interface Plan extends PlanWords {
  facts: Facts;
  /** Loses data, the network or the way back, so that a person has to agree. */
  destructive: boolean;
  /** Undefined if what is paid does not rise. */
  rise?: CostRise;
  typed?: string;
  /** What consent rests on, in addition to the arguments: once it changes, consent is void. */
  basis: unknown;
  demand: Demand;
  /** Arguments that the call left open, as the plan settled them; the write and the agreement are for these. */
  arguments?: Readonly<Record<string, unknown>>;
  /** Within ten minutes, writes with the same key count as one. */
  once?: string;
  namesakes?: readonly string[];
}

const shownPlan = z.object({
  summary: z.string(),
  changes: z.array(z.object({ property: z.string(), from: z.unknown().optional(), to: z.unknown() })).optional(),
  effects: z.array(z.string()),
  arguments: z.record(z.string(), z.unknown()).optional(),
});

export function written<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.object({
    outcome: z.enum(['started', 'done', 'preview', 'needs_confirmation', 'declined', 'duplicate']),
    ...shape,
    plan: abridged(shownPlan).optional(),
    confirmationToken: z.string().optional(),
    note: z.string().optional(),
  });
}

export const confirmationArguments = {
  dryRun: z.boolean().optional().describe('true only returns the plan'),
  confirmationToken: z.string().optional().describe('From needs_confirmation, once the person agreed'),
};

export const typedConfirmationArguments = {
  ...confirmationArguments,
  confirmationName: z.string().optional().describe("With confirmationToken: the target's name, typed by the person"),
};

type ControlArgument = keyof typeof typedConfirmationArguments | 'wait';

/** Consent depends on these arguments, not on how the call is made. */
export function withoutControls<Args extends object>(args: Args): Omit<Args, ControlArgument> {
  const {
    dryRun: _,
    confirmationToken: __,
    confirmationName: ___,
    wait: ____,
    ...what
  }: Args & { [name in ControlArgument]?: unknown } = args;
  return what;
}
