import { defineConfig } from 'vitest/config';

const SYSTEM = 'test/system/**/*.test.ts';

export default defineConfig({
  test: {
    update: process.argv.includes('--update') ? 'all' : 'none',
    testTimeout: 20_000,
    // By itself vitest leaves one of two cores idle.
    maxWorkers: 2,
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: [SYSTEM] } },
      { extends: true, test: { name: 'system', include: [SYSTEM] } },
    ],
  },
});
