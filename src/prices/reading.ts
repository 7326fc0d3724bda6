import { createHash } from 'node:crypto';
import type { ApiClient, CallScope } from '../api/client.ts';
import { createMemory } from '../memory.ts';
import { within } from '../signals.ts';
import { type NoPriceList, type PriceList, readPriceList } from './price-list.ts';

const KEPT_MS = 3_600_000;
/** Somebody may have been given the right, or the service may be back. */
const PROBLEM_KEPT_MS = 60_000;
const MOST_KEPT = 200;
/** The request can outlast those who ask, so that its answer is there next time. */
const READING_MS = 30_000;
/** A plan without prices is better than none. */
const LONGEST_WAIT_MS = 8_000;
const LEFT_FOR_THE_CALL_MS = 5_000;

export interface ListReadingOptions {
  apiFor(scope: CallScope, credentialsKey: string): ApiClient;
  now(): number;
}

/** For whom prices are read. */
export interface PricedFor {
  /** Tells apart callers whose contracts are not the same. */
  credentialsKey: string;
  /** Undefined if it is not known, and is to be found out. */
  contract?: string;
}

export type ListOrReason = PriceList | NoPriceList;

interface Reading {
  outcome: Promise<ListOrReason>;
  waiting: number;
  /** Once nobody waits any longer. */
  stop(): void;
}

/** Price lists by the credentials that may read them, each read once an hour at most, by one request for all who ask. */
export function createReading({ apiFor, now }: ListReadingOptions) {
  const lists = createMemory<PriceList>(KEPT_MS, MOST_KEPT);
  const problems = createMemory<NoPriceList>(PROBLEM_KEPT_MS, MOST_KEPT);
  const underWay = new Map<string, Reading>();

  function begin(key: string, call: CallScope, { credentialsKey, contract }: PricedFor): Reading {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(new Error(LATE)), READING_MS);
    const scope = { ...call, signal: controller.signal, deadline: Date.now() + READING_MS };
    const date = new Date(now()).toISOString().slice(0, 10);
    let isWanted = true;
    const end = () => {
      clearTimeout(timer);
      if (underWay.get(key) === reading) underWay.delete(key);
    };
    const outcome = readPriceList(apiFor(scope, credentialsKey), { contractNumber: contract, date })
      .then((found) => {
        if ('rows' in found) lists.set(key, found);
        else if (isWanted) problems.set(key, found);
        return found;
      })
      .finally(end);
    outcome.catch(() => {});
    const stop = () => {
      isWanted = false;
      end();
      controller.abort(call.signal.reason);
    };
    const reading = { outcome, waiting: 0, stop };
    underWay.set(key, reading);
    return reading;
  }

  /** Rejects if the call ends first. */
  return async function read(call: CallScope, whose: PricedFor): Promise<ListOrReason> {
    const key = keyOf(call, whose);
    const kept = lists.get(key) ?? problems.get(key);
    if (kept) return kept;
    const reading = underWay.get(key) ?? begin(key, call, whose);
    reading.waiting += 1;
    try {
      const found = await orLate(reading.outcome, call);
      // The next call does not wait for it again.
      if (found === TOO_LATE) problems.set(key, found);
      return found;
    } finally {
      reading.waiting -= 1;
      if (reading.waiting === 0 && call.signal.aborted) reading.stop();
    }
  };
}

const LATE = 'the price list did not arrive in time';
const TOO_LATE: NoPriceList = { reason: 'no-answer', details: [LATE] };

/** Two callers of one contract need not have the same rights. */
function keyOf({ headers }: CallScope, { credentialsKey, contract }: PricedFor): string {
  return createHash('sha256')
    .update(JSON.stringify([credentialsKey, contract, headers?.authorization]))
    .digest('base64url');
}

async function orLate(outcome: Promise<ListOrReason>, { signal, deadline }: CallScope): Promise<ListOrReason> {
  const ms = Math.max(0, Math.min(LONGEST_WAIT_MS, deadline - Date.now() - LEFT_FOR_THE_CALL_MS));
  return (await within(ms, outcome, signal)) ?? TOO_LATE;
}
