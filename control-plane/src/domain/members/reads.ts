import type { Actor } from '../actor.ts';
import { requireMember } from '../actor.ts';
import type { Domain } from '../domain.ts';
import { pageOf } from '../page.ts';
import type { Page } from '../page.ts';

/** The members of the reader's tenant, newest first. */
export function listMembers(domain: Domain, actor: Actor, page: Page) {
  const member = requireMember(actor, 'members:read');
  return pageOf(page, (after, take) => domain.db.client.member.findMany({ where: { tenantId: member.tenantId, ...after }, take, orderBy: { id: 'desc' } }));
}
