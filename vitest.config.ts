import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    update: process.argv.includes('--update') ? 'all' : 'none',
    // Much of the time is waiting for child processes; by itself vitest leaves one of two cores idle.
    maxWorkers: 2,
    testTimeout: 20_000,
  },
});
