import type PrismaTypes from '@fairlead/prisma/pothos-types';
import { getDatamodel } from '@fairlead/prisma/pothos-types';
import SchemaBuilder from '@pothos/core';
import ComplexityPlugin from '@pothos/plugin-complexity';
import PrismaPlugin from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import { GraphQLError } from 'graphql';
import type { Context } from './context.ts';
import { relay } from './relay.ts';

/** The types every file of the schema shares. */
export interface SchemaTypes {
  Context: Context;
  PrismaTypes: PrismaTypes;
  DefaultFieldNullability: false;
  DefaultEdgesNullability: { list: false; items: false };
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    Decimal: { Input: string; Output: string };
    Long: { Input: number; Output: number | bigint };
    JSON: { Input: unknown; Output: unknown };
    SignedBatch: { Input: string; Output: string };
  };
}

/** The most an operation may cost, counted in fields times rows. */
export const mostComplexity = 60_000;

/** Collects the schema; every file of this folder adds its own part. */
export const builder = new SchemaBuilder<SchemaTypes>({
  plugins: [RelayPlugin, ComplexityPlugin, PrismaPlugin],
  defaultFieldNullability: false,
  relay,
  // One schema for whichever database is open: the three have the same models.
  prisma: { client: ({ domain }) => domain.db.client, dmmf: getDatamodel() },
  complexity: {
    defaultComplexity: 1,
    defaultListMultiplier: 3,
    limit: { complexity: mostComplexity, depth: 16, breadth: 500 },
    complexityError: (kind, { complexity, depth, breadth }) => new GraphQLError(
      kind === 'Complexity' ? `This operation costs ${complexity} points; at most ${mostComplexity} are allowed. Ask for fewer rows or fields.` : `This operation is too large (depth ${depth}, ${breadth} fields).`,
      { extensions: { code: 'COST_EXCEEDED' } },
    ),
  },
});

/** The builder's types as Pothos extends them. */
export type Extended = typeof builder extends PothosSchemaTypes.SchemaBuilder<infer T> ? T : never;

builder.queryType({ description: 'Everything that can be read.' });
builder.mutationType({ description: 'Everything that can be changed. Each takes one input; what the caller can act on comes back as userErrors.' });
builder.subscriptionType({ description: 'What happens, while it happens, as server-sent events.' });
