import type { Credential, Upstream } from '@fairlead/prisma';
import { balanceState } from '../domain/balances/state.ts';
import type { BalanceState as BalanceStateName } from '../domain/balances/state.ts';
import { balanceSources, readBalanceSetting } from '../domain/balances/sources.ts';
import type { BalanceSetting } from '../domain/balances/sources.ts';
import { refreshNow } from '../domain/balances/refresh-now.ts';
import { setBalanceSource } from '../domain/balances/set.ts';
import { mayInspect } from '../domain/upstreams/reads.ts';
import { builder } from './builder.ts';
import { CredentialRef } from './credentials.ts';
import { payload, settle } from './errors.ts';
import { UpstreamRef } from './upstreams.ts';

const BalanceState = builder.enumType('BalanceState', {
  description: 'How far a balance may be believed.',
  values: { OK: { description: 'It was read lately.' }, STALE: { description: 'It was read once, and not lately.' }, ERROR: { description: 'It was never read, and the last try failed.' }, UNKNOWN: { description: 'Nobody has asked, or nothing says how.' } } satisfies Record<BalanceStateName, { description: string }>,
});
const BalanceSource = builder.enumType('BalanceSource', { description: 'Where a balance is read. JSON reads a path of one\'s own; the others are vendors\' own forms.', values: balanceSources });

const BalanceSettingRef = builder.objectRef<BalanceSetting>('BalanceSetting').implement({
  description: 'How the balances of an upstream\'s accounts are read.',
  fields: (t) => ({
    source: t.expose('source', { type: BalanceSource, description: 'In which form.' }),
    everyMinutes: t.exposeInt('everyMinutes', { description: 'How often.' }),
    path: t.string({ nullable: true, description: 'For JSON: the path behind the upstream\'s address.', resolve: ({ read }) => read?.path ?? null }),
    left: t.string({ nullable: true, description: 'For JSON: where to find what is left.', resolve: ({ read }) => read?.left ?? null }),
    limit: t.string({ nullable: true, description: 'For JSON: where to find the whole.', resolve: ({ read }) => read?.limit ?? null }),
    used: t.string({ nullable: true, description: 'For JSON: where to find what is used.', resolve: ({ read }) => read?.used ?? null }),
    resetsAt: t.string({ nullable: true, description: 'For JSON: where to find when it is filled again.', resolve: ({ read }) => read?.resetsAt ?? null }),
    unit: t.string({ nullable: true, description: 'For JSON: a currency, or TOKENS, REQUESTS, PERCENT.', resolve: ({ unit }) => unit ?? null }),
  }),
});

builder.prismaObjectField(UpstreamRef, 'balanceSetting', (t) => t.field({
  type: BalanceSettingRef, nullable: true, description: 'How its accounts\' balances are read; null when they are not, or when it is not the viewer\'s.',
  select: { tenantId: true, balance: true }, resolve: (row, _, { actor }) => (mayInspect(actor, row) ? (readBalanceSetting(row.balance) ?? null) : null),
}));

interface Balance { state: BalanceStateName; left: string | null; limit: string | null; unit: string | null; resetsAt: Date | null; readAt: Date | null; triedAt: Date | null; problem: string | null }
const BalanceRef = builder.objectRef<Balance>('VendorBalance').implement({
  description: 'What the vendor\'s account behind a secret holds. What is not known is null, never 0.',
  fields: (t) => ({
    state: t.expose('state', { type: BalanceState, description: 'How far it may be believed.' }),
    left: t.expose('left', { type: 'Decimal', nullable: true, description: 'What is left, as it was read last.' }),
    limit: t.expose('limit', { type: 'Decimal', nullable: true, description: 'Of how much, where the vendor says.' }),
    unit: t.exposeString('unit', { nullable: true, description: 'A currency such as USD, or TOKENS, REQUESTS, PERCENT.' }),
    resetsAt: t.expose('resetsAt', { type: 'DateTime', nullable: true, description: 'When it is filled again, where the vendor says.' }),
    readAt: t.expose('readAt', { type: 'DateTime', nullable: true, description: 'When it was read last.' }),
    triedAt: t.expose('triedAt', { type: 'DateTime', nullable: true, description: 'When it was tried last.' }),
    problem: t.exposeString('problem', { nullable: true, description: 'Why the last try brought nothing.' }),
  }),
});

builder.prismaObjectField(CredentialRef, 'balance', (t) => t.field({
  type: BalanceRef, description: 'What its account holds.', select: { balance: true, upstream: { select: { balance: true } } },
  resolve: ({ balance: row, upstream }, _, { domain }) => ({
    state: balanceState(row, readBalanceSetting(upstream.balance), domain.clock.now()),
    left: row?.left ?? null, limit: row?.limit ?? null, unit: row?.unit ?? null, resetsAt: row?.resetsAt ?? null, readAt: row?.readAt ?? null, triedAt: row?.triedAt ?? null, problem: row?.problem ?? null,
  }),
}));

const UpstreamBalanceSetInput = builder.inputType('UpstreamBalanceSetInput', {
  description: 'How balances are read from now on.',
  fields: (t) => ({
    upstreamId: t.id({ required: true, description: 'Whose accounts.' }),
    source: t.field({ type: BalanceSource, description: 'In which form; null = they are not read.' }),
    everyMinutes: t.int({ description: 'How often, 1 to 1440; 15 when left out.' }),
    path: t.string({ description: 'For JSON: a path behind the upstream\'s address, such as "/v1/balance".' }),
    left: t.string({ description: 'For JSON: a JSONPath to what is left, such as "$.data.balance".' }),
    limit: t.string({ description: 'For JSON: a JSONPath to the whole.' }),
    used: t.string({ description: 'For JSON: a JSONPath to what is used; with the limit it stands for what is left.' }),
    resetsAt: t.string({ description: 'For JSON: a JSONPath to when it is filled again.' }),
    unit: t.string({ description: 'For JSON: a currency, or TOKENS, REQUESTS, PERCENT.' }),
  }),
});
const UpstreamBalanceSetPayload = payload<Upstream>('UpstreamBalanceSetPayload', 'The upstream as it is now.', (t) => ({ upstream: t.field({ type: UpstreamRef, nullable: true, description: 'The upstream.', resolve: ({ value }) => value }) }));
const CredentialBalanceRefreshInput = builder.inputType('CredentialBalanceRefreshInput', { description: 'Which account.', fields: (t) => ({ credentialId: t.id({ required: true, description: 'The secret whose account is read.' }) }) });
const CredentialBalanceRefreshPayload = payload<Credential>('CredentialBalanceRefreshPayload', 'The credential with what was read.', (t) => ({ credential: t.field({ type: CredentialRef, nullable: true, description: 'The credential.', resolve: ({ value }) => value }) }));

builder.mutationFields((t) => ({
  upstreamBalanceSet: t.field({
    type: UpstreamBalanceSetPayload, description: 'Says how the balances of an upstream\'s accounts are read, or that they are not.',
    args: { input: t.arg({ type: UpstreamBalanceSetInput, required: true, description: 'How.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await setBalanceSource(domain, actor, input)),
  }),
  credentialBalanceRefresh: t.field({
    type: CredentialBalanceRefreshPayload, complexity: 100, description: 'Reads an account\'s balance now.',
    args: { input: t.arg({ type: CredentialBalanceRefreshInput, required: true, description: 'Which one.' }) },
    resolve: async (_, { input }, { domain, actor, signal }) => settle(await refreshNow(domain, actor, input.credentialId, signal)),
  }),
}));
