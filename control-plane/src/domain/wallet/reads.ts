import type { Domain } from '../domain.ts';

/** How a wallet stands. What nodes hold is not spent yet, and cannot be spent by anyone else. */
export interface WalletState { tenantId: string; balanceNano: bigint; paidInNano: bigint; spentNano: bigint; heldNano: bigint; leftNano: bigint; lowNano: bigint | null; low: boolean }

/** How a tenant's wallet stands; empty when nothing was ever paid in. */
export async function readWallet(domain: Domain, tenantId: string): Promise<WalletState> {
  const { client } = domain.db;
  const [wallet, quota, balance] = await Promise.all([
    client.wallet.findUnique({ where: { tenantId } }),
    client.quota.findFirst({ where: { subjectKind: 'WALLET', subjectId: tenantId }, include: { budgets: true } }),
    client.accountBalance.findUnique({ where: { tenantId_account: { tenantId, account: 'WALLET' } } }),
  ]);
  const budget = quota?.budgets[0];
  const paidInNano = quota?.limitNano ?? 0n;
  const left = paidInNano - (budget?.spentNano ?? 0n) - (budget?.escrowNano ?? 0n);
  return { tenantId, balanceNano: balance?.balanceNano ?? 0n, paidInNano, spentNano: budget?.spentNano ?? 0n, heldNano: budget?.escrowNano ?? 0n, leftNano: left > 0n ? left : 0n, lowNano: wallet?.lowNano ?? null, low: wallet?.low ?? false };
}
