import type { Performed } from '../../calls/index.ts';
import type { CallSource, Profile } from '../../calls/source.ts';
import { ApiError } from '../../errors.ts';

/** For whom something is asked that names no profile: all of them. */
export const inEach = (source: CallSource, profiles: readonly Profile[]): CallSource[] =>
  profiles.length === 0 ? [source] : profiles.map((profile) => ({ ...source, profile }));

/** What the first one has that has it; otherwise why not, where one has another reason than that there is no such thing. */
export async function firstOf<T>(
  sources: readonly CallSource[],
  read: (source: CallSource) => Promise<Performed<T>>,
): Promise<Performed<T>> {
  let failed: Performed<T> | undefined;
  for (const source of sources) {
    const result = await read(source);
    if ('done' in result) return result;
    if (failed === undefined || isMissing(failed)) failed = result;
  }
  if (failed === undefined) throw new Error('nobody was asked');
  return failed;
}

const isMissing = (result: Performed<unknown>) =>
  'error' in result && result.error instanceof ApiError && result.error.status === 404;
