import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Two copies of graphql (CommonJS and ESM) would refuse each other's schema objects.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: { name: 'control-plane', include: ['src/**/*.test.ts'], testTimeout: 30_000, hookTimeout: 30_000, server: { deps: { inline: [/graphql/, /@pothos/] } } },
});
