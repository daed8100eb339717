// What nodes call, with signed requests. The operations are in shared/node-api/operations.ts.
import { enrollNode } from '../domain/nodes/enroll.ts';
import type { Enrolled } from '../domain/nodes/enroll.ts';
import { hearHeartbeat } from '../domain/nodes/heartbeat.ts';
import type { Heard } from '../domain/nodes/heartbeat.ts';
import { reportLeases } from '../ingest/lease-report.ts';
import { requestLease } from '../ingest/leases.ts';
import type { LeaseAnswer } from '../ingest/leases.ts';
import { reportTraces } from '../ingest/traces.ts';
import { acceptUsage } from '../ingest/accept.ts';
import type { Accepted } from '../ingest/accept.ts';
import { builder } from './builder.ts';
import { payload, settle } from './errors.ts';
import { QuotaUnit } from './shapes.ts';

const NodeEnrollInput = builder.inputType('NodeEnrollInput', {
  description: 'A node that wants to join, with its public keys.',
  fields: (t) => ({
    tokenId: t.string({ required: true, description: 'The id in the node token.' }),
    nonce: t.string({ required: true, description: 'A fresh random text.' }),
    name: t.string({ required: true, description: 'What to call the node.' }),
    signPublicKey: t.string({ required: true, description: 'Its Ed25519 public key, base64url.' }), sealPublicKey: t.string({ required: true, description: 'Its X25519 public key, SPKI PEM.' }),
    runtime: t.string({ required: true, description: 'What it runs on.' }),
    build: t.string({ required: true, description: 'Its build.' }),
    proof: t.string({ required: true, description: 'That it holds the token\'s secret.' }),
  }),
});
const NodeEnrollPayload = payload<Enrolled>('NodeEnrollPayload', 'What nodeEnroll answers.', (t) => ({
  nodeId: t.id({ nullable: true, description: 'Who the node is from now on.', resolve: ({ value }) => value?.node.id ?? null }),
  fleet: t.string({ nullable: true, description: 'Which fleet it joined.', resolve: ({ value }) => value?.fleet ?? null }),
  region: t.string({ nullable: true, description: 'Where it is.', resolve: ({ value }) => value?.node.region ?? null }),
  proof: t.string({ nullable: true, description: 'That the control plane knows the token\'s secret.', resolve: ({ value }) => value?.proof ?? null }),
}));

const NodeNackInput = builder.inputType('NodeNackInput', {
  description: 'A revision the node refused.',
  fields: (t) => ({
    revision: t.int({ required: true, description: 'Which one.' }),
    stage: t.string({ required: true, description: 'While doing what.' }),
    code: t.string({ required: true, description: 'Why, for programs.' }),
    message: t.string({ required: true, description: 'Why, for people.' }),
    path: t.string({ description: 'Where in it.' }),
  }),
});
const NodeSpoolInput = builder.inputType('NodeSpoolInput', {
  description: 'What the node has not reported yet.',
  fields: (t) => ({
    events: t.int({ required: true, description: 'How many usage events.' }),
    bytes: t.field({ type: 'Long', required: true, description: 'How many bytes.' }),
    oldestMs: t.field({ type: 'Long', required: true, description: 'How old the oldest is.' }),
    refusing: t.boolean({ required: true, description: 'Whether it takes no paid work because the spool is full.' }),
  }),
});
const NodeHeartbeatInput = builder.inputType('NodeHeartbeatInput', {
  description: 'How a node is.',
  fields: (t) => ({
    bootId: t.string({ required: true, description: 'Which start of it.' }),
    appliedRevision: t.int({ required: true, description: 'The revision it works with.' }),
    secretEpoch: t.int({ required: true, description: 'Which group key it holds; 0 = none.' }),
    runtime: t.string({ required: true, description: 'What it runs on.' }),
    build: t.string({ required: true, description: 'Its build.' }),
    nack: t.field({ type: NodeNackInput, description: 'A revision it refused.' }),
    spool: t.field({ type: NodeSpoolInput, required: true, description: 'What it has not reported yet.' }),
    health: t.field({ type: 'JSON', description: 'How well upstreams do as it sees them: upstreams and credentials, at most 500 rows of each.' }),
    closedLeaseId: t.id({ description: 'The lease that was closed last with something spent.' }),
    borrowerIds: t.idList({ description: 'Nodes that it has lent parts of its leases to, at most 1000.' }),
  }),
});
const NodeHeartbeatPayload = payload<Heard>('NodeHeartbeatPayload', 'What nodeHeartbeat answers.', (t) => ({
  serverTime: t.field({ type: 'DateTime', nullable: true, description: 'The control plane\'s clock.', resolve: ({ value }) => value?.serverTime ?? null }),
  revision: t.int({ nullable: true, description: 'The newest revision.', resolve: ({ value }) => value?.revision ?? null }),
  keyring: t.string({ nullable: true, description: 'The group key sealed to this node, as a signed base64 envelope, when it holds another one.', resolve: ({ value }) => value?.keyring ?? null }),
  closedLeaseKnown: t.boolean({ nullable: true, description: 'Whether the lease named in the input is known to be closed; if not, this database was restored, and the node tells of its closed leases anew.', resolve: ({ value }) => value?.closedLeaseKnown ?? null }),
  shutOut: t.idList({ nullable: true, description: 'Those of the borrowers named in the input that were shut out: what they have counts as spent.', resolve: ({ value }) => value?.shutOut ?? null }),
}));

