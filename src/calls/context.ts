import type { HttpAttempt } from '../api/attempts/index.ts';
import type { AccountFacts } from '../api/credentials.ts';
import type { Apis } from '../api/generations/index.ts';
import { codeSuffix, RefusedError } from '../errors.ts';
import type { Prices } from '../prices/index.ts';
import { visible } from '../text/visible.ts';
import type { AddressBooks } from '../tools/places/address-book.ts';
import type { Context, ServerFacts } from '../tools/tool.ts';
import type { Toolset } from '../tools/toolsets.ts';
import type { Passwords } from '../tools/writing/passwords.ts';
import type { RecentWrites } from '../tools/writing/recent-writes.ts';
import type { Deadline } from './deadline.ts';
import { granted, toolsetsFor } from './http-caller.ts';
import type { Redaction } from './redaction.ts';
import { accountFactsIn, accountKeyOf, type CallSource, credentialsKeyOf } from './source.ts';

export interface ContextOptions {
  apis: Apis;
  passwords: Passwords;
  recentWrites: { of(accountKey: string): RecentWrites };
  addressBooks: AddressBooks;
  prices: Prices;
  /** At least one; several where calls name a profile. */
  accounts: readonly AccountFacts[];
  /** `access` is what the server offers at most. */
  server: Omit<ServerFacts, 'account' | 'toolsets'> & { toolsets: readonly Toolset[] };
}

const LOG_MS = 2_000;

interface Parts {
  source: CallSource;
  time: Deadline;
  redaction: Redaction;
  onAttempt(attempt: HttpAttempt): void;
  beginWrite(): Promise<void>;
}

/** What tools work with, made anew for each call. */
export function createContexts(options: ContextOptions) {
  const { apis, prices, accounts, server } = options;

  return function contextOf({ source, time, redaction, onAttempt, beginWrite }: Parts): Context {
    const { signal, pause, orUndefinedAfter, waitBudget } = time;
    const { narrowing } = source.httpCaller ?? {};
    let mayWrite = () => true;
    const scope = {
      mayWrite: () => mayWrite(),
      signal,
      get deadline() {
        return time.at;
      },
      headers: source.httpCaller?.upstream,
      missing: source.httpCaller?.ionosTokenProblem,
      onAttempt,
      operation: source.operation,
      onlyClusters: narrowing?.clusters,
      hide: redaction.hide,
    };
    const credentialsKey = credentialsKeyOf(source);
    const facts = accountFactsIn(source, accounts);
    const accountKey = accountKeyOf(source, { sandbox: server.sandbox, account: facts });
    const own = once(() => apis.forCall(scope, credentialsKey));
    return {
      ...{ signal, pause, orUndefinedAfter, waitBudget },
      server: {
        ...server,
        account: facts,
        access: granted(server.access, source.httpCaller),
        toolsets: toolsetsFor(server.toolsets, narrowing),
      },
      get api() {
        return own().v1;
      },
      get clusters() {
        return own().clusters;
      },
      get everyCluster() {
        return own().everyCluster;
      },
      writeOnlyWhile(isAllowed) {
        mayWrite = isAllowed;
      },
      progress: (seconds, message) => source.onProgress?.(seconds, visible(message)),
      passwords: revealing(options.passwords, redaction.add),
      recentWrites: options.recentWrites.of(accountKey),
      addresses: options.addressBooks.of(accountKey),
      prices: prices.forCall(scope, { credentialsKey, contract: facts.contract }),
      async beginWrite() {
        const begun = beginWrite().then(() => true);
        const isWritten = await orUndefinedAfter(LOG_MS, begun).catch((error) => {
          throw signal.aborted ? error : new RefusedError(unlogged(codeSuffix(error)));
        });
        if (!isWritten) throw new RefusedError(unlogged(` (nobody has read it for ${LOG_MS / 1000} s)`));
      },
    };
  };
}

/** When it is needed first: a call that is refused can be for no account at all. */
function once<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function unlogged(why: string): string {
  return `Changes are logged before they are sent, and the log cannot be written${why}. Reads still work. The operator has to fix this server's log: its stderr, or --audit-file.`;
}

/** Reports each password before its use, so that it is redacted. */
function revealing(passwords: Passwords, tell: (password: string) => void): Passwords {
  return {
    plan: passwords.plan,
    async take(...wanted) {
      const password = await passwords.take(...wanted);
      tell(password.value);
      return password;
    },
  };
}
