import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: '../control-plane/schema.graphql',
  documents: ['src/lib/api/**/*.ts', '!src/lib/api/generated/**'],
  ignoreNoDocuments: true,
  generates: {
    'src/lib/api/generated/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        documentMode: 'string',
        useTypeImports: true,
        enumsAsTypes: true,
        skipTypename: true,
        importExtension: '.ts',
        strictScalars: true,
        scalars: { DateTime: 'string', Decimal: 'string', Long: 'number', JSON: 'unknown', SignedBatch: 'string' },
      },
    },
  },
};

export default config;
