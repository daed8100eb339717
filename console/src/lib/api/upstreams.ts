import { graphql } from './generated/gql.ts';

/** What the page of providers shows of one. */
export const UpstreamRowFields = graphql(`
  fragment UpstreamRow on Upstream {
    id name preset baseUrl dialects auth status priority weight shared version createdAt
    models { model upstreamModel }
    balanceSetting { source everyMinutes path left limit used resetsAt unit }
    credentials { id name hint status priority weight version createdAt updatedAt balance { state left limit unit resetsAt readAt problem } }
  }
`);

/** A page of providers. */
export const UpstreamsQuery = graphql(`
  query Upstreams($first: Int!, $after: String) {
    upstreams(first: $first, after: $after) { nodes { ...UpstreamRow } pageInfo { hasNextPage endCursor } }
  }
`);

/** Vendors whose address, wire formats and prices are known. */
export const PresetsQuery = graphql(`
  query Presets {
    upstreamPresets { name displayName aliases baseUrl dialects auth keyHint local docsUrl models { name displayName } }
  }
`);

/** Connects a provider. */
export const UpstreamCreate = graphql(`
  mutation UpstreamCreate($input: UpstreamCreateInput!) {
    upstreamCreate(input: $input) { upstream { ...UpstreamRow } userErrors { code message fix path } }
  }
`);

/** Tests a provider, saved or not. */
export const UpstreamProbe = graphql(`
  mutation UpstreamProbe($input: UpstreamProbeInput!) {
    upstreamProbe(input: $input) { ok models steps { step state found advice } answers { dialect text durationMs } userErrors { code message fix path } }
  }
`);

/** Changes, pauses or resumes a provider. */
export const UpstreamUpdate = graphql(`
  mutation UpstreamUpdate($input: UpstreamUpdateInput!) {
    upstreamUpdate(input: $input) { upstream { ...UpstreamRow } userErrors { code message fix path } }
  }
`);

/** Removes a provider with its secrets. */
export const UpstreamDelete = graphql(`
  mutation UpstreamDelete($input: UpstreamDeleteInput!) {
    upstreamDelete(input: $input) { removedId userErrors { code message fix path } }
  }
`);

/** Adds a secret. */
export const CredentialAdd = graphql(`
  mutation CredentialAdd($input: CredentialAddInput!) {
    credentialAdd(input: $input) { credential { id } userErrors { code message fix path } }
  }
`);

/** Replaces a secret. */
export const CredentialRotate = graphql(`
  mutation CredentialRotate($input: CredentialRotateInput!) {
    credentialRotate(input: $input) { credential { id } userErrors { code message fix path } }
  }
`);

/** Removes a secret. */
export const CredentialRemove = graphql(`
  mutation CredentialRemove($input: CredentialRemoveInput!) {
    credentialRemove(input: $input) { removedId userErrors { code message fix path } }
  }
`);

/** Says how balances are read. */
export const UpstreamBalanceSet = graphql(`
  mutation UpstreamBalanceSet($input: UpstreamBalanceSetInput!) {
    upstreamBalanceSet(input: $input) { upstream { ...UpstreamRow } userErrors { code message fix path } }
  }
`);

/** Reads an account's balance now. */
export const CredentialBalanceRefresh = graphql(`
  mutation CredentialBalanceRefresh($input: CredentialBalanceRefreshInput!) {
    credentialBalanceRefresh(input: $input) { credential { id } userErrors { code message fix path } }
  }
`);
