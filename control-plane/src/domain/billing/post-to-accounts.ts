import type { PortableSql, Tx } from '@fairlead/prisma';
import type { Posting } from './accounts.ts';

/** Adds postings to the balances of their accounts, in the transaction that writes what they are of. */
export function postToAccounts(tx: Tx, portable: PortableSql, postings: readonly Posting[]): Promise<void> {
  return portable.upsertAdd(tx, { table: 'account_balance', keys: ['tenant_id', 'account'], add: ['balance_nano'], from: postings.filter((one) => one.amountNano !== 0n).map((one) => [one.tenantId, one.account, one.amountNano]) });
}
