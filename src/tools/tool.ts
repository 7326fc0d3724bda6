import type * as z from 'zod';
import type { Access } from '../access.ts';
import type { ApiClient } from '../api/client.ts';
import type { ClusterReads } from '../api/generations/port.ts';
import type { Passwords } from './passwords.ts';
import type { Plan } from './plans/plan.ts';
import type { RecentWrites } from './recent-writes.ts';

/** What version 1 of the API alone can do. */
export type OnV1Alone = 'users' | 'databases' | 'logs' | 'changes';

/** MCP's hints for a client, all spelled out: an absent one has a default that is easily wrong. */
export interface Annotations {
  readOnlyHint: boolean;
  destructiveHint: boolean;
  idempotentHint: boolean;
  openWorldHint: boolean;
}

interface Kind {
  /** The least access under which the tool is registered at all. */
  access: Access;
  annotations: Annotations;
}

export const reads: Kind = {
  access: 'read',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
};
export const creates: Kind = {
  access: 'write',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
};
/** A change can destroy as well: it detaches a network, or upgrades for good. */
export const changes: Kind = {
  access: 'write',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
};
export const deletes: Kind = {
  access: 'full',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
};
/** It puts other data in the place of what is there. */
export const restores: Kind = {
  access: 'full',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
};

/** What a call has at hand. All of it ends with the call. */
export interface Context {
  /** v1, for all that the other generation has not. */
  api: ApiClient;
  clusters: ClusterReads;
  /** Aborts when the call is cancelled or its time is over. */
  signal: AbortSignal;
  /** Rejects when the call ends before. */
  pause(ms: number): Promise<void>;
  /** What the work gives, or undefined if that takes longer; rejects as the work does, and when the call ends before. */
  orUndefinedAfter<T>(ms: number, work: Promise<T>): Promise<T | undefined>;
  /** How many of these milliseconds the call may spend on waiting; more than it usually has only for a client that follows it. */
  waitBudget(ms: number): number;
  /** Tells a client that follows the call how far it is; nothing happens where none does. */
  progress(seconds: number, message: string): void;
  passwords: Passwords;
  recentWrites: RecentWrites;
  /** Resolves once the log has a line of the write that is about to be sent; rejects if it cannot have one. */
  beginWrite(): Promise<void>;
}

/** One thing that an assistant can do. It knows nothing of MCP, which is the business of the room mcp. */
export interface Tool<Input extends z.ZodObject = z.ZodObject, Output extends z.ZodObject = z.ZodObject> extends Kind {
  name: string;
  title: string;
  /** What it does, when to use it, and which tool comes before or after. */
  description: string;
  input: Input;
  output: Output;
  /** What a write needs of v1, if that is more than its changes. */
  needs?: OnV1Alone;
  /**
   * What a write would do, told from the live state, or the answer where nothing has to be done. Every tool that writes
   * has it, and nothing is sent before it; throws InputError and RefusedError where the live state forbids the write.
   */
  plan?(args: z.output<Input>, context: Context): Promise<Plan | { answer: z.input<Output> }>;
  /** Returns what `output` accepts, or throws. A write is given its plan, and may put advice for the model into `note`. */
  run(args: z.output<Input>, context: Context, plan?: Plan): Promise<z.input<Output>>;
  /** What comes after a write that is done and is no part of it, such as waiting for its end; cannot fail it. */
  follow?(args: z.output<Input>, answer: z.input<Output>, context: Context): Promise<z.input<Output>>;
}

export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  tool: Tool<Input, Output>,
): Tool<Input, Output> {
  return tool;
}
