import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

/** The only files that may read the environment. */
const settingsReaders = ['**/settings.ts', '**/main.*.ts', '**/main.ts', '**/*.test.ts', 'e2e/**', 'scripts/**', '**/*.config.ts', 'prisma/tools/**', 'prisma/src/test-*.ts', 'control-plane/src/graphql/print.ts', 'cli/src/**', 'console/*.ts', 'vitest.config.ts', 'practice/src/testing/**', 'control-plane/src/testing/**', 'control-plane/bench/**'];

export default ts.config(
  { ignores: ['**/node_modules/**', '**/generated/**', '**/build/**', '**/.build/**', '**/.svelte-kit/**', '.fairlead/**', '**/.clients/**', 'control-plane/schema.graphql'] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended.map((config) => ({ ...config, files: config.files ?? ['**/*.svelte', '**/*.svelte.ts'] })),
  {
    languageOptions: { globals: { ...globals.node } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // A loop whose end is inside reads better than a flag.
      'no-constant-condition': ['error', { checkLoops: false }],
      'max-lines': ['error', { max: 400 }],
      'no-restricted-properties': ['error', { object: 'process', property: 'env', message: 'Only settings.ts reads the environment.' }],
    },
  },
  { files: ['**/*.svelte', '**/*.svelte.ts'], languageOptions: { parserOptions: { parser: ts.parser }, globals: { ...globals.browser } } },
  { files: ['console/**'], languageOptions: { globals: { ...globals.browser } } },
  { files: settingsReaders, rules: { 'no-restricted-properties': 'off' } },
  { files: ['**/*.cjs'], languageOptions: { sourceType: 'commonjs', globals: { ...globals.node } }, rules: { '@typescript-eslint/no-require-imports': 'off' } },
  { files: ['**/*.cjs', '**/*.mjs', '**/*.js'], rules: { 'no-undef': 'error' } },
  // The hot path has one door out: undici through the transport. The global fetch is dear on Node and checks no address.
  { files: ['data-plane/src/**/*.ts'], ignores: ['**/*.test.ts'], rules: { 'no-restricted-globals': ['error', { name: 'fetch', message: 'Call through attempt/transport.' }] } },
  // Tables of data.
  { files: ['**/fixtures/**', 'control-plane/presets/**'], rules: { 'max-lines': 'off' } },
);
