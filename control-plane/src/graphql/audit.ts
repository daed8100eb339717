import type { AuditEntry } from '@fairlead/prisma';
import { listAudit } from '../domain/audit/reads.ts';
import { builder } from './builder.ts';
import { NodeInterface, connectionOf, listCost, pageArgs } from './shapes.ts';
import { TenantRef } from './refs.ts';

const AuditEntryRef = builder.objectRef<AuditEntry>('AuditEntry').implement({
  description: 'Who changed what.',
  interfaces: [NodeInterface],
  fields: (t) => ({
    tenant: t.field({ type: TenantRef, nullable: true, description: 'Whose it was; null when it was the operator\'s.', resolve: (row, _, { load }) => load.tenant(row.tenantId) }),
    actorKind: t.exposeString('actorKind', { description: 'MEMBER, TOKEN, NODE, PUBLIC or SYSTEM.' }),
    actorId: t.exposeString('actorId', { nullable: true, description: 'Who.' }),
    action: t.exposeString('action', { description: 'What was done, such as "key.create".' }),
    objectId: t.exposeString('objectId', { nullable: true, description: 'To what.' }),
    detail: t.field({ type: 'JSON', nullable: true, description: 'More; never a secret.', resolve: (row) => row.detail }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When.' }),
  }),
});
const AuditEntryConnection = connectionOf('AuditEntry', AuditEntryRef);

builder.queryField('auditEntries', (t) => t.field({ type: AuditEntryConnection, description: 'Who changed what, newest first.', args: pageArgs(t.arg), complexity: listCost, resolve: (_, page, { domain, actor }) => listAudit(domain, actor, page) }));
