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

/** Makes a one-time right for a node to join. */
export const NodeTokenCreate = graphql(`
  mutation NodeTokenCreate($input: NodeTokenCreateInput!) {
    nodeTokenCreate(input: $input) { token expiresAt userErrors { code message fix path } }
  }
`);

/** Shuts a node out. */
export const NodeRevoke = graphql(`
  mutation NodeRevoke($input: NodeRevokeInput!) {
    nodeRevoke(input: $input) { fleetNode { id status state } userErrors { code message fix path } }
  }
`);
