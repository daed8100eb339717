import { graphql } from './generated/gql.ts';

/** What a row of the keys shows. */
export const KeyRowFields = graphql(`
  fragment KeyRow on Key {
    id name hint status funding createdAt expiresAt lastUsedAt models requestsPerMinute tokensPerMinute concurrent sessions clients version claimedAt
    campaign { name }
    quotas { id unit window timeZone budget { limit { amount unit } spent { amount unit } escrow { amount } remaining { amount } resetsAt } }
    usage { requests cost { amount } }
  }
`);

/** A page of keys, newest first. */
export const KeysQuery = graphql(`
  query Keys($first: Int!, $after: String, $filter: KeyFilter) {
    keys(first: $first, after: $after, filter: $filter) { nodes { ...KeyRow } pageInfo { hasNextPage endCursor } }
  }
`);

/** Makes a key; the secret is in this answer only. */
export const KeyCreate = graphql(`
  mutation KeyCreate($input: KeyCreateInput!) {
    keyCreate(input: $input) { key { ...KeyRow } secret env { name value } userErrors { code message fix path } }
  }
`);

/** Changes, pauses or resumes a key. */
export const KeyUpdate = graphql(`
  mutation KeyUpdate($input: KeyUpdateInput!) {
    keyUpdate(input: $input) { key { ...KeyRow } userErrors { code message fix path } }
  }
`);

/** Ends a key for ever. */
export const KeyRevoke = graphql(`
  mutation KeyRevoke($input: KeyRevokeInput!) {
    keyRevoke(input: $input) { key { ...KeyRow } userErrors { code message fix path } }
  }
`);
