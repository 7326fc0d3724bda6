import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';

/** With those above it, for this user alone. Node's own recursive mkdir never returns below /proc. */
export function makeFolder(folder: string): void {
  const failure = failureToMake(folder);
  if (failure === undefined) return;
  if (failure.code !== 'ENOENT' || path.dirname(folder) === folder) throw failure;
  makeFolder(path.dirname(folder));
  const again = failureToMake(folder);
  if (again) throw again;
}

/** Undefined where it is there, whoever has made it, and whatever the system says of making it again. */
function failureToMake(folder: string): NodeJS.ErrnoException | undefined {
  try {
    mkdirSync(folder, { mode: 0o700 });
    return undefined;
  } catch (error) {
    return existsSync(folder) ? undefined : (error as NodeJS.ErrnoException);
  }
}
