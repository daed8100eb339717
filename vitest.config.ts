import { defineConfig } from 'vitest/config';

// One seed for every property and simulation of a run; printed, so that a failure can be repeated.
const deep = process.env.FAIRLEAD_TEST_DEEP === '1';

// The database's query compiler is WebAssembly: optimising it costs a process that lives for seconds more than it ever gains.
const brief = ['--liftoff-only'];

// Stories drive whole processes on a machine that may be busy. One that fails is tried once more, and the run names it;
// the deep run tries nothing twice.
const retry = deep ? 0 : 1;
const e2eTimeout = deep ? 900_000 : 120_000;
const e2e = ['e2e/**/*.test.ts'];
const unseen = ['**/node_modules/**', ...(process.env.FAIRLEAD_TEST_REAL_CLIENTS === '1' ? [] : ['e2e/clients/**'])];
const timed = [
  ...['pace-is-shared', 'start'].map((story) => `e2e/stories/${story}.test.ts`),
  'e2e/clients/**/*.test.ts',
];

export default defineConfig({
  test: {
    projects: [
      // Files of one project share their workers: loading the libraries anew for each of 160 files cost minutes.
      { test: { name: 'shared', include: ['shared/src/**/*.test.ts'], isolate: false } },
      { test: { name: 'prisma', include: ['prisma/**/*.test.ts'], isolate: false, execArgv: brief, testTimeout: 60_000, hookTimeout: 60_000 } },
      {
        // Under vitest a bare import of graphql and the libraries' own would be two copies of its classes.
        resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
        test: { name: 'control-plane', include: ['control-plane/**/*.test.ts'], isolate: false, execArgv: brief, testTimeout: 60_000, hookTimeout: 60_000 },
      },
      { test: { name: 'data-plane', include: ['data-plane/**/*.test.ts'], isolate: false, testTimeout: deep ? 600_000 : 30_000 } },
      { test: { name: 'practice', include: ['practice/src/**/*.test.ts'], isolate: false, testTimeout: 30_000 } },
      { test: { name: 'cli', include: ['cli/src/**/*.test.ts'], isolate: false, testTimeout: 30_000 } },
      { test: { name: 'console', include: ['console/src/**/*.test.ts'], isolate: false, testTimeout: 30_000 } },
      // Whole processes on two cores: two files at once, but for those whose promises are about time.
      { test: { name: 'e2e', include: e2e, exclude: [...unseen, ...timed], retry, testTimeout: e2eTimeout, hookTimeout: 120_000 } },
      { test: { name: 'e2e-alone', include: timed, exclude: unseen, retry, testTimeout: e2eTimeout, hookTimeout: 120_000, fileParallelism: false } },
    ],
    exclude: ['**/node_modules/**', '**/generated/**'],
    passWithNoTests: false,
    maxWorkers: 2,
  },
});
