import type { Actor } from '../actor.ts';
import { requireMember } from '../actor.ts';
import type { Domain } from '../domain.ts';
import { Refused } from '../problem.ts';

/** The tenant whose books are read: the viewer's own, or for operators the one they name. */
export async function booksOf(domain: Domain, actor: Actor, tenantId?: string | null): Promise<string> {
  const member = requireMember(actor, 'billing:read');
  const wanted = tenantId ?? member.tenantId;
  const there = (wanted === member.tenantId || member.operator) && (await domain.db.client.tenant.findUnique({ where: { id: wanted }, select: { id: true } }));
  if (!there) throw new Refused({ code: 'NOT_FOUND', message: 'There is no such tenant.', path: ['tenantId'] });
  return wanted;
}
