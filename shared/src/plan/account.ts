// Pure. Order by what vendors' accounts hold.
import type { SnapshotBalance, SnapshotUpstream } from '../snapshot/snapshot.ts';

// What is not known is neither rich nor empty, and amounts of two currencies cannot be compared.
const unknown = 0;
const empty = Infinity;

/**
 * ACCOUNT_LEFT: the account with the most dollars left first. ACCOUNT_RESET: the one that is filled again soonest,
 * so that nothing lapses. Accounts that are empty come last, unknown ones and those in other units before them.
 */
export function accountOf(upstream: SnapshotUpstream, by: 'ACCOUNT_LEFT' | 'ACCOUNT_RESET', nowMs: number): { measure: number; said: string } {
  let best: { measure: number; said: string } | undefined;
  for (const { balance } of upstream.credentials) {
    const one = measured(balance, by, nowMs);
    if (!best || one.measure < best.measure) best = one;
  }
  return best ?? { measure: unknown, said: 'its balance is not known' };
}

/** Whether an account is known to hold nothing, and is not filled again yet. */
export function isEmpty(balance: SnapshotBalance | undefined, nowMs: number): boolean {
  return balance !== undefined && Number(balance.left) <= 0 && (balance.resetsAt === undefined || balance.resetsAt > nowMs);
}

function measured(balance: SnapshotBalance | undefined, by: 'ACCOUNT_LEFT' | 'ACCOUNT_RESET', nowMs: number): { measure: number; said: string } {
  // What was read before the account was filled again says nothing any more.
  if (balance === undefined || (balance.resetsAt !== undefined && balance.resetsAt <= nowMs)) return { measure: unknown, said: 'its balance is not known' };
  const said = `${balance.left} ${balance.unit} left`;
  if (isEmpty(balance, nowMs)) return { measure: empty, said };
  if (by === 'ACCOUNT_LEFT') return { measure: balance.unit === 'USD' ? -Number(balance.left) : unknown, said };
  // The sooner, the further below what is not known.
  if (balance.resetsAt === undefined) return { measure: unknown, said };
  return { measure: -1 / (balance.resetsAt - nowMs), said: `${said} until ${new Date(balance.resetsAt).toISOString()}` };
}
