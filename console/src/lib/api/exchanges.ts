import { graphql } from './generated/gql.ts';

/** What a row of the request log shows. */
export const ExchangeRowFields = graphql(`
  fragment ExchangeRow on Exchange {
    id startedAt endedAt outcome status faultCode dialect model upstreamModel stream client durationMs ttftMs
    inputTokens outputTokens cacheReadTokens cacheWriteTokens attempts estimated unpriced
    repo branch ticket sessionId
    cost { amount } key { id name hint } upstream { id name }
  }
`);

/** A page of the request log, newest first. */
export const ExchangesQuery = graphql(`
  query Exchanges($first: Int!, $after: String, $filter: ExchangeFilter) {
    exchanges(first: $first, after: $after, filter: $filter) { nodes { ...ExchangeRow } searchedTo pageInfo { hasNextPage endCursor } }
  }
`);

/** Every exchange that ends from now on. */
export const ExchangeStream = graphql(`
  subscription ExchangeStream($filter: ExchangeFilter) {
    exchangeStream(filter: $filter) { ...ExchangeRow }
  }
`);

/** One exchange with why it went where it went and what it cost. */
export const ExchangeQuery = graphql(`
  query Exchange($id: ID!) {
    exchange(id: $id) {
      ...ExchangeRow
      decision {
        route revision
        candidates { upstream upstreamId model chosen reason }
        recalled notes
        passedOver { route reason }
        attempts { attempt upstream model dialect why startedMs outcome status ttftMs durationMs detail losses units { kind count } }
      }
      charges {
        id attempt model outcome startedAt endedAt estimated unpriced inputTokens outputTokens reasoningTokens cacheReadTokens cacheWrite5mTokens cacheWrite1hTokens
        cost { amount } excess { amount } reserved { amount } upstream { name }
        price { effectiveAt source }
        explained { basis service fromTokens agrees total { amount } multipliers { subject multiplier } parts { kind count perMillion { amount } serviceMultiplier amount } }
      }
    }
  }
`);

/** What the log can be narrowed to. */
export const ExchangeFiltersQuery = graphql(`
  query ExchangeFilters { keys(first: 200) { nodes { id name hint } } }
`);
