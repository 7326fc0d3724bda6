import { randomUUID } from 'node:crypto';
import { RefusedError } from '../errors.ts';
import { untilAborted } from '../signals.ts';
import type { State } from '../state/state.ts';
import { ATTEMPT_MS, SENDING_MS, TURN_MS } from '../times.ts';
import type { Context } from '../tools/tool.ts';

/** Prolonged while the work goes on: the next one waits no longer if this process is gone. */
const LEASE_MS = 10_000;
const PROLONG_MS = 3_000;
const LOOK_AGAIN_MS = 50;
/** Of which a wait is told. */
const LONG_MS = 5_000;

export interface Turn {
  key: string;
  holder: string;
  /** Nobody else can have it for as long as a request takes. */
  isSafe(): boolean;
  /** A write was begun with it, of which the state was told then. */
  begun(at: number): void;
  /** For another write to the same cluster. */
  hasWaited: boolean;
  /** Whoever is next waits for this as well; it must not reject. */
  outlast(work: Promise<unknown>): void;
}

type Waiting = Pick<Context, 'signal' | 'pause' | 'waitBudget'>;

interface Place {
  key: string;
  /** When the wait began. */
  since: number;
}

/** Works under one key go on one after the other, in this process in the order in which they came. */
export function createLocks(state: State) {
  const tails = new Map<string, Promise<unknown>>();

  async function leased<T>({ key, since }: Place, { pause, waitBudget }: Waiting, work: (turn: Turn) => Promise<T>) {
    const holder = randomUUID();
    const rest: Promise<unknown>[] = [];
    /** By this process, and from before the state was asked: by the state's own clock it lasts longer. */
    let heldUntil = 0;
    let lasting = LEASE_MS;
    const held = (at: number, ms: number) => {
      heldUntil = Math.max(heldUntil, at + ms);
    };
    async function take(): Promise<boolean> {
      const at = performance.now();
      const isTaken = await state.lease(key, holder, lasting);
      if (isTaken) held(at, lasting);
      return isTaken;
    }
    while (!(await take())) {
      if (waitBudget(TURN_MS) < TURN_MS) throw new RefusedError(BUSY);
      await pause(LOOK_AGAIN_MS * (1 + Math.random()));
    }
    const prolong = () => take().catch(() => {});
    let prolonged: Promise<unknown> = Promise.resolve();
    const prolonging = setInterval(() => {
      prolonged = prolonged.then(prolong);
    }, PROLONG_MS);
    const hasWaited = Date.now() - since > LONG_MS;
    const result = work({
      ...{ key, holder, hasWaited },
      isSafe: () => heldUntil - performance.now() > ATTEMPT_MS,
      begun(at) {
        lasting = SENDING_MS;
        held(at, SENDING_MS);
      },
      outlast: (work) => void rest.push(work),
    });
    const released = result.then(release, release);
    // Nobody has to wait for the state once the work is done, but the next one in turn.
    return { result, released };

    async function release() {
      await Promise.all(rest);
      clearInterval(prolonging);
      // After the release it would take the lease again, for nobody.
      await prolonged;
      await state.release(key, holder).catch(() => {});
    }
  }

  async function inTurn<T>(key: string, waiting: Waiting, work: (turn: Turn) => Promise<T>): Promise<T> {
    const since = Date.now();
    const before = tails.get(key);
    let release = (_: unknown) => {};
    const over = new Promise<unknown>((resolve) => {
      release = resolve;
    });
    // An aborted call leaves at once, but calls behind it still wait for those ahead.
    const tail = Promise.all([before, over]);
    tails.set(key, tail);
    void tail.then(() => tails.get(key) === tail && tails.delete(key));
    try {
      await untilAborted(Promise.resolve(before), waiting.signal);
      const { result, released } = await leased({ key, since }, waiting, work);
      release(released);
      return await result;
    } finally {
      release(undefined);
    }
  }

  /** Resolves when all that is under way now has given up its turn. */
  const idle = () => Promise.all(tails.values());

  return { inTurn, idle };
}

const BUSY =
  'Another write to this cluster is in progress at another replica of this server. Call again in half a minute.';
