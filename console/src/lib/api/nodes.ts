import { graphql } from './generated/gql.ts';

/** The fleet and how far it has applied what is published. */
export const NodesQuery = graphql(`
  query Nodes($first: Int!, $after: String) {
    fleetStatus { revision live applied nacks nodes }
    fleetNodes(first: $first, after: $after) {
      nodes { id name region state status runtime build appliedRevision publishedRevision lastSeenAt createdAt nack spool }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

/** How well providers do, as each node has seen it last. */
export const HealthQuery = graphql(`
  query Health { fleetNodes(first: 50) { nodes { id name state health { upstreams { upstreamId model state why until failureShare calls ttftMs cacheHitShare } credentials { credentialId why until usedShare } } } } }
`);

/** Makes a one-time right for a node to join. */
export const NodeTokenCreate = graphql(`
  mutation NodeTokenCreate($input: NodeTokenCreateInput!) {
    nodeTokenCreate(input: $input) { token expiresAt userErrors { code message fix path } }
  }
`);

/** Shuts a node out. */
export const NodeRevoke = graphql(`
  mutation NodeRevoke($input: NodeRevokeInput!) {
    nodeRevoke(input: $input) { fleetNode { id status state } exposedCredentials { id name hint upstream { name } } userErrors { code message fix path } }
  }
`);
