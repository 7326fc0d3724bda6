import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from './temporary-folder.ts';

type Callers = Readonly<Record<string, readonly [access: string, token: string]>>;

/** A file of --auth-tokens-file, which a test can write anew. */
export function tokensFile(callers: Callers) {
  const folder = temporaryFolder('tokens');
  const file = path.join(folder, 'callers');
  const write = (some: Callers) => {
    const lines = Object.entries(some).map(([name, [access, token]]) => `${name}:${access}:${token}`);
    writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  };
  write(callers);
  return { file, write };
}
