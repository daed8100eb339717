// Pure. What node and control plane say to each other about slices of a budget. Amounts are decimal strings of nano-USD.

/** A node's wish for money on one key. `needNano` is what the request at hand reserves, `wantNano` what it would like to hold. */
export interface LeaseAsk { bootId: string; reqSeq: number; keyId: string; needNano: string; wantNano: string }

/** A slice granted by one conditional UPDATE for every budget that binds the key. */
export interface LeaseGrant { leaseId: string; keyId: string; bootId: string; reqSeq: number; grantedNano: string; /** Epoch ms after which nothing new may be reserved on it; absent = never. */ usableUntil?: number }

/** Why no slice was granted. */
export interface LeaseDenial { code: 'quota.spent' | 'quota.missing'; /** Epoch ms at which the tightest window starts anew. */ resetsAt?: number; subject: string }

/** How a lease stands on the node: `spentNano` is cumulative; `final` only when nothing is reserved on it any more. */
export interface LeaseState { leaseId: string; keyId: string; bootId: string; reqSeq: number; grantedNano: string; spentNano: string; excessNano: string; final: boolean }

/** All leases a node holds. `complete` allows the control plane to close what is missing (the orphan rule). */
export interface LeaseReport { bootId: string; reqSeq: number; complete: boolean; leases: LeaseState[] }
