import * as z from 'zod';
import { abridged } from '../schemas/abridged.ts';
import { type Existing, type Facts, type NamedCluster, namedCluster, type Size } from './facts.ts';

/** What a write asks for, as the operator's policy judges it. */
export interface Demand {
  /** To erase is to destroy data of a cluster that itself stays. */
  verb: 'create' | 'change' | 'erase' | 'delete';
  /** The existing cluster that it concerns. */
  cluster?: NamedCluster;
  /** The same as it was read, which has to be so still when the request is sent. */
  seen?: unknown;
  /** Another cluster whose content it would get; without an ID where the API does not tell which. */
  source?: { id?: string };
  /** The name that a cluster gets. */
  displayName?: string;
  location?: string;
  postgresVersion?: string;
  /** What the cluster has now, as far as the API tells, and what is asked for. */
  sizes?: { present?: Partial<Size>; wanted: Partial<Size> };
}

/** What a write demands that has to do with what is in a cluster, and not with its size. */
export function demandOn(cluster: Existing, verb: 'change' | 'erase' | 'delete'): Demand {
  return { verb, cluster: namedCluster(cluster), seen: cluster };
}

export interface Change {
  property: string;
  /** Undefined where the API tells no value, and of what is new. */
  from?: unknown;
  to: unknown;
}

/** What a plan says, made from its facts. */
export interface PlanWords {
  /** In one sentence, for a person who has to judge it. */
  summary: string;
  changes?: readonly Change[];
  /** What it means for the service, its data and its costs. */
  effects: readonly string[];
}

/** What a write would do, told from the live state before anything is sent. */
export interface Plan extends PlanWords {
  facts: Facts;
  /** Whether it takes data, the network or the way back, so that a person has to agree. */
  destructive: boolean;
  /** What a person has to type in order to agree; without it yes or no is enough. */
  typed?: string;
  /** What an agreement rests on besides the arguments: once this is another, it is void. */
  basis: unknown;
  demand: Demand;
  /** Sent twice within two minutes, writes with the same key are taken for one and the same. */
  once?: string;
  /** The IDs of what was there before and could be mistaken for what is ordered. */
  namesakes?: readonly string[];
}

const shownPlan = z.object({
  summary: z.string(),
  changes: z.array(z.object({ property: z.string(), from: z.unknown().optional(), to: z.unknown() })).optional(),
  effects: z.array(z.string()),
});

/** The answer of every tool that writes: how it ended, and beside that what the tool itself has to tell. */
export function written<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.object({
    outcome: z.enum(['started', 'done', 'preview', 'needs_confirmation', 'declined', 'duplicate']),
    ...shape,
    plan: abridged(shownPlan).optional(),
    confirmationToken: z.string().optional(),
    note: z.string().optional(),
  });
}

/** Arguments of every tool that writes, which say how it is to be done and not what. */
export const confirmationArguments = {
  dryRun: z.boolean().optional().describe('true only returns the plan'),
  confirmationToken: z.string().optional().describe('From needs_confirmation, after the person agreed'),
};

/** The same where agreeing takes the name of what is destroyed. */
export const typedConfirmationArguments = {
  ...confirmationArguments,
  confirmationName: z.string().optional().describe('With confirmationToken: the name, as the person typed it'),
};

type ControlArgument = keyof typeof typedConfirmationArguments | 'wait';

/** The arguments that say what is to be done. An agreement depends on these, and not on how the call is made. */
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
