// Pure. The accounts of a tenant, and which of them a movement of money touches. What is posted adds up to zero, always.

/** Every account. What is owed to somebody is more than zero, what somebody owes is less. */
export const accounts = ['TENANT', 'POOL', 'WALLET', 'UPSTREAM', 'EXCESS', 'PAYMENTS', 'GRANTS', 'SHARES', 'REFUNDS', 'ADJUSTMENTS', 'TRANSFERS'] as const;

/** One of them. */
export type Account = (typeof accounts)[number];

/** Which account pays for a charge. */
export type Payer = 'TENANT' | 'POOL' | 'WALLET';

/** The kinds of entries that are rows of their own; charges are usage events. */
export const movementKinds = ['ADJUSTMENT', 'REFUND', 'GRANT', 'TOP_UP', 'TRANSFER', 'SHARE'] as const;

/** One of them. */
export type MovementKind = (typeof movementKinds)[number];

/** One line of an entry. */
export interface Posting { tenantId: string; account: Account; amountNano: bigint }

/** What a charge posts: who pays loses what was settled, the excess account what was charged beyond, and the upstream is owed both. */
export function chargePostings(tenantId: string, payer: Payer, costNano: bigint, excessNano: bigint): Posting[] {
  return [
    { tenantId, account: payer, amountNano: -costNano },
    { tenantId, account: 'EXCESS', amountNano: -excessNano },
    { tenantId, account: 'UPSTREAM', amountNano: costNano + excessNano },
  ];
}

const counterOf: Record<MovementKind, Account> = { TOP_UP: 'PAYMENTS', GRANT: 'GRANTS', SHARE: 'SHARES', REFUND: 'REFUNDS', ADJUSTMENT: 'ADJUSTMENTS', TRANSFER: 'TRANSFERS' };

/** What any other entry posts: the wallet gains (or loses) what another account of the tenant gives. */
export function movementPostings(tenantId: string, kind: MovementKind, amountNano: bigint): Posting[] {
  return [{ tenantId, account: 'WALLET', amountNano }, { tenantId, account: counterOf[kind], amountNano: -amountNano }];
}

/** The payer in a stored column. */
export function payerOf(stored: string): Payer {
  return stored === 'POOL' || stored === 'WALLET' ? stored : 'TENANT';
}
