import { graphql } from './generated/gql.ts';

/** Management tokens, limits and who is a member. */
export const SettingsQuery = graphql(`
  query Settings($operator: Boolean!) {
    managementTokens(first: 200) { nodes { id name hint scopes createdAt expiresAt lastUsedAt revokedAt member { name } } }
    quotas(first: 200) { nodes { id subjectId subjectKind unit window timeZone whenUnreachable limit { amount } budget { spent { amount unit } escrow { amount } remaining { amount unit } limit { amount unit } resetsAt } reached { percent } } }
    members(first: 200) { nodes { id name email role status operator } }
    keys(first: 200) { nodes { id name hint status } }
    upstreams(first: 200) { nodes { id name shared credentials { id name } } }
    tenant { id name slug version requestsPerMinute tokensPerMinute concurrent models }
    pools(first: 50) @include(if: $operator) { nodes { id name } }
  }
`);

/** Makes a management token; the secret is in this answer only. */
export const ManagementTokenCreate = graphql(`
  mutation ManagementTokenCreate($input: ManagementTokenCreateInput!) {
    managementTokenCreate(input: $input) { secret managementToken { id name expiresAt } userErrors { code message fix path } }
  }
`);

/** Ends a management token for ever. */
export const ManagementTokenRevoke = graphql(`
  mutation ManagementTokenRevoke($input: ManagementTokenRevokeInput!) { managementTokenRevoke(input: $input) { managementToken { id revokedAt } userErrors { code message fix path } } }
`);

/** Sets the limit of a subject for one unit and kind of window. */
export const QuotaSet = graphql(`
  mutation QuotaSet($input: QuotaSetInput!) { quotaSet(input: $input) { quota { id } userErrors { code message fix path } } }
`);

/** Sets what all keys of the account together may do. */
export const TenantLimit = graphql(`
  mutation TenantLimit($input: TenantUpdateInput!) { tenantUpdate(input: $input) { tenant { id } userErrors { code message fix path } } }
`);

/** Takes a limit away. */
export const QuotaRemove = graphql(`
  mutation QuotaRemove($input: QuotaRemoveInput!) { quotaRemove(input: $input) { removedId userErrors { code message fix path } } }
`);

/** Makes a one-time link that signs a member in. */
export const SignInLinkCreate = graphql(`
  mutation SignInLinkCreate($input: SignInLinkCreateInput!) { signInLinkCreate(input: $input) { url expiresAt userErrors { code message fix path } } }
`);
