import type { PortableSql, SqlValue, Tx } from '@fairlead/prisma';

/** What is added to one hour of a cost centre. */
export interface HourAmounts { centreId: string; hour: Date; amounts: readonly SqlValue[] }

const dayMs = 86_400_000;

/** Adds amounts to the hours of cost centres and to the days that these are in, in the transaction that writes what they are of. */
export async function addToTimes(tx: Tx, portable: PortableSql, columns: readonly string[], hours: readonly HourAmounts[]): Promise<void> {
  await portable.upsertAdd(tx, { table: 'cost_hour', keys: ['centre_id', 'hour'], add: columns, from: hours.map(({ centreId, hour, amounts }) => [centreId, hour, ...amounts]) });
  await portable.upsertAdd(tx, { table: 'cost_day', keys: ['centre_id', 'day'], add: columns, from: hours.map(({ centreId, hour, amounts }) => [centreId, dayOf(hour), ...amounts]) });
}

/** The day of UTC that an instant is in. Pure. */
export function dayOf(at: Date): Date {
  return new Date(Math.floor(at.getTime() / dayMs) * dayMs);
}
