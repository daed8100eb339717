// Writes the public schema to schema.graphql beside the code; with --check only tells whether it is current.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { schemaText } from './schema.ts';

const file = path.resolve(import.meta.dirname, '../../schema.graphql');
if (!process.argv.includes('--check')) writeFileSync(file, schemaText());
else if (readFileSync(file, 'utf8') !== schemaText()) {
  process.stderr.write('schema.graphql is not what the code prints. Run: npm run schema\n');
  process.exitCode = 1;
}
