// Pure. What the control plane decides about leases: who may have a slice, what a report means, when a slice leaves escrow.

/** What is in a budget. */
export interface LedgerBudget { limitNano: bigint; spentNano: bigint; escrowNano: bigint }

/** A lease as the ledger keeps it. `spentNano` is cumulative, as reported. */
export interface LedgerLease { nodeId: string; bootId: string; reqSeq: number; grantedNano: bigint; spentNano: bigint; excessNano: bigint; open: boolean; createdAtMs: number }

/** What a node says of one lease. */
export interface ToldLease { bootId: string; reqSeq: number; grantedNano: bigint; spentNano: bigint; excessNano: bigint; final: boolean }

/** What a node's word comes to: another's lease is left alone; an open one is raised; a closed one may have cost more; an unknown one is taken back. */
export type Verdict =
  | { is: 'foreign' }
  | { is: 'raise'; spentNano: bigint; excessNano: bigint }
  | { is: 'late'; moreNano: bigint }
  | { is: 'adopt'; lease: LedgerLease };

/** How a lease can end. */
export type ClosedBy = 'FINAL' | 'ORPHAN' | 'WRITE_OFF';

/** A list of all leases that a node holds, as far as it concerns those it leaves out. `heardBootId` is the start of the node that was heard last. */
export interface CompleteList { bootId: string; reqSeq: number; heardBootId: string; nowMs: number }

/** A signed message is refused five minutes either side of its time: none can be under way for longer than this. */
const underWayMs = 600_000;

/** The decisions that keep a budget; the database and the simulation both act on these. */
export const ledgerRules = {
  /** Whether a budget still holds, with the slice in it that is being granted. */
  holds: ({ limitNano, spentNano, escrowNano }: LedgerBudget): boolean => spentNano + escrowNano <= limitNano,

  /** What a node may hold at once: what it wants, but not more than its share of what the tightest budget has left, and not less than it needs. */
  sizeOf(budgets: Iterable<LedgerBudget>, needNano: bigint, wantNano: bigint, liveNodes: number): bigint {
    let size = wantNano;
    for (const { limitNano, spentNano, escrowNano } of budgets) {
      const share = (limitNano - spentNano - escrowNano) / (2n * BigInt(Math.max(liveNodes, 1)));
      if (share < size) size = share;
    }
    return size > needNano ? size : needNano;
  },

  /** What is spent only ever rises, so messages may come twice and out of order. Nobody can spend more than was granted: what is above is excess. */
  judge(row: LedgerLease | undefined, nodeId: string, told: ToldLease, nowMs: number): Verdict {
    if (!row) {
      // The database lost it, as after a restore. The node's word holds the escrow, with the identity it was granted under.
      const { bootId, reqSeq, grantedNano } = told;
      return { is: 'adopt', lease: { nodeId, bootId, reqSeq, grantedNano, ...within(told, grantedNano), open: true, createdAtMs: nowMs } };
    }
    if (row.nodeId !== nodeId) return { is: 'foreign' };
    const { spentNano, excessNano } = within(told, row.grantedNano);
    if (row.open) return { is: 'raise', spentNano: most(row.spentNano, spentNano), excessNano: most(row.excessNano, excessNano) };
    // Its slice is gone: what it turns out to have cost beyond what it was closed with is excess.
    return { is: 'late', moreNano: most(spentNano + excessNano - row.spentNano - row.excessNano, 0n) };
  },

  /**
   * Whether a lease that a complete list leaves out can never be spent from. One that is not older than the list may
   * have been granted while the list was on its way. Ids of boots follow the node's clock, which may be set back: so a
   * list counts for other boots only while its own is the one last heard, and for a boot with a later id only when the
   * lease is older than any list that could still be under way.
   */
  isOrphan(row: Pick<LedgerLease, 'bootId' | 'reqSeq' | 'createdAtMs'>, list: CompleteList): boolean {
    if (row.bootId === list.bootId) return row.reqSeq < list.reqSeq;
    return list.heardBootId === list.bootId && (row.bootId < list.bootId || row.createdAtMs < list.nowMs - underWayMs);
  },

  /**
   * What a lease that ends leaves in its budgets, or nothing when it may not end. Spending that was reported once cannot
   * become none, so such a lease is no orphan; what is written off counts as spent, for it may have been.
   */
  closing(row: Pick<LedgerLease, 'open' | 'grantedNano' | 'spentNano' | 'excessNano'>, by: ClosedBy): { spentNano: bigint; excessNano: bigint } | undefined {
    if (!row.open || (by === 'ORPHAN' && (row.spentNano > 0n || row.excessNano > 0n))) return undefined;
    return { spentNano: by === 'WRITE_OFF' ? row.grantedNano : row.spentNano, excessNano: row.excessNano };
  },
};

/** The decisions of the ledger; the simulation takes one away at a time. */
export type LedgerRules = typeof ledgerRules;

function within(told: ToldLease, grantedNano: bigint): { spentNano: bigint; excessNano: bigint } {
  return told.spentNano > grantedNano ? { spentNano: grantedNano, excessNano: told.spentNano + told.excessNano - grantedNano } : { spentNano: told.spentNano, excessNano: told.excessNano };
}

function most(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
