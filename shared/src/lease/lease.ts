// Pure. What node and control plane say to each other about slices of budgets. Amounts are whole numbers as decimal
// text: nano-USD in a purse of dollars, tokens or requests in others. The names of the fields are from the first form of
// the protocol, when all of them were nano-USD.
import type { Purse } from './purse.ts';

/** A node's wish for a slice of one purse. `needNano` is what the request at hand reserves, `wantNano` what it would like to hold. */
export interface LeaseAsk extends Purse { bootId: string; reqSeq: number; needNano: string; wantNano: string; /** The lease of this node that was closed last with something spent. */ closedLeaseId?: string }

/** A slice granted in one transaction from every budget that binds the purse, or from none. */
export interface LeaseGrant extends Purse { leaseId: string; bootId: string; reqSeq: number; grantedNano: string; /** Epoch ms after which nothing new may be reserved on it; absent = never. */ usableUntil?: number; /** Where a neighbour lent it: `leaseId` is then the id of the loan. */ loan?: LoanedFrom }

/** Whose slice a loan is a part of: the neighbour and the lease, by which the ledger knows what is spent. */
export interface LoanedFrom { lenderId: string; leaseId: string }

/** Why no slice was granted; `ledger.behind`: the database does not know that `closedLeaseId` is closed, so it was restored to an older state and has to be told first. */
export interface LeaseDenial { code: 'quota.spent' | 'quota.missing' | 'ledger.behind'; /** Epoch ms at which the tightest window starts anew. */ resetsAt?: number; subject: string }

/** How a lease stands on the node: `spentNano` is cumulative; `final` only when nothing is reserved on it any more. */
export interface LeaseState extends Purse { leaseId: string; bootId: string; reqSeq: number; grantedNano: string; spentNano: string; excessNano: string; final: boolean }

/**
 * All leases a node holds. `complete` allows the control plane to close what is missing (the orphan rule). Not when it
 * does not know that `closedLeaseId` is closed: its database was restored, and what is missing may have been spent before.
 * It then names no lease as closed either, so that the node's last one stays the one to ask about until it has told all.
 */
export interface LeaseReport { bootId: string; reqSeq: number; complete: boolean; leases: LeaseState[]; /** The lease of this node that was closed last with something spent. */ closedLeaseId?: string }
