import type { LedgerEntry } from '@fairlead/prisma';
import { adjustWallet, creditWallet, refundCharge, setWallet, transferWallet } from '../domain/wallet/commands.ts';
import { readWallet } from '../domain/wallet/reads.ts';
import type { WalletState } from '../domain/wallet/reads.ts';
import { builder } from './builder.ts';
import { payload, settle } from './errors.ts';
import { LedgerEntryRef } from './ledger-entry.ts';
import { Money } from './shapes.ts';

/** How a wallet stands. */
export const WalletRef = builder.objectRef<WalletState>('Wallet').implement({
  description: 'A tenant\'s own credit. Keys with funding WALLET spend it, never more than is in it.',
  fields: (t) => ({
    tenantId: t.exposeID('tenantId', { description: 'Whose.' }),
    balance: t.field({ type: Money, description: 'What is on it by the books: paid in, less the charges that nodes have reported.', resolve: (row) => row.balanceNano }),
    paidIn: t.field({ type: Money, description: 'All movements into it, less those out of it.', resolve: (row) => row.paidInNano }),
    spent: t.field({ type: Money, description: 'What nodes have settled against it.', resolve: (row) => row.spentNano }),
    held: t.field({ type: Money, description: 'What nodes hold at the moment.', resolve: (row) => row.heldNano }),
    left: t.field({ type: Money, description: 'What can still be given to nodes or taken out.', resolve: (row) => row.leftNano }),
    lowBelow: t.field({ type: Money, nullable: true, description: 'Below this balance it is told, once each time, in the audit as "wallet.low"; null = never.', resolve: (row) => row.lowNano }),
    low: t.exposeBoolean('low', { description: 'Whether the balance has fallen below that.' }),
  }),
});

const CreditKindEnum = builder.enumType('WalletCreditKind', { description: 'Where credit comes from.', values: { TOP_UP: { description: 'It was paid in.' }, GRANT: { description: 'An operator gives it.' }, SHARE: { description: 'A share that an operator passes on.' } } });
const reference = 'Moves money once: the same movement with the same reference again answers with the first entry.';

const entryPayload = (name: string) => payload<LedgerEntry>(`${name}Payload`, `What ${name[0]?.toLowerCase()}${name.slice(1)} answers.`, (t) => ({
  entry: t.field({ type: LedgerEntryRef, nullable: true, description: 'The entry.', resolve: ({ value }) => value }),
  wallet: t.field({ type: WalletRef, nullable: true, description: 'The wallet as it is now.', resolve: ({ value }, _, { domain }) => (value ? readWallet(domain, value.tenantId) : null) }),
}));
const WalletCreditPayload = entryPayload('WalletCredit');
const WalletRefundPayload = entryPayload('WalletRefund');
const WalletAdjustPayload = entryPayload('WalletAdjust');
const WalletTransferPayload = payload<LedgerEntry[]>('WalletTransferPayload', 'What walletTransfer answers.', (t) => ({ entries: t.field({ type: [LedgerEntryRef], description: 'What went out, and what came in; empty when it was refused.', resolve: ({ value }) => value ?? [] }) }));
const WalletUpdatePayload = payload<{ tenantId: string }>('WalletUpdatePayload', 'What walletUpdate answers.', (t) => ({ wallet: t.field({ type: WalletRef, nullable: true, description: 'The wallet as it is now.', resolve: ({ value }, _, { domain }) => (value ? readWallet(domain, value.tenantId) : null) }) }));

const WalletCreditInput = builder.inputType('WalletCreditInput', {
  description: 'Money for a wallet.',
  fields: (t) => ({
    tenantId: t.id({ description: 'Whose wallet (operators); the viewer\'s when left out.' }), amount: t.field({ type: 'Decimal', required: true, description: 'Dollars.' }), kind: t.field({ type: CreditKindEnum, description: 'Where it comes from; TOP_UP when left out. The others are the operators\'.' }),
    reference: t.string({ required: true, description: reference }), note: t.string({ description: 'Why.' }),
  }),
});
const WalletTransferInput = builder.inputType('WalletTransferInput', {
  description: 'Money from one wallet to another.',
  fields: (t) => ({
    fromTenantId: t.id({ required: true, description: 'Whose wallet loses it.' }), toTenantId: t.id({ required: true, description: 'Whose wallet gains it.' }), amount: t.field({ type: 'Decimal', required: true, description: 'Dollars.' }),
    reference: t.string({ required: true, description: reference }), note: t.string({ description: 'Why.' }),
  }),
});
const WalletRefundInput = builder.inputType('WalletRefundInput', {
  description: 'A charge to give back.',
  fields: (t) => ({
    chargeId: t.id({ required: true, description: 'Which charge.' }), amount: t.field({ type: 'Decimal', description: 'Dollars; the whole charge when left out. All refunds of a charge together are never more than it was.' }),
    reference: t.string({ required: true, description: reference }), note: t.string({ description: 'Why.' }),
  }),
});
const WalletAdjustInput = builder.inputType('WalletAdjustInput', {
  description: 'A wallet to set right.',
  fields: (t) => ({
    tenantId: t.id({ required: true, description: 'Whose wallet.' }), amount: t.field({ type: 'Decimal', required: true, description: 'Dollars; with "-" in front to take some out, never more than is neither spent nor held.' }),
    reference: t.string({ required: true, description: reference }), note: t.string({ required: true, description: 'Why.' }),
  }),
});
const WalletUpdateInput = builder.inputType('WalletUpdateInput', {
  description: 'When to tell that a wallet is low.',
  fields: (t) => ({ tenantId: t.id({ description: 'Whose wallet (operators); the viewer\'s when left out.' }), lowBelow: t.field({ type: 'Decimal', description: 'Below how many dollars; null = never.' }) }),
});

builder.mutationFields((t) => ({
  walletCredit: t.field({
    type: WalletCreditPayload, description: 'Puts money into a wallet.', args: { input: t.arg({ type: WalletCreditInput, required: true, description: 'What.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await creditWallet(domain, actor, input)),
  }),
  walletTransfer: t.field({
    type: WalletTransferPayload, description: 'Moves money from one wallet to another (operators).', args: { input: t.arg({ type: WalletTransferInput, required: true, description: 'What.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await transferWallet(domain, actor, input)),
  }),
  walletRefund: t.field({
    type: WalletRefundPayload, description: 'Gives a charge back into the wallet of who paid (operators).', args: { input: t.arg({ type: WalletRefundInput, required: true, description: 'What.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await refundCharge(domain, actor, input)),
  }),
  walletAdjust: t.field({
    type: WalletAdjustPayload, description: 'Sets a wallet right, up or down (operators).', args: { input: t.arg({ type: WalletAdjustInput, required: true, description: 'What.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await adjustWallet(domain, actor, input)),
  }),
  walletUpdate: t.field({
    type: WalletUpdatePayload, description: 'Sets when to tell that a wallet is low.', args: { input: t.arg({ type: WalletUpdateInput, required: true, description: 'When.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await setWallet(domain, actor, input)),
  }),
}));