const LeaseRequestInput = builder.inputType('LeaseRequestInput', {
  description: 'A wish for a slice of one purse. Amounts are whole numbers as text: nano-dollars, tokens or requests.',
  fields: (t) => ({
    bootId: t.string({ required: true, description: 'Which start of the node.' }),
    reqSeq: t.int({ required: true, description: 'Rises with every new wish; a repeated one gets the same answer.' }),
    holderId: t.id({ description: 'For which key, upstream or credential.' }),
    keyId: t.id({ description: 'The holder, as nodes name it that know only keys.' }),
    unit: t.field({ type: QuotaUnit, description: 'In which unit; USD when left out.' }),
    needNano: t.string({ required: true, description: 'What the request at hand needs.' }), wantNano: t.string({ required: true, description: 'What the node would like to hold.' }),
    closedLeaseId: t.id({ description: 'The lease of this node that was closed last with something spent. Nothing is granted by a database that does not know of it.' }),
  }),
});
const LeaseGrant = builder.objectRef<NonNullable<LeaseAnswer['lease']>>('LeaseGrant').implement({
  description: 'A slice of a budget that a node may spend.',
  fields: (t) => ({
    leaseId: t.exposeID('leaseId', { description: 'Its id.' }),
    holderId: t.exposeID('holderId', { description: 'For which key, upstream or credential.' }),
    keyId: t.exposeID('holderId', { description: 'The holder, as nodes name it that know only keys.' }),
    unit: t.expose('unit', { type: QuotaUnit, description: 'In which unit.' }),
    bootId: t.exposeString('bootId', { description: 'For which start of the node.' }),
    reqSeq: t.exposeInt('reqSeq', { description: 'Which wish it answers.' }),
    grantedNano: t.exposeString('grantedNano', { description: 'How much, as a whole number in text.' }),
    usableUntil: t.field({ type: 'Long', nullable: true, description: 'Epoch milliseconds after which nothing new may be reserved on it.', resolve: (row) => row.usableUntil ?? null }),
  }),
});
const LeaseDenial = builder.objectRef<NonNullable<LeaseAnswer['denial']>>('LeaseDenial').implement({
  description: 'Why no slice was granted.',
  fields: (t) => ({
    code: t.exposeString('code', { description: '"quota.spent", "quota.missing", or "ledger.behind": this database does not know what the node has closed.' }),
    resetsAt: t.field({ type: 'Long', nullable: true, description: 'Epoch milliseconds at which the budget starts anew.', resolve: (row) => row.resetsAt ?? null }),
    subject: t.exposeString('subject', { description: 'Whose budget it is.' }),
  }),
});
const LeaseRequestPayload = payload<LeaseAnswer>('LeaseRequestPayload', 'What leaseRequest answers: a lease or a denial.', (t) => ({
  lease: t.field({ type: LeaseGrant, nullable: true, description: 'What was granted.', resolve: ({ value }) => value?.lease ?? null }),
  denial: t.field({ type: LeaseDenial, nullable: true, description: 'Why nothing was.', resolve: ({ value }) => value?.denial ?? null }),
}));

const LeaseStateInput = builder.inputType('LeaseStateInput', {
  description: 'How a lease stands on the node.',
  fields: (t) => ({
    leaseId: t.id({ required: true, description: 'Which lease.' }),
    holderId: t.id({ description: 'For which key, upstream or credential.' }),
    keyId: t.id({ description: 'The holder, as nodes name it that know only keys.' }),
    unit: t.field({ type: QuotaUnit, description: 'In which unit; USD when left out.' }),
    bootId: t.string({ required: true, description: 'For which start it was granted.' }),
    reqSeq: t.int({ required: true, description: 'Which wish it answered.' }),
    grantedNano: t.string({ required: true, description: 'How much was granted.' }),
    spentNano: t.string({ required: true, description: 'How much was spent so far, in all.' }),
    excessNano: t.string({ required: true, description: 'How much was charged beyond reservations, in all.' }),
    final: t.boolean({ required: true, description: 'Whether nothing is reserved on it any more and nothing will be.' }),
  }),
});
const LeaseReportInput = builder.inputType('LeaseReportInput', {
  description: 'The leases a node holds.',
  fields: (t) => ({
    bootId: t.string({ required: true, description: 'Which start of the node.' }),
    reqSeq: t.int({ required: true, description: 'The last wish it has had an answer to.' }),
    complete: t.boolean({ required: true, description: 'Whether these are all it holds, earlier starts included.' }),
    leases: t.field({ type: [LeaseStateInput], required: true, description: 'The leases.' }),
    closedLeaseId: t.id({ description: 'The lease of this node that was closed last with something spent. A database that does not know of it closes nothing that the list leaves out, and lets the node forget nothing.' }),
  }),
});
const LeaseReportPayload = payload<string[]>('LeaseReportPayload', 'What leaseReport answers.', (t) => ({ closedLeaseIds: t.idList({ description: 'Finals that are settled; the node forgets them.', resolve: ({ value }) => value ?? [] }) }));

