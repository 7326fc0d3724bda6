import { createHash } from 'node:crypto';
import { ApiError, NoAnswerError } from '../../../errors.ts';
import { createMemory } from '../../../memory.ts';
import { isNotPinned } from '../../connection-errors.ts';
import type { AbsentSource } from '../port.ts';
import { LateError } from './limit.ts';

/** How long a region is left alone that stays out of reach: many networks let only one host through. */
const LASTING_MS = 600_000;
/** The same for one that answers, and may work again soon. */
const BRIEF_MS = 60_000;
const MOST_REMEMBERED = 10_000;
/** Characters of a reason. */
const MAX_REASON = 200;

/** Any region; one without a name serves all. */
interface Named {
  name?: string;
}

/** The regions that one caller leaves alone. */
export interface Absences {
  find(region: Named): AbsentSource | undefined;
  /** What the failure says about the region, which is left alone for as long as that is likely to last. */
  add(region: Named, error: unknown): AbsentSource;
  forget(region: Named): void;
}

export function createAbsences() {
  const memory = createMemory<{ absent: AbsentSource; until: number }>(LASTING_MS, MOST_REMEMBERED);

  return {
    /** `authorization` is the caller's own: a region that refused one token may accept another of the same account. */
    of(credentialsKey: string, authorization?: string): Absences {
      const credential = authorization === undefined ? '' : hashOf(authorization);
      const keyOf = (region: Named) => JSON.stringify([credentialsKey, labelOf(region)]);
      const refusalKeyOf = (region: Named) => JSON.stringify([credentialsKey, labelOf(region), credential]);
      const keysOf = (region: Named) => [keyOf(region), refusalKeyOf(region)];
      return {
        find(region) {
          const found = keysOf(region).flatMap((key) => memory.get(key) ?? []);
          return found.find(({ until }) => until > Date.now())?.absent;
        },
        add(region, error) {
          const ms = leftAloneMs(error);
          const absent = { region: labelOf(region), reason: reasonOf(error), isBrief: ms < LASTING_MS };
          const key = isRefusedCredential(error) ? refusalKeyOf(region) : keyOf(region);
          if (ms > 0) memory.set(key, { absent, until: Date.now() + ms });
          return absent;
        },
        forget(region) {
          for (const key of keysOf(region)) memory.delete(key);
        },
      };
    },
  };
}

const labelOf = ({ name = 'all regions' }: Named) => name;

const hashOf = (text: string) => createHash('sha256').update(text).digest('base64url');

const isRefusedCredential = (error: unknown) => error instanceof ApiError && [401, 403].includes(error.status);

/** Whether v1 is out of order: what the regions have is shown without it. */
export const isDown = (error: unknown) =>
  error instanceof LateError || error instanceof NoAnswerError || (error instanceof ApiError && error.status >= 500);

function leftAloneMs(error: unknown): number {
  // A call that had little time left says nothing about the region.
  if (error instanceof LateError) return error.isCutShort ? 0 : LASTING_MS;
  if (error instanceof ApiError) return error.mayPass ? BRIEF_MS : LASTING_MS;
  if (error instanceof NoAnswerError) return error.sent ? BRIEF_MS : LASTING_MS;
  return 0;
}

export function reasonOf(error: unknown): string {
  if (error instanceof LateError) return error.message;
  if (error instanceof ApiError) {
    const { status } = error;
    if (status === 401) return 'refused the credentials (401); v2 may take tokens alone';
    return status === 403 ? 'refused (403)' : `answered ${status}`;
  }
  if (!(error instanceof NoAnswerError)) return 'gave no usable answer';
  if (isNotPinned(error)) return error.reason.slice(0, MAX_REASON);
  return error.sent ? `gave no usable answer: ${error.reason.slice(0, MAX_REASON)}` : 'could not be reached';
}
