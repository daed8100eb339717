import { GraphQLError } from 'graphql';
import { builder } from './builder.ts';

builder.scalarType('DateTime', {
  description: 'An instant in UTC, as ISO 8601 text such as "2026-11-21T03:00:00.000Z".',
  serialize: (value) => value.toISOString(),
  parseValue: (value) => {
    const at = typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? new Date(value) : undefined;
    if (!at || Number.isNaN(at.getTime())) throw new GraphQLError('A DateTime is ISO 8601 text such as "2026-11-21T03:00:00.000Z".');
    return at;
  },
});

builder.scalarType('Decimal', {
  description: 'A decimal number as text, such as "0.25"; never rounded.',
  serialize: (value) => value,
  parseValue: (value) => {
    if (typeof value === 'string') return value;
    throw new GraphQLError('A Decimal is a text such as "0.25".');
  },
});

builder.scalarType('Long', {
  description: 'A whole number up to 2^53, as a JSON number.',
  serialize: (value) => {
    const number = Number(value);
    if (!Number.isSafeInteger(number)) throw new GraphQLError('The number is beyond what JSON can hold exactly.');
    return number;
  },
  parseValue: (value) => {
    if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
    throw new GraphQLError('A Long is a whole number up to 2^53.');
  },
});

builder.scalarType('JSON', { description: 'Any JSON value.', serialize: (value) => value, parseValue: (value) => value });

builder.scalarType('SignedBatch', {
  description: 'A signed envelope as base64 text.',
  serialize: (value) => value,
  parseValue: (value) => {
    if (typeof value === 'string') return value;
    throw new GraphQLError('A SignedBatch is base64 text.');
  },
});