const UsageReportInput = builder.inputType('UsageReportInput', { description: 'Usage events of one start of the node.', fields: (t) => ({
  batch: t.field({ type: 'SignedBatch', required: true, description: 'The signed batch.' }) }),
});
const UsageRejection = builder.objectRef<{ seq: number; code: string }>('UsageRejection').implement({ description: 'An event that could not be applied and is kept for a human.', fields: (t) => ({
  seq: t.exposeInt('seq', { description: 'Its number.' }),
  code: t.exposeString('code', { description: 'Why.' }) }),
});
const UsageReportPayload = payload<Accepted>('UsageReportPayload', 'What usageReport answers.', (t) => ({
  ackedSeq: t.int({ nullable: true, description: 'Every event up to this number is committed.', resolve: ({ value }) => value?.ackedSeq ?? null }),
  rejected: t.field({ type: [UsageRejection], description: 'Events that were set aside; they count as acknowledged.', resolve: ({ value }) => value?.rejected ?? [] }),
}));
const TraceReportInput = builder.inputType('TraceReportInput', { description: 'Decision chains of exchanges.', fields: (t) => ({
  batch: t.field({ type: 'SignedBatch', required: true, description: 'The signed batch.' }) }),
});
const TraceReportPayload = payload<number>('TraceReportPayload', 'What traceReport answers.', (t) => ({ accepted: t.int({ description: 'How many were taken.', resolve: ({ value }) => value ?? 0 }) }));

builder.mutationFields((t) => ({
  nodeEnroll: t.field({
    type: NodeEnrollPayload, description: 'Lets a node join with a one-time token.',
    args: { input: t.arg({ type: NodeEnrollInput, required: true, description: 'The node.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await enrollNode(domain, actor, input)),
  }),
  nodeHeartbeat: t.field({
    type: NodeHeartbeatPayload, description: 'Tells how a node is (nodes).', args: { input: t.arg({ type: NodeHeartbeatInput, required: true, description: 'How it is.' }) },
    resolve: async (_, { input: { nack, closedLeaseId, borrowerIds, ...input } }, { domain, actor }) => ({ value: await hearHeartbeat(domain, actor, { ...input, borrowerIds: (borrowerIds ?? []).map(String), ...(nack ? { nack } : {}), ...(closedLeaseId ? { closedLeaseId: String(closedLeaseId) } : {}) }), userErrors: [] }),
  }),
  leaseRequest: t.field({
    type: LeaseRequestPayload, description: 'Asks for a slice of the budgets of a key, an upstream or a credential (nodes).',
    args: { input: t.arg({ type: LeaseRequestInput, required: true, description: 'The wish.' }) },
    resolve: async (_, { input: { closedLeaseId, ...input } }, { domain, actor }) => settle(await requestLease(domain, actor, { ...input, ...(closedLeaseId ? { closedLeaseId: String(closedLeaseId) } : {}) })),
  }),
  leaseReport: t.field({
    type: LeaseReportPayload, description: 'Tells how leases stand and returns finished ones (nodes).',
    args: { input: t.arg({ type: LeaseReportInput, required: true, description: 'The leases.' }) },
    resolve: async (_, { input: { closedLeaseId, ...input } }, { domain, actor }) => settle(await reportLeases(domain, actor, { ...input, ...(closedLeaseId ? { closedLeaseId: String(closedLeaseId) } : {}) })),
  }),
  usageReport: t.field({
    type: UsageReportPayload, description: 'Delivers usage events; each is applied exactly once (nodes).',
    args: { input: t.arg({ type: UsageReportInput, required: true, description: 'The events.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await acceptUsage(domain, actor, input.batch)),
  }),
  traceReport: t.field({
    type: TraceReportPayload, description: 'Delivers decision chains (nodes).',
    args: { input: t.arg({ type: TraceReportInput, required: true, description: 'The chains.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await reportTraces(domain, actor, input.batch)),
  }),
}));
