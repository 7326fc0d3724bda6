import * as z from 'zod';
import type { ApiClient } from '../../api/client.ts';
import { AlarmError, ApiError, isUndone, LostWriteError, NoAnswerError } from '../../errors.ts';
import { sentences } from '../../text/sentences.ts';
import type { Context } from '../tool.ts';

const UNSEEN = 'It may have taken effect: check before retrying.';

interface Loss {
  look(): Promise<string>;
  passwordNote?: string;
}

/** Checks what became of a write whose answer was lost, and never repeats it. */
export async function lostWrite(error: unknown, { look, passwordNote }: Loss, { signal }: Context): Promise<unknown> {
  if (error instanceof AlarmError && passwordNote) {
    return new AlarmError(`${error.message} ${passwordNote}`, { cause: error });
  }
  if (isUndone(error) || !(error instanceof NoAnswerError || error instanceof ApiError)) return error;
  const found = signal.aborted ? UNSEEN : await look().catch(() => UNSEEN);
  return new LostWriteError(error, sentences(found, passwordNote));
}

export async function isThere(api: ApiClient, place: string): Promise<boolean> {
  try {
    await api.get(place, { response: z.unknown() });
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return false;
    throw error;
  }
}
