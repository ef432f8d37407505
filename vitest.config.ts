import { defineConfig } from 'vitest/config';

/** One suite: tests stand beside the code; what crosses stages is in infra/lab. */
export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['node_modules/**', 'build/**'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
