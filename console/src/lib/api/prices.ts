import { graphql } from './generated/gql.ts';

/** What the page of prices shows of one. */
export const PriceRowFields = graphql(`
  fragment PriceRow on Price {
    id modelName source effectiveAt upstream { id name }
    input { amount } output { amount } cacheRead { amount } cacheWrite5m { amount } cacheWrite1h { amount } reasoning { amount } request { amount }
    units { kind price } steps { fromTokens rates { input { amount } output { amount } } } services { name multiplier rates { input { amount } output { amount } } }
  }
`);

/** A page of the prices that count, or will, and what was used without one. */
export const PricesQuery = graphql(`
  query Prices($first: Int!, $after: String) {
    prices(first: $first, after: $after, current: true) { nodes { ...PriceRow } pageInfo { hasNextPage endCursor } }
    unpricedModels { model attempts since until inputTokens outputTokens }
  }
`);

/** Says what setting a price would do. */
export const PricePreview = graphql(`
  mutation PricePreview($input: PriceSetInput!) {
    pricePreview(input: $input) { effectiveAt unpricedAttempts unpricedCost { amount } more replaces { source input { amount } output { amount } } userErrors { code message fix path } }
  }
`);

/** Sets a price. */
export const PriceSet = graphql(`
  mutation PriceSet($input: PriceSetInput!) {
    priceSet(input: $input) { price { id } userErrors { code message fix path } }
  }
`);

/** Goes back to the bundled price. */
export const PriceReset = graphql(`
  mutation PriceReset($input: PriceResetInput!) {
    priceReset(input: $input) { price { id } userErrors { code message fix path } }
  }
`);

/** Takes over the bundled library, or says what that would change. */
export const PricesRefresh = graphql(`
  mutation PricesRefresh($input: PricesRefreshInput!) {
    pricesRefresh(input: $input) {
      source applied kept changes { modelName source effectiveAt before { input { amount } output { amount } } after { input { amount } output { amount } } }
      userErrors { code message fix path }
    }
  }
`);
