// Pure. How far a balance may be believed.
import type { VendorBalance } from '@fairlead/prisma';
import type { SnapshotBalance } from '@fairlead/shared/snapshot/snapshot.ts';
import { roughly } from './decimal.ts';
import type { BalanceSetting } from './sources.ts';

/** OK: read lately. STALE: once read, not lately. ERROR: never read, and the last try failed. UNKNOWN: nobody has asked. */
export type BalanceState = 'OK' | 'STALE' | 'ERROR' | 'UNKNOWN';

/** Of so many reads in a row, each may fail before a balance is stale. */
const missedMost = 3;

/** The state of what was read, at this time. */
export function balanceState(row: Pick<VendorBalance, 'left' | 'readAt' | 'problem'> | null, setting: Pick<BalanceSetting, 'everyMinutes'> | undefined, nowMs: number): BalanceState {
  if (!row || !setting) return 'UNKNOWN';
  if (row.left === null || row.readAt === null) return row.problem === null ? 'UNKNOWN' : 'ERROR';
  return nowMs - row.readAt.getTime() <= missedMost * setting.everyMinutes * 60_000 ? 'OK' : 'STALE';
}

/** What nodes are told of it: roughly, and only what may be believed. */
export function toldBalance(row: Pick<VendorBalance, 'left' | 'limit' | 'unit' | 'resetsAt' | 'readAt' | 'problem'> | null, setting: Pick<BalanceSetting, 'everyMinutes'> | undefined, nowMs: number): SnapshotBalance | undefined {
  if (!row || row.left === null || row.unit === null || balanceState(row, setting, nowMs) !== 'OK') return undefined;
  return { left: roughly(row.left), unit: row.unit, ...(row.resetsAt === null ? {} : { resetsAt: row.resetsAt.getTime() }) };
}
