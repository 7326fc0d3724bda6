// The tests in a browser, where there is one: npm run test:browser
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { CHROMIUM } from '../test/browser/chromium.ts';
import { isInspectorThere } from '../test/browser/inspector.ts';

function leaveOut(what: string, why: string) {
  console.log(`The tests of the app in ${what} were left out: ${why}.`);
  // A machine that tests for others must not leave them out.
  if (process.env.CI) process.exitCode = 1;
}

if (existsSync(CHROMIUM)) {
  const args = ['run', '--project', 'browser'];
  if (!isInspectorThere()) args.push('--exclude', 'test/browser/inspector.test.ts');
  const { status } = spawnSync('vitest', args, { stdio: 'inherit' });
  process.exitCode = status ?? 1;
  if (!isInspectorThere()) {
    leaveOut('the MCP Inspector', 'set INSPECTOR_DIR to a folder outside this one, then call npm run inspector');
  }
} else {
  leaveOut('a browser', `there is no ${CHROMIUM} (Debian's package chromium)`);
}
