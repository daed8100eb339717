import type { LedgerEntry } from '@fairlead/prisma';
import { movementKinds } from '../domain/billing/accounts.ts';
import { builder } from './builder.ts';
import { Money } from './shapes.ts';

/** The kinds of entries of the ledger. */
export const LedgerEntryKind = builder.enumType('LedgerEntryKind', {
  description: 'What kind of entry it is.',
  values: {
    CHARGE: { description: 'What a call to an upstream cost.' }, ADJUSTMENT: { description: 'Set right by an operator.' }, REFUND: { description: 'A charge that was given back.' }, GRANT: { description: 'Given by an operator.' },
    TOP_UP: { description: 'Paid in.' }, TRANSFER: { description: 'From one wallet to another.' }, SHARE: { description: 'A share of something.' },
  },
});

/** The kind in a stored column. */
export const entryKindOf = (stored: string) => movementKinds.find((kind) => kind === stored) ?? 'CHARGE';

/** A movement of money. */
export const LedgerEntryRef = builder.objectRef<LedgerEntry>('LedgerEntry').implement({
  description: 'A movement of money that no usage tells of. It is never changed.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id.' }),
    kind: t.field({ type: LedgerEntryKind, description: 'What kind it is.', resolve: (row) => entryKindOf(row.kind) }),
    tenantId: t.exposeID('tenantId', { description: 'Whose.' }),
    amount: t.field({ type: Money, description: 'What the wallet gains; less than zero when it loses.', resolve: (row) => row.amountNano }),
    reference: t.exposeString('reference', { description: 'The reference it was made with.' }),
    note: t.exposeString('note', { nullable: true, description: 'Why.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When.' }),
  }),
});
