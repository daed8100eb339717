import type { LeaseAsk, LeaseDenial, LeaseGrant, LeaseReport } from '../lease/lease.ts';
import type { HealthReport } from '../plan/health-report.ts';

// The nodes' GraphQL operations. A test of the control plane checks them against schema.graphql.

export const nodeEnroll = /* GraphQL */ `mutation NodeEnroll($input: NodeEnrollInput!) {
  nodeEnroll(input: $input) { nodeId fleet region proof userErrors { code message path fix } }
}`;
export interface NodeEnrollInput { tokenId: string; nonce: string; name: string; signPublicKey: string; sealPublicKey: string; runtime: string; build: string; proof: string }
export interface NodeEnrollPayload { nodeId: string | null; fleet: string | null; region: string | null; proof: string | null; userErrors: NodeUserError[] }

export const nodeHeartbeat = /* GraphQL */ `mutation NodeHeartbeat($input: NodeHeartbeatInput!) {
  nodeHeartbeat(input: $input) { serverTime revision keyring closedLeaseKnown shutOut userErrors { code message path fix } }
}`;
export interface NodeHeartbeatInput {
  bootId: string;
  appliedRevision: number;
  secretEpoch: number;
  runtime: string;
  build: string;
  nack?: { revision: number; stage: string; code: string; message: string; path?: string };
  spool: { events: number; bytes: number; oldestMs: number; refusing: boolean };
  /** How well upstreams do as this node sees them; at most 500 rows of each kind are kept. */
  health?: HealthReport;
  /** The lease that was closed last with something spent. */
  closedLeaseId?: string;
  /** Nodes that this one has lent to, at most 1000. */
  borrowerIds?: string[];
}
/**
 * `keyring` is a base64 envelope (`fairlead/keyring/1`) when the node's secretEpoch is behind, else null.
 * `shutOut` are those of `borrowerIds` that were shut out: what they have counts as spent.
 * `closedLeaseKnown` answers to `closedLeaseId`: false when this database, an older one, does not know that it was closed.
 */
export interface NodeHeartbeatPayload { serverTime: string; revision: number; keyring: string | null; closedLeaseKnown: boolean | null; shutOut: string[] | null; userErrors: NodeUserError[] }

export const leaseRequest = /* GraphQL */ `mutation LeaseRequest($input: LeaseRequestInput!) {
  leaseRequest(input: $input) { lease { leaseId holderId unit bootId reqSeq grantedNano usableUntil } denial { code resetsAt subject } userErrors { code message path fix } }
}`;
export type LeaseRequestInput = LeaseAsk;
export interface LeaseRequestPayload { lease: (Omit<LeaseGrant, 'usableUntil'> & { usableUntil: number | null }) | null; denial: (Omit<LeaseDenial, 'resetsAt'> & { resetsAt: number | null }) | null; userErrors: NodeUserError[] }

export const leaseReport = /* GraphQL */ `mutation LeaseReport($input: LeaseReportInput!) {
  leaseReport(input: $input) { closedLeaseIds userErrors { code message path fix } }
}`;
export type LeaseReportInput = LeaseReport;
/** `closedLeaseIds`: finals that are settled; the node forgets them. */
export interface LeaseReportPayload { closedLeaseIds: string[]; userErrors: NodeUserError[] }

export const usageReport = /* GraphQL */ `mutation UsageReport($input: UsageReportInput!) {
  usageReport(input: $input) { ackedSeq rejected { seq code } userErrors { code message path fix } }
}`;
/** `batch` is a base64 envelope (`fairlead/usage/1`) around a UsageBatch. */
export interface UsageReportInput { batch: string }
/** Everything up to `ackedSeq` of the batch's boot is committed; rejected events are kept for a human and count as acknowledged. */
export interface UsageReportPayload { ackedSeq: number; rejected: { seq: number; code: string }[]; userErrors: NodeUserError[] }

export const traceReport = /* GraphQL */ `mutation TraceReport($input: TraceReportInput!) {
  traceReport(input: $input) { accepted userErrors { code message path fix } }
}`;
/** `batch` is a base64 envelope (`fairlead/traces/1`) around a TraceBatch. */
export interface TraceReportInput { batch: string }
export interface TraceReportPayload { accepted: number; userErrors: NodeUserError[] }

/** A refusal the node can act on. */
export interface NodeUserError { code: string; message: string; path: string[] | null; fix: string | null }
