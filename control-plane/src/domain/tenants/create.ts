import type { Member, Prisma, Tenant } from '@fairlead/prisma';
import { newId } from '@fairlead/shared/id.ts';
import type { Secret } from '@fairlead/shared/crypto/secret.ts';
import type { Actor } from '../actor.ts';
import { requireMember, requireOperator } from '../actor.ts';
import { Checks, slugFor } from '../check.ts';
import { runCommand } from '../command.ts';
import type { Domain } from '../domain.ts';
import { JsonNull } from '../json.ts';
import { pacesOf } from '../keys/limits.ts';
import type { PaceColumns, PacesInput } from '../keys/limits.ts';
import { createSignInLink } from '../members/sign-in.ts';
import { Refused, checkVersion, notFound } from '../problem.ts';
import type { Result } from '../problem.ts';

/** What a tenant is made from. */
export interface TenantCreateInput { name: string; slug?: string | null | undefined; ownerName?: string | null | undefined; ownerEmail?: string | null | undefined }

/** Makes a tenant with its first owner and a link that signs the owner in. */
export async function createTenant(domain: Domain, actor: Actor, input: TenantCreateInput): Promise<Result<{ tenant: Tenant; owner: Member; signInUrl: Secret }>> {
  requireOperator(actor, 'tenants:write');
  const id = newId('tenant', domain.clock.now());
  const ownerId = newId('member', domain.clock.now());
  const done = await runCommand(domain, actor, async (command) => {
    const checks = new Checks();
    const name = checks.name(input.name, ['name']);
    const slug = slugFor(input.slug, input.name, id);
    if (slug.length < 2) checks.say(['slug'], 'INVALID', 'It must have at least two letters or digits.');
    const ownerName = checks.name(input.ownerName ?? 'Owner', ['ownerName']);
    if (input.ownerEmail && (!/^[^\s@]+@[^\s@]+$/.test(input.ownerEmail) || input.ownerEmail.length > 190)) checks.say(['ownerEmail'], 'INVALID', 'It must be an e-mail address.');
    checks.done();
    if (await command.tx.tenant.findUnique({ where: { slug } })) throw new Refused({ code: 'TAKEN', message: `Another tenant is called "${slug}".`, path: ['slug'] });
    const tenant = await command.tx.tenant.create({ data: { id, name, slug, createdAt: command.now } });
    const owner = await command.tx.member.create({ data: { id: ownerId, tenantId: id, name: ownerName, email: input.ownerEmail ?? null, role: 'OWNER', createdAt: command.now } });
    await command.mark('tenant', id);
    await command.audit({ action: 'tenant.create', objectId: id, tenantId: id, detail: { name, slug } });
    return { tenant, owner };
  });
  if (!done.ok) return done;
  const link = await createSignInLink(domain, { kind: 'SYSTEM' }, ownerId, 7 * 24 * 60);
  if (!link.ok) return link;
  return { ok: true, warnings: [...done.warnings, ...link.warnings], value: { ...done.value, signInUrl: link.value.url } };
}

/** Changes to a tenant. */
export interface TenantUpdateInput extends PacesInput { id: string; name?: string | null | undefined; status?: 'ACTIVE' | 'SUSPENDED' | null | undefined; models?: readonly string[] | null | undefined; expectedVersion?: number | null | undefined }

/** Renames a tenant and sets what all its keys together may do; an operator may suspend it, which stops its keys. */
export async function updateTenant(domain: Domain, actor: Actor, input: TenantUpdateInput): Promise<Result<Tenant>> {
  const member = requireMember(actor, 'tenants:write');
  return runCommand(domain, actor, async (command) => {
    const row = await command.tx.tenant.findUnique({ where: { id: input.id } });
    if (!row || (row.id !== member.tenantId && !member.operator)) throw notFound('tenant');
    if (input.status && !member.operator) throw new Refused({ code: 'FORBIDDEN', message: 'Only an operator suspends or resumes a tenant.', path: ['status'] });
    checkVersion(row.version, input.expectedVersion);
    const checks = new Checks();
    const data: Prisma.TenantUncheckedUpdateInput = { version: { increment: 1 } };
    if (input.name) data.name = checks.name(input.name, ['name']);
    if (input.status) data.status = input.status;
    const paces = pacesOf(checks, input);
    Object.assign(data, paces);
    if (input.models !== undefined) data.models = checks.models(input.models, ['models']) ?? JsonNull;
    if (!member.operator) sayLoosened(checks, row, paces, input.models);
    checks.done();
    const tenant = await command.tx.tenant.update({ where: { id: row.id }, data });
    await command.mark('tenant', row.id);
    await command.audit({ action: 'tenant.update', objectId: row.id, tenantId: row.id, detail: { name: tenant.name, status: tenant.status, ...(Object.keys(paces).length > 0 || input.models !== undefined ? { limits: { ...paces, ...(input.models === undefined ? {} : { models: tenant.models }) } } : {}) } });
    return tenant;
  }, { propagate: true });
}

/** The operator's limits hold: the account's own people may only draw them tighter. */
function sayLoosened(checks: Checks, before: Tenant, paces: PaceColumns, models: readonly string[] | null | undefined): void {
  const fix = 'Ask the operator.';
  for (const field of ['requestsPerMinute', 'tokensPerMinute', 'concurrent'] as const) {
    const [was, is] = [before[field], paces[field]];
    if (was !== null && is !== undefined && (is === null || is > was)) checks.say([field], 'FORBIDDEN', `Only an operator raises this limit of ${was}, or takes it away.`, fix);
  }
  if (before.models !== null && models !== undefined) checks.say(['models'], 'FORBIDDEN', 'Only an operator changes which models an account may use.', fix);
}
