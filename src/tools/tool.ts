import type * as z from 'zod';
import type { Access } from '../access.ts';
import type { ApiClient } from '../api/client.ts';
import type { AccountFacts } from '../api/credentials.ts';
import type { EveryCluster, Seen } from '../api/generations/port.ts';
import type { ClusterPort } from '../api/generations/writing/port.ts';
import type { CallPrices } from '../prices/index.ts';
import type { AddressBook } from './places/address-book.ts';
import type { Plan } from './plans/plan.ts';
import type { AnyCluster } from './schemas/cluster.ts';
import type { Passwords } from './writing/passwords.ts';
import type { RecentWrites } from './writing/recent-writes.ts';

/** What version 1 of the API alone can do. */
export type OnV1Alone = 'users' | 'databases' | 'logs';

/** MCP's hints, all explicit: the defaults of omitted ones are easily wrong. */
export interface Annotations {
  readOnlyHint: boolean;
  destructiveHint: boolean;
  idempotentHint: boolean;
  openWorldHint: boolean;
}

interface Kind<Of extends Access> {
  access: Of;
  annotations: Annotations;
}

type Writing = Exclude<Access, 'read'>;

export const reads: Kind<'read'> = {
  access: 'read',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
};
export const creates: Kind<Writing> = {
  access: 'write',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
};
/** A change can destroy as well: it can detach the network or upgrade for good. */
export const changes: Kind<Writing> = {
  access: 'write',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
};
export const deletes: Kind<Writing> = {
  access: 'full',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
};
export const restores: Kind<Writing> = {
  access: 'full',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
};

/** The part of the operator's policy that callers see. */
export interface PolicyFacts {
  owner?: string;
  perCluster: Readonly<Record<string, number | string>>;
  inTotal: Readonly<Record<string, number | string>>;
  currency?: string;
  locations?: readonly string[];
  versions?: readonly string[];
  /** Whether some clusters may not be changed, deleted or copied; which, a refusal says. */
  protectsNames: boolean;
}

/** How this server is set up for whoever calls. */
export interface ServerFacts {
  account: AccountFacts;
  sandbox: boolean;
  /** Of the caller. */
  access: Access;
  toolsets: readonly string[];
  /** Which writes a person has to agree to. */
  confirm: string;
  confirmAbove?: string;
  requireHuman: boolean | 'app';
  /** As the file is now; undefined without one. */
  policy?(): PolicyFacts | 'unreadable';
}

export interface Context {
  server: ServerFacts;
  /** v1, for all that the other generation has not. */
  api: ApiClient;
  clusters: ClusterPort;
  everyCluster: EveryCluster;
  /** The list that one plan has for all who look through the clusters. */
  listed?(): Promise<Seen<AnyCluster>>;
  signal: AbortSignal;
  pause(ms: number): Promise<void>;
  /** Undefined if the work takes longer. Rejects if the work fails or the call ends first. */
  orUndefinedAfter<T>(ms: number, work: Promise<T>): Promise<T | undefined>;
  /** How much of `ms` the call may wait; more than usual only if the client follows progress. */
  waitBudget(ms: number): number;
  progress(seconds: number, message: string): void;
  passwords: Passwords;
  recentWrites: RecentWrites;
  addresses: AddressBook;
  prices: CallPrices;
  /** From then on the API is asked to change something only while this is true. */
  writeOnlyWhile(isAllowed: () => boolean): void;
  /** Resolves once the log has a line for the write that follows; rejects if it cannot be written. */
  beginWrite(): Promise<void>;
}

type Schema = z.ZodObject;

/** Knows nothing of MCP, which only the room mcp does. */
export type Tool = ReadTool | WriteTool;

interface ToolBase<Input extends Schema, Output extends Schema> {
  name: string;
  /**
   * Three to six words that a person would say and the name lacks, for clients that search for a tool before they load
   * it. Null for one that they always load.
   */
  searchHint: string | null;
  title: string;
  /** Facts only: `npm run lint:tools` holds the bar. */
  description: string;
  input: Input;
  output: Output;
  /** A list that makes sense of several profiles at once. */
  spansProfiles?: true;
  /** Clients that render views show its results in one. */
  hasView?: true;
  /** What it needs that v1 alone has. */
  needs?: OnV1Alone;
}

export interface ReadTool<Input extends Schema = Schema, Output extends Schema = Schema>
  extends ToolBase<Input, Output>,
    Kind<'read'> {
  run(args: z.output<Input>, context: Context): Promise<z.input<Output>>;
}

export interface WriteTool<Input extends Schema = Schema, Output extends Schema = Schema>
  extends ToolBase<Input, Output>,
    Kind<Writing> {
  /**
   * Made from the live state before anything is sent; an answer if there is nothing to do. Throws InputError and
   * RefusedError if the live state forbids the write.
   */
  plan(args: z.output<Input>, context: Context): Promise<Plan | { answer: z.input<Output> }>;
  /** Can add advice for the model in `note`. */
  run(args: z.output<Input>, context: Context, plan: Plan): Promise<z.input<Output>>;
  /** Runs after the write without being part of it, such as waiting for its end; cannot fail it. */
  follow?(args: z.output<Input>, answer: z.input<Output>, context: Context): Promise<z.input<Output>>;
}
