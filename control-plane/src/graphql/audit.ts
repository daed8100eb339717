import { visibleAudit } from '../domain/audit/reads.ts';
import { builder } from './builder.ts';
import { connectionOf, listCost, pageArgs, pageOf } from './connection.ts';

const AuditEntryRef = builder.prismaNode('AuditEntry', {
  description: 'Who changed what.',
  id: { field: 'id' },
  select: { id: true },
  fields: (t) => ({
    tenant: t.relation('tenant', { nullable: true, description: 'Whose it was; null when it was the operator\'s.' }),
    actorKind: t.exposeString('actorKind', { description: 'MEMBER, TOKEN, NODE, PUBLIC or SYSTEM.' }),
    actorId: t.exposeString('actorId', { nullable: true, description: 'Who.' }),
    action: t.exposeString('action', { description: 'What was done, such as "key.create".' }),
    objectId: t.exposeString('objectId', { nullable: true, description: 'To what.' }),
    detail: t.field({ type: 'JSON', nullable: true, description: 'More; never a secret.', select: { detail: true }, resolve: (row) => row.detail }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When.' }),
  }),
});
const AuditEntryConnection = connectionOf('AuditEntry', AuditEntryRef);

builder.queryField('auditEntries', (t) => t.field({
  type: AuditEntryConnection, description: 'Who changed what, newest first.', args: pageArgs(t.arg), complexity: listCost,
  resolve: (_, page, context, info) => pageOf(page, context, info, (query, after) => context.domain.db.client.auditEntry.findMany({ ...query, where: { AND: [visibleAudit(context.actor), after] } })),
}));
