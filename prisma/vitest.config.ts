import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { name: 'prisma', include: ['src/**/*.test.ts', 'tools/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
});
