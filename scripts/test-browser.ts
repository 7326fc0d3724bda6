// The tests in a browser, where there is one: npm run test:browser
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { CHROMIUM } from '../test/browser/chromium.ts';

if (existsSync(CHROMIUM)) {
  process.exitCode = spawnSync('vitest', ['run', '--project', 'browser'], { stdio: 'inherit' }).status ?? 1;
} else {
  console.log(`The tests of the app in a browser were left out: there is no ${CHROMIUM} (Debian's package chromium).`);
  // A machine that tests for others must not leave them out.
  process.exitCode = process.env.CI ? 1 : 0;
}
