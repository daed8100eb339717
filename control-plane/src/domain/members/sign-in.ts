import type { Member } from '@fairlead/prisma';
import { newId } from '@fairlead/shared/id.ts';
import { Secret } from '@fairlead/shared/crypto/secret.ts';
import { digestOf, randomText } from '../../crypto/digest.ts';
import type { Actor, MemberActor } from '../actor.ts';
import { AccessDenied, requireMember, roles } from '../actor.ts';
import { runCommand, writeAudit } from '../command.ts';
import type { Domain } from '../domain.ts';
import { Refused, notFound } from '../problem.ts';
import type { Result } from '../problem.ts';

/** How long a sign-in lasts. */
export const signInMs = 30 * 86_400_000;

/** A one-time link; the URL is the secret. */
export interface SignInUrl { url: Secret; expiresAt: Date }

/** Makes a one-time link that signs a member in: oneself, or as an owner or admin someone of the own tenant. */
export async function createSignInLink(domain: Domain, actor: Actor, memberId?: string | null, minutes = 15): Promise<Result<SignInUrl>> {
  const self = actor.kind === 'SYSTEM' ? undefined : requireMember(actor, 'tenants:read');
  // A link gives all rights of its member: a token that has fewer must not make itself a stronger successor.
  if (self?.kind === 'TOKEN' && !self.scopes.includes('*')) throw new AccessDenied('MISSING_SCOPE', 'Only a token with all rights of its member makes sign-in links.', ['*']);
  const id = newId('signInLink', domain.clock.now());
  const text = randomText(32);
  return runCommand(domain, actor, async (command) => {
    const target = await command.tx.member.findUnique({ where: { id: memberId ?? self?.memberId ?? '' } });
    if (!target || (self && target.tenantId !== self.tenantId && !self.operator)) throw notFound('member', ['memberId']);
    // A link to someone else is a way to become them.
    if (self && target.id !== self.memberId) {
      requireMember(actor, 'members:write');
      if (target.operator && !self.operator) throw notFound('member', ['memberId']);
    }
    const expiresAt = new Date(command.now.getTime() + minutes * 60_000);
    await command.tx.signInLink.create({ data: { id, memberId: target.id, digest: digestOf(text), expiresAt, createdAt: command.now } });
    await command.audit({ action: 'signInLink.create', objectId: target.id, tenantId: target.tenantId });
    // The fragment never reaches a server or its log.
    return { url: new Secret(`${domain.places.publicUrl()}/sign-in#token=${text}`), expiresAt };
  });
}

/** A new sign-in; the cookie's text is the secret. */
export interface SignedIn { member: Member; actor: MemberActor; cookie: Secret; expiresAt: Date }

/** Redeems a link once. */
export async function redeemSignIn(domain: Domain, token: string, userAgent: string | undefined): Promise<Result<SignedIn>> {
  const id = newId('signIn', domain.clock.now());
  const text = randomText(32);
  return runCommand(domain, { kind: 'SYSTEM' }, async (command) => {
    const link = await command.tx.signInLink.findUnique({ where: { digest: digestOf(token.trim()) }, include: { member: true } });
    if (!link || link.member.status !== 'ACTIVE') throw new Refused({ code: 'NOT_FOUND', message: 'This sign-in link is not known here.', path: ['token'], fix: 'Ask for a new one.' });
    if (link.usedAt) throw new Refused({ code: 'USED', message: 'This sign-in link was used already.', path: ['token'], fix: 'Ask for a new one.' });
    if (link.expiresAt <= command.now) throw new Refused({ code: 'EXPIRED', message: 'This sign-in link has expired.', path: ['token'], fix: 'Ask for a new one.' });
    const used = await command.tx.signInLink.updateMany({ where: { id: link.id, usedAt: null }, data: { usedAt: command.now } });
    if (used.count !== 1) throw new Refused({ code: 'USED', message: 'This sign-in link was used already.', path: ['token'], fix: 'Ask for a new one.' });
    const expiresAt = new Date(command.now.getTime() + signInMs);
    await command.tx.signIn.create({ data: { id, memberId: link.memberId, digest: digestOf(text), userAgent: userAgent?.slice(0, 180) ?? null, expiresAt, createdAt: command.now } });
    const actor = memberActor('MEMBER', id, link.member, ['*']);
    await writeAudit(command.tx, actor, command.now, { action: 'signIn.create', objectId: id, tenantId: link.member.tenantId });
    return { member: link.member, actor, cookie: new Secret(text), expiresAt };
  });
}

/** Ends a sign-in. */
export async function endSignIn(domain: Domain, actor: Actor): Promise<Result<null>> {
  if (actor.kind !== 'MEMBER') return { ok: true, value: null, warnings: [] };
  return runCommand(domain, actor, async (command) => {
    await command.tx.signIn.updateMany({ where: { id: actor.id, revokedAt: null }, data: { revokedAt: command.now } });
    await command.audit({ action: 'signIn.end', objectId: actor.id, tenantId: actor.tenantId });
    return null;
  });
}

/** Who a sign-in cookie stands for; undefined when it does not count any more. */
export async function actorByCookie(domain: Domain, text: string): Promise<MemberActor | undefined> {
  const now = new Date(domain.clock.now());
  const row = await domain.db.client.signIn.findUnique({ where: { digest: digestOf(text) }, include: { member: true } });
  if (!row || row.revokedAt || row.expiresAt <= now || row.member.status !== 'ACTIVE') return undefined;
  return memberActor('MEMBER', row.id, row.member, ['*']);
}

/** Who a management token stands for; undefined when it does not count any more. */
export async function actorByToken(domain: Domain, text: string): Promise<MemberActor | undefined> {
  const now = new Date(domain.clock.now());
  const row = await domain.db.client.managementToken.findUnique({ where: { digest: digestOf(text) }, include: { member: true } });
  if (!row || row.revokedAt || row.expiresAt <= now || row.member.status !== 'ACTIVE') return undefined;
  // At most one write a minute: reading must stay cheap.
  if (!row.lastUsedAt || row.lastUsedAt.getTime() < now.getTime() - 60_000) {
    await domain.db.client.managementToken.updateMany({ where: { id: row.id }, data: { lastUsedAt: now } });
  }
  return memberActor('TOKEN', row.id, row.member, Array.isArray(row.scopes) ? row.scopes.filter((scope) => typeof scope === 'string') : []);
}

function memberActor(kind: 'MEMBER' | 'TOKEN', id: string, member: Member, scopes: string[]): MemberActor {
  return { kind, id, memberId: member.id, tenantId: member.tenantId, role: roles.find((role) => role === member.role) ?? 'VIEWER', operator: member.operator, scopes };
}
