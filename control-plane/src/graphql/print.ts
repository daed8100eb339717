// Writes the public schema to schema.graphql beside the code.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { schemaText } from './schema.ts';

writeFileSync(path.resolve(import.meta.dirname, '../../schema.graphql'), schemaText());
