import { defineConfig } from 'vitest/config';

const SYSTEM = 'test/system/**/*.test.ts';
const BROWSER = 'test/browser/**/*.test.ts';

const isUpdate = process.argv.includes('--update');

export default defineConfig({
  test: {
    update: isUpdate ? 'all' : 'none',
    provide: { isUpdate },
    testTimeout: 20_000,
    setupFiles: ['test/helpers/fixed-seed.ts'],
    // Most of what is polled for comes true at once.
    expect: { poll: { interval: 5 } },
    // By itself vitest leaves one of two cores idle.
    maxWorkers: 2,
    projects: [
      // Loading this program and its libraries anew for each file takes longer than most of the tests.
      {
        extends: true,
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: [SYSTEM, BROWSER], isolate: false },
      },
      { extends: true, test: { name: 'system', include: [SYSTEM] } },
      { extends: true, test: { name: 'browser', include: [BROWSER], isolate: false } },
    ],
  },
});
