import { randomUUID } from 'node:crypto';
import { GraphQLError } from 'graphql';
import { createYoga } from 'graphql-yoga';
import type { Plugin } from 'graphql-yoga';
import { AccessDenied } from '../domain/actor.ts';
import { Refused } from '../domain/problem.ts';
import type { Context } from '../graphql/context.ts';
import { schema } from '../graphql/schema.ts';
import { describeError } from '../log.ts';
import type { Log } from '../log.ts';
import type { Points } from './points.ts';
import { takesPoints } from './points-plugin.ts';

/** The GraphQL endpoint. Everything that is not meant for callers becomes INTERNAL with an id to look for in the log. */
export function createGraphql(log: Log, points: Points) {
  return createYoga<Context>({
    schema,
    graphqlEndpoint: '/graphql',
    // The library's own stream class is closed twice when a reader of a subscription leaves, and that would end the process.
    fetchAPI: { fetch, Request, Response, Headers, ReadableStream, TransformStream, WritableStream, TextDecoderStream, TextEncoderStream, CompressionStream, DecompressionStream, Blob, File, FormData, URL, URLSearchParams, TextEncoder, TextDecoder, crypto },
    graphiql: false, landingPage: false, cors: false, batching: false, logging: false,
    maskedErrors: { maskError: (error) => maskError(error, log) },
    plugins: [codedValidation, takesPoints(points)],
  });
}

/** Gives refused operations a code, as every other error has one. */
const codedValidation: Plugin = {
  onValidate: () => ({ valid, result, setResult }) => {
    if (!valid) setResult(result.map((error: unknown) => (error instanceof GraphQLError ? withCode(error, 'GRAPHQL_VALIDATION_FAILED') : new GraphQLError('The operation is not valid.'))));
  },
};

function maskError(error: unknown, log: Log): Error {
  const cause = error instanceof GraphQLError ? error.originalError : error;
  if (error instanceof GraphQLError && (cause === undefined || cause === null || cause instanceof GraphQLError)) return error;
  if (cause instanceof AccessDenied) {
    const place = error instanceof GraphQLError ? { nodes: error.nodes ?? null, path: error.path ?? null } : {};
    return new GraphQLError(cause.message, { ...place, extensions: { code: cause.code, ...(cause.missingScopes.length > 0 ? { missingScopes: cause.missingScopes } : {}) } });
  }
  // A read that was asked for something that cannot be answered; mutations tell it in userErrors.
  if (cause instanceof Refused) {
    const place = error instanceof GraphQLError ? { nodes: error.nodes ?? null, path: error.path ?? null } : {};
    return new GraphQLError(cause.message, { ...place, extensions: { code: cause.problems[0]?.code ?? 'INVALID', problems: cause.problems } });
  }
  const requestId = randomUUID();
  log.error('graphql.failed', { requestId, ...describeError(cause) });
  return new GraphQLError('Something broke on our side.', { extensions: { code: 'INTERNAL', requestId } });
}

function withCode(error: GraphQLError, code: string): GraphQLError {
  return new GraphQLError(error.message, { nodes: error.nodes ?? null, source: error.source ?? null, positions: error.positions ?? null, path: error.path ?? null, extensions: { ...error.extensions, code: error.extensions.code ?? code } });
}
