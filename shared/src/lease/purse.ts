// Pure. What leases are granted from.

/** What a quota counts. */
export const quotaUnits = ['USD', 'TOKENS', 'REQUESTS'] as const;

/** One of the units in which a quota counts. */
export type QuotaUnit = (typeof quotaUnits)[number];

/** What a lease is a slice of: all budgets that bind one holder (a key, an upstream, a credential) in one unit. */
export interface Purse { holderId: string; unit: QuotaUnit }

/** A purse as one text. A holder's dollars are named by the holder alone, so that most requests need no new text. */
export function purseName(holderId: string, unit: QuotaUnit): string {
  return unit === 'USD' ? holderId : `${holderId} ${unit}`;
}

/** A purse as it is written: in the first form of the protocol every lease was of a key's dollars, and named the key alone. */
export interface WrittenPurse { holderId?: string | null | undefined; keyId?: string | null | undefined; unit?: QuotaUnit | null | undefined }

/** The purse in either form; undefined when it names no holder. */
export function readPurse({ holderId, keyId, unit }: WrittenPurse): Purse | undefined {
  const holder = holderId ?? keyId;
  return typeof holder === 'string' ? { holderId: holder, unit: unit ?? 'USD' } : undefined;
}
