import { graphql } from './generated/gql.ts';

/** Everything the overview shows but the live rows. */
export const OverviewQuery = graphql(`
  query Overview($operator: Boolean!, $from: DateTime!, $to: DateTime!) {
    install { nodeUrl publicUrl practice steps { name done at } }
    usage(input: { from: $from, to: $to }) { totals { requests inputTokens outputTokens cacheReadTokens cacheWriteTokens cost { amount } excess { amount } } }
    fleetStatus @include(if: $operator) { revision live applied nacks nodes }
    fleetNodes(first: 50) @include(if: $operator) { nodes { id name region state appliedRevision publishedRevision } }
  }
`);
