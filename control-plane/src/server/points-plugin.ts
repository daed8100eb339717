import { complexityFromQuery } from '@pothos/plugin-complexity';
import { GraphQLError, Kind, getOperationAST } from 'graphql';
import type { DocumentNode, ExecutionArgs } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { mostComplexity } from '../graphql/builder.ts';
import type { Context } from '../graphql/context.ts';
import type { Points } from './points.ts';

/** Takes the points of every operation before it runs; what there are none left for is refused with 429. */
export function takesPoints(points: Points): Plugin<Context> {
  const refusal = async (args: ExecutionArgs): Promise<GraphQLError | undefined> => {
    const context = args.contextValue as Context;
    const cost = costOf(args);
    // What is too large for anybody is refused by the schema, and costs nothing.
    if (cost === undefined || cost > mostComplexity) return undefined;
    const taken = await points.take(context.actor, cost);
    if (!taken) return undefined;
    context.allowance = taken.allowance;
    if (!taken.refused) return undefined;
    const { limit, remaining, resetAt } = taken.allowance;
    const seconds = Math.max(1, Math.ceil((resetAt.getTime() - context.domain.clock.now()) / 1000));
    return new GraphQLError(`This operation costs ${cost} points, and ${remaining} of the ${limit} of this minute are left. Ask again in ${seconds} seconds, less often, or for fewer rows and fields.`, {
      extensions: { code: 'RATE_LIMITED', cost, limit, remaining, resetAt: resetAt.toISOString(), http: { status: 429, headers: { 'retry-after': String(seconds) } } },
    });
  };
  return {
    async onExecute({ args, setResultAndStopExecution }) {
      const error = await refusal(args);
      if (error) setResultAndStopExecution({ errors: [error] });
    },
    async onSubscribe({ args, setResultAndStopExecution }) {
      const error = await refusal(args);
      if (error) setResultAndStopExecution({ errors: [error] });
    },
  };
}

/** What an operation costs, by the same count as the most that one may cost; undefined when it cannot be told, and execution says why. */
function costOf({ schema, document, operationName, variableValues, contextValue }: ExecutionArgs): number | undefined {
  const operation = getOperationAST(document, operationName);
  if (!operation) return undefined;
  const alone: DocumentNode = { ...document, definitions: [operation, ...document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION)] };
  try {
    return complexityFromQuery(alone, { schema, ctx: contextValue as object, variables: { ...variableValues } }).complexity;
  } catch {
    return undefined;
  }
}
