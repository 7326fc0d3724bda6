import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { Logger } from 'pino';
import type { Access } from '../access.ts';
import type { Apis } from '../api/generations/index.ts';
import { createCallAdmission } from '../calls/admission.ts';
import { type CallsOptions, createCalls, type Performed } from '../calls/index.ts';
import type { Limit } from '../calls/rate-limit.ts';
import type { CallSource, Profile } from '../calls/source.ts';
import type { Subject } from '../calls/subject.ts';
import { BatchError } from '../errors.ts';
import { createPrices } from '../prices/index.ts';
import type { PriceFile } from '../prices/price-file.ts';
import { prompts } from '../prompts/index.ts';
import { promptText } from '../prompts/skill.ts';
import { resources } from '../resources/index.ts';
import { within } from '../signals.ts';
import type { State } from '../state/state.ts';
import type { Complete } from '../tools/completions.ts';
import { wordsForMissing } from '../tools/finding/missing.ts';
import { tools } from '../tools/index.ts';
import { createAddressBooks } from '../tools/places/address-book.ts';
import type { Context } from '../tools/tool.ts';
import type { Toolset } from '../tools/toolsets.ts';
import { createPasswords, type PasswordOptions } from '../tools/writing/passwords.ts';
import { createRecentWrites } from '../tools/writing/recent-writes.ts';
import { createWrites, type WriteOptions } from '../writes/index.ts';
import { policyFacts } from '../writes/policy-file.ts';
import { acrossProfiles } from './profiles/across.ts';
import { createContracts } from './profiles/contracts.ts';
import { firstOf, inEach } from './profiles/sources.ts';
import { createToolCalls } from './tool-calls.ts';

export interface HandlersOptions extends Pick<CallsOptions, 'accounts' | 'secrets' | 'onCall' | 'onAttempt'> {
  apis(): Promise<Apis>;
  logger(): Promise<Logger>;
  passwords: PasswordOptions;
  access: Access;
  toolsets: readonly Toolset[];
  sandbox: boolean;
  writes: Omit<WriteOptions, 'state'>;
  /** Of this process alone, unless replicas share one. */
  state(): Promise<State>;
  writeLimit?: Limit;
  /** Of the operator, in place of the contracts' own lists. */
  prices?: PriceFile;
  /** Two or more, if the server acts for several accounts. */
  profiles?: readonly Profile[];
}

export type Handlers = Awaited<ReturnType<typeof createHandlers>>;

const RELEASE_MS = 1_000;

/** Loaded at the first call, not at startup. */
export async function createHandlers(options: HandlersOptions) {
  const { access, sandbox, writes, writeLimit, profiles = [] } = options;
  const connected = await options.apis();
  const state = await options.state();
  const { perform, whileAsking, drain, inFlight, working } = await callsWith({ ...options, state }, connected);
  const known = createContracts((scope, profile) => connected.forCall(scope, profile).v1);
  const admission = createCallAdmission({ access, writeLimit });
  const toolsByName = new Map(tools.map((tool) => [tool.name, tool]));
  const resourcesByName = new Map(resources.map((resource) => [resource.name, resource]));
  const promptsByName = new Map(prompts.map((prompt) => [prompt.name, prompt]));

  const { write, idle } = createWrites({ ...writes, state });
  const toolNamed = (name: string) => entry(toolsByName, name);
  const callTool = createToolCalls({
    ...{ perform, whileAsking, sandbox, toolNamed },
    write,
    admit: admission.admit,
    checkRight: admission.checkRight,
  });

  function completionOf({ kind, name }: Completable, variable: string): Complete | undefined {
    if (kind === 'resource') return entry(resourcesByName, name).complete?.[variable];
    return entry(promptsByName, name).arguments.find((argument) => argument.name === variable)?.complete;
  }

  /** From every profile; nothing of one that fails. */
  async function briefly<T>(subject: Subject, from: CallSource, list: (context: Context) => Promise<T[]>) {
    const results = inEach(from, profiles).map((source) =>
      perform(subject, source, {
        isBrief: true,
        async run(context) {
          admission.refuseBatch(source);
          return { done: await list(context) };
        },
      }),
    );
    return (await Promise.all(results)).flatMap(doneOrNothing);
  }

  return {
    /** A lease that is not released keeps other replicas waiting. */
    async drain(ms: number): Promise<void> {
      await drain(ms);
      await within(RELEASE_MS, idle());
    },
    inFlight,
    working,
    callTool: profiles.length > 0 ? acrossProfiles({ callTool, profiles, toolNamed, known }) : callTool,

    async recordRefusal(subject: Subject, refusal: Error, from: Omit<CallSource, 'signal'>): Promise<void> {
      const { signal } = new AbortController();
      await perform(subject, { ...from, signal }, { run: () => Promise.reject(refusal) });
    },

    readResource(name: string, values: Record<string, string>, from: CallSource) {
      return firstOf(inEach(from, profiles), (source) =>
        perform({ resource: name, target: values.clusterId }, source, {
          async run(context) {
            admission.refuseBatch(source);
            return { done: await entry(resourcesByName, name).read(values, context) };
          },
        }),
      );
    },

    /** Empty on failure, so that the other templates still list theirs. */
    listResource(name: string, from: CallSource) {
      const { list } = entry(resourcesByName, name);
      return briefly({ resource: name }, from, async (context) => (await list?.(context)) ?? []);
    },

    complete(what: Completable, { variable, typed, known }: Typed, from: CallSource) {
      const complete = completionOf(what, variable);
      return briefly(
        { [what.kind]: what.name },
        from,
        async (context) => (await complete?.(typed, known, context)) ?? [],
      );
    },

    promptFor(name: string, given: Record<string, string>, skill: string, offered: readonly string[]) {
      return promptText(entry(promptsByName, name), withoutBlanks(given), skill, (tool) => offered.includes(tool));
    },
  };
}

type CallsWith = Omit<HandlersOptions, 'apis' | 'state'> & { state: State };

async function callsWith({ logger, passwords, writes, prices, state, ...options }: CallsWith, connected: Apis) {
  const { access, toolsets, sandbox } = options;
  const { confirm, confirmAbove, requireHuman, policy } = writes;
  return createCalls({
    ...options,
    apis: connected,
    logger: await logger(),
    passwords: createPasswords(passwords),
    recentWrites: createRecentWrites(state),
    addressBooks: createAddressBooks(state),
    prices: createPrices({ apiFor: (scope, account) => connected.forCall(scope, account).v1, file: prices }),
    wordsForMissing,
    server: {
      ...{ sandbox, access, toolsets, confirm, confirmAbove, requireHuman },
      policy: policy && (() => policyFacts(policy)),
    },
  });
}

/** Nothing on failure, except that a refused batch is a ProtocolError. */
function doneOrNothing<T>(result: Performed<T[]>): T[] {
  if ('done' in result) return result.done;
  if (result.error instanceof BatchError) throw new ProtocolError(ProtocolErrorCode.InvalidParams, result.text);
  return [];
}

export interface Completable {
  kind: 'resource' | 'prompt';
  name: string;
}

interface Typed {
  variable: string;
  typed: string;
  known: Record<string, string>;
}

/** Clients send an empty string for an omitted argument. */
function withoutBlanks(given: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value.trim() !== ''));
}

function entry<T>(byName: Map<string, T>, name: string): T {
  const found = byName.get(name);
  if (!found) throw new Error(`${name} is listed but does not exist`);
  return found;
}
