import { defineConfig } from 'vitest/config';

// One seed for every property and simulation of a run; printed, so that a failure can be repeated.
const deep = process.env.FAIRLEAD_TEST_DEEP === '1';

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'shared', include: ['shared/src/**/*.test.ts'] } },
      { test: { name: 'prisma', include: ['prisma/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 } },
      {
        // Under vitest a bare import of graphql and the libraries' own would be two copies of its classes.
        resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
        test: { name: 'control-plane', include: ['control-plane/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
      },
      { test: { name: 'data-plane', include: ['data-plane/**/*.test.ts'], testTimeout: deep ? 600_000 : 30_000 } },
      { test: { name: 'practice', include: ['practice/src/**/*.test.ts'], testTimeout: 30_000 } },
      { test: { name: 'cli', include: ['cli/src/**/*.test.ts'], testTimeout: 30_000 } },
      { test: { name: 'console', include: ['console/src/**/*.test.ts'], testTimeout: 30_000 } },
      // Whole processes on two cores: one file at a time.
      { test: { name: 'e2e', include: ['e2e/**/*.test.ts'], exclude: ['**/node_modules/**', ...(process.env.FAIRLEAD_TEST_REAL_CLIENTS === '1' ? [] : ['e2e/clients/**'])], testTimeout: deep ? 900_000 : 120_000, hookTimeout: 120_000, fileParallelism: false } },
    ],
    exclude: ['**/node_modules/**', '**/generated/**'],
    passWithNoTests: false,
    maxWorkers: 2,
  },
});
