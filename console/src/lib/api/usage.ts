import { graphql } from './generated/gql.ts';

/** Sums over a span of time, told apart as asked, with the names behind the ids. */
export const UsageQuery = graphql(`
  query Usage($input: UsageInput!) {
    usage(input: $input) {
      totals { requests inputTokens outputTokens cacheReadTokens cacheWriteTokens cost { amount } excess { amount } }
      rows { at model keyId upstreamId requests inputTokens outputTokens cacheReadTokens cacheWriteTokens cost { amount } excess { amount } }
    }
    keys(first: 200) { nodes { id name } }
    upstreams(first: 200) { nodes { id name } }
  }
`);
