// What was spent in the last five hours, in parts of five minutes: each part counts until all of it is older.
import type { Budget, Quota, Tx } from '@fairlead/prisma';
import { sql } from '@fairlead/prisma';
import { rollingMs } from '@fairlead/shared/time/window.ts';
import type { Domain } from '../domain.ts';

const partMs = 300_000;

/** What was settled within five minutes. */
export interface SpentPart { startsAt: Date; spentNano: bigint }

/** Whether a quota's window rolls. Pure. */
export function isRolling(quota: Pick<Quota, 'window'>): boolean {
  return quota.window === 'FIVE_HOURS_ROLLING';
}

/** Parts that began later than this still count. Pure. */
export function countsSince(nowMs: number): Date {
  return new Date(nowMs - rollingMs - partMs);
}

/** What is spent in the window that ends now. Pure. */
export function rollingSpent(parts: readonly SpentPart[], nowMs: number): bigint {
  const since = countsSince(nowMs).getTime();
  return parts.reduce((sum, part) => (part.startsAt.getTime() > since ? sum + part.spentNano : sum), 0n);
}

/** When so much of a rolling window is old enough that `needNano` more fits; nothing when it never will. Pure. */
export function freesAt(parts: readonly SpentPart[], roomNano: bigint, needNano: bigint): number | undefined {
  let room = roomNano;
  for (const part of [...parts].sort((a, b) => a.startsAt.getTime() - b.startsAt.getTime())) {
    room += part.spentNano;
    if (room >= needNano) return part.startsAt.getTime() + partMs + rollingMs;
  }
  return undefined;
}

/** Adds to the part that holds this moment; the budget's row is held by whoever calls. */
export async function addPart(domain: Domain, tx: Tx, budgetId: string, spentNano: bigint): Promise<void> {
  if (spentNano === 0n) return;
  const startsAt = new Date(Math.floor(domain.clock.now() / partMs) * partMs);
  await sql(domain.db.provider).upsertAdd(tx, { table: 'budget_part', keys: ['budget_id', 'starts_at'], add: ['spent_nano'], from: [[budgetId, startsAt, spentNano]] });
}

/** Lets what is too old go, in the transaction that holds the budget's row; returns the parts that count. */
export async function forgetOldParts(tx: Tx, budget: Budget, nowMs: number): Promise<SpentPart[]> {
  await tx.budgetPart.deleteMany({ where: { budgetId: budget.id, startsAt: { lte: countsSince(nowMs) } } });
  const parts = await tx.budgetPart.findMany({ where: { budgetId: budget.id }, select: { startsAt: true, spentNano: true } });
  const spentNano = rollingSpent(parts, nowMs);
  if (spentNano !== budget.spentNano) await tx.budget.update({ where: { id: budget.id }, data: { spentNano } });
  return parts;
}
