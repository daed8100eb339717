import { graphql } from './generated/gql.ts';

/** Pools with their caps, and the campaigns they pay for. */
export const ExperienceQuery = graphql(`
  query Experience {
    pools(first: 20) {
      nodes { id name status version createdAt quotas { id unit window timeZone budget { limit { amount unit } spent { amount unit } escrow { amount unit } excess { amount unit } remaining { amount unit } resetsAt } } }
    }
    campaigns(first: 100) {
      nodes { id name slug status version keyBudget { amount } keyTtlHours models requestsPerMinute maxOutputTokens startsAt endsAt createdAt pool { id name } }
    }
  }
`);

/** Makes a pool. */
export const PoolCreate = graphql(`
  mutation PoolCreate($input: PoolCreateInput!) { poolCreate(input: $input) { pool { id } userErrors { code message fix path } } }
`);

/** Pauses or resumes a pool. */
export const PoolUpdate = graphql(`
  mutation PoolUpdate($input: PoolUpdateInput!) { poolUpdate(input: $input) { pool { id status } userErrors { code message fix path } } }
`);

/** Opens a campaign. */
export const CampaignCreate = graphql(`
  mutation CampaignCreate($input: CampaignCreateInput!) { campaignCreate(input: $input) { campaign { id slug } userErrors { code message fix path } } }
`);

/** Changes a campaign. */
export const CampaignUpdate = graphql(`
  mutation CampaignUpdate($input: CampaignUpdateInput!) { campaignUpdate(input: $input) { campaign { id status } userErrors { code message fix path } } }
`);

/** What is offered to people without an account. */
export const OffersQuery = graphql(`
  query Offers {
    experienceOffers { campaign name open reopensAt ttlHours proofRequired models budget { amount } }
    install { nodeUrl practice }
  }
`);

/** Issues a key that works at once; secret and links are in this answer only. */
export const ExperienceKeyIssue = graphql(`
  mutation ExperienceKeyIssue($input: ExperienceKeyIssueInput!) {
    experienceKeyIssue(input: $input) {
      secret command claimUrl baseUrl expiresAt budget { amount } env { name value } userErrors { code message fix path }
    }
  }
`);

/** How an experience key stands, for who holds it. */
export const ExperienceKeyQuery = graphql(`
  query ExperienceKey($secret: String!) { experienceKey(secret: $secret) { hint state claimed expiresAt budget { amount } left { amount } } }
`);

/** What a claim code stands for. */
export const ClaimQuery = graphql(`
  query Claim($code: String!) { claim(code: $code) { hint state claimed expiresAt budget { amount } left { amount } } viewer { member { name } tenant { name } } }
`);

/** Makes an experience key the viewer's own. */
export const KeyClaim = graphql(`
  mutation KeyClaim($input: KeyClaimInput!) { keyClaim(input: $input) { key { id name hint } userErrors { code message fix path } } }
`);
