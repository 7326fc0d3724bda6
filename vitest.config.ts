import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    update: process.argv.includes('--update') ? 'all' : 'none',
  },
});
