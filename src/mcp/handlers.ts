import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { Logger } from 'pino';
import type { Access } from '../access.ts';
import type { Apis } from '../api/generations/index.ts';
import { createCallAdmission } from '../calls/admission.ts';
import type { HttpCaller } from '../calls/http-caller.ts';
import { type CallSource, type CallsOptions, createCalls, type Performed } from '../calls/index.ts';
import type { Limit } from '../calls/rate-limit.ts';
import type { Subject } from '../calls/subject.ts';
import { BatchError } from '../errors.ts';
import { prompts } from '../prompts/index.ts';
import { resources } from '../resources/index.ts';
import type { Complete } from '../tools/completions.ts';
import { tools } from '../tools/index.ts';
import { wordsForMissing } from '../tools/missing.ts';
import { createPasswords, type PasswordOptions } from '../tools/passwords.ts';
import { createAddressBooks } from '../tools/places/address-book.ts';
import { createRecentWrites } from '../tools/recent-writes.ts';
import { createWrites, type WriteOptions } from '../writes/index.ts';
import { createToolCalls } from './tool-calls.ts';

export interface HandlersOptions
  extends Omit<CallsOptions, 'apis' | 'logger' | 'passwords' | 'recentWrites' | 'addressBooks' | 'wordsForMissing'> {
  apis(): Promise<Apis>;
  logger(): Promise<Logger>;
  passwords: PasswordOptions;
  access: Access;
  sandbox: boolean;
  writes: WriteOptions;
  writeLimit?: Limit;
}

export type Handlers = Awaited<ReturnType<typeof createHandlers>>;

/** Loaded at the first call, not at startup. */
export async function createHandlers(options: HandlersOptions) {
  const { apis, logger, passwords, access, sandbox, writes, writeLimit, ...rest } = options;
  const { perform, outside, drain, inFlight, working } = createCalls({
    ...rest,
    apis: await apis(),
    logger: await logger(),
    passwords: createPasswords(passwords),
    recentWrites: createRecentWrites(),
    addressBooks: createAddressBooks(),
    wordsForMissing,
  });
  const admission = createCallAdmission({ access, writeLimit });
  const toolsByName = new Map(tools.map((tool) => [tool.name, tool]));
  const resourcesByName = new Map(resources.map((resource) => [resource.name, resource]));
  const promptsByName = new Map(prompts.map((prompt) => [prompt.name, prompt]));

  function completionOf({ kind, name }: Completable, variable: string): Complete | undefined {
    if (kind === 'resource') return entry(resourcesByName, name).complete?.[variable];
    return entry(promptsByName, name).arguments.find((argument) => argument.name === variable)?.complete;
  }

  return {
    drain,
    inFlight,
    working,
    callTool: createToolCalls({
      perform,
      outside,
      write: createWrites(writes),
      admit: admission.admit,
      checkRight: admission.checkRight,
      sandbox,
      toolNamed: (name) => entry(toolsByName, name),
    }),

    async recordRefusal(subject: Subject, refusal: Error, httpCaller?: HttpCaller): Promise<void> {
      const { signal } = new AbortController();
      await perform(subject, { signal, httpCaller }, { run: () => Promise.reject(refusal) });
    },

    readResource(name: string, values: Record<string, string>, source: CallSource) {
      return perform({ resource: name, target: values.clusterId }, source, {
        async run(context) {
          admission.refuseBatch(source);
          return { done: await entry(resourcesByName, name).read(values, context) };
        },
      });
    },

    /** Empty on failure, so that the other templates still list theirs. */
    async listResource(name: string, source: CallSource) {
      const { list } = entry(resourcesByName, name);
      const result = await perform({ resource: name }, source, {
        isBrief: true,
        async run(context) {
          admission.refuseBatch(source);
          return { done: (await list?.(context)) ?? [] };
        },
      });
      return doneOrNothing(result);
    },

    async complete(what: Completable, { variable, typed, known }: Typed, source: CallSource) {
      const complete = completionOf(what, variable);
      const result = await perform({ [what.kind]: what.name }, source, {
        isBrief: true,
        async run(context) {
          admission.refuseBatch(source);
          return { done: (await complete?.(typed, known, context)) ?? [] };
        },
      });
      return doneOrNothing(result);
    },

    promptText(name: string, given: Record<string, string>, offered: readonly string[]) {
      return entry(promptsByName, name).text(withoutBlanks(given), (tool) => offered.includes(tool));
    },
  };
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
