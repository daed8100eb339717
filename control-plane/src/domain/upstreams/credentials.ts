import type { Credential } from '@fairlead/prisma';
import { Secret } from '@fairlead/shared/crypto/secret.ts';
import { newId } from '@fairlead/shared/id.ts';
import type { Actor } from '../actor.ts';
import { requireMember } from '../actor.ts';
import { Checks } from '../check.ts';
import type { Unset } from '../check.ts';
import { runCommand } from '../command.ts';
import type { Domain } from '../domain.ts';
import { Refused, notFound } from '../problem.ts';
import type { Result } from '../problem.ts';
import { visibleCredentials, visibleUpstreams } from './reads.ts';
import { checkSecret, hintOf } from './rules.ts';
import { ownUpstream } from './update.ts';

/** What a credential is made from. */
export interface CredentialAddInput extends CredentialLimitsInput { upstreamId: string; name: string; secret: string }

/** How much a credential is used: undefined = as it is, null = no limit of our own. */
export interface CredentialLimitsInput { priority?: number | Unset; weight?: number | Unset; requestsPerMinute?: number | Unset; concurrent?: number | Unset; spillAtPercent?: number | Unset }

/** Adds a secret to an upstream's pool. */
export async function addCredential(domain: Domain, actor: Actor, input: CredentialAddInput): Promise<Result<Credential>> {
  requireMember(actor, 'upstreams:write');
  const checks = new Checks();
  const name = checks.name(input.name, ['name']);
  const auth = await authOfUpstream(domain, actor, input.upstreamId);
  const secret = new Secret(checkSecret(checks, input.secret, ['secret'], auth));
  const limits = checkLimits(checks, input);
  if (checks.problems.length > 0) return { ok: false, problems: checks.problems };
  const id = newId('credential', domain.clock.now());
  const sealed = await domain.keyring.sealCredential({ upstreamId: input.upstreamId, credentialId: id, version: 1 }, secret);
  return runCommand(domain, actor, async (command) => {
    const upstream = await ownUpstream(command, input.upstreamId, ['upstreamId']);
    const row = await command.tx.credential.create({ data: { id, upstreamId: upstream.id, name, hint: hintOf(secret.reveal()), sealed, ...limits, createdAt: command.now } });
    await command.mark('credential', id);
    await command.audit({ action: 'credential.add', objectId: id, tenantId: upstream.tenantId, detail: { name, upstream: upstream.name } });
    return row;
  }, { propagate: true });
}

/** Replaces a secret; the credential keeps its place and name. */
export async function rotateCredential(domain: Domain, actor: Actor, id: string, secretText: string): Promise<Result<Credential>> {
  requireMember(actor, 'upstreams:write');
  const checks = new Checks();
  const before = await domain.db.client.credential.findFirst({ where: { AND: [visibleCredentials(actor), { id }] }, include: { upstream: { select: { auth: true } } } });
  const secret = new Secret(checkSecret(checks, secretText, ['secret'], before?.upstream.auth));
  if (checks.problems.length > 0) return { ok: false, problems: checks.problems };
  if (!before) return { ok: false, problems: notFound('credential').problems };
  const version = before.version + 1;
  const sealed = await domain.keyring.sealCredential({ upstreamId: before.upstreamId, credentialId: id, version }, secret);
  return runCommand(domain, actor, async (command) => {
    const upstream = await visibleUpstream(() => ownUpstream(command, before.upstreamId));
    // The version is part of what is sealed: only one of two rotations at once can win.
    const changed = await command.tx.credential.updateMany({ where: { id, version: before.version }, data: { sealed, version, hint: hintOf(secret.reveal()) } });
    if (changed.count !== 1) throw new Refused({ code: 'STALE_VERSION', message: 'This credential was changed at the same moment.', fix: 'Try again.' });
    await command.mark('credential', id);
    await command.audit({ action: 'credential.rotate', objectId: id, tenantId: upstream.tenantId, detail: { upstream: upstream.name, version } });
    return command.tx.credential.findUniqueOrThrow({ where: { id } });
  }, { propagate: true });
}

/** Changes to a credential; its secret stays. */
export interface CredentialUpdateInput extends CredentialLimitsInput { id: string; name?: string | Unset; status?: 'ACTIVE' | 'PAUSED' | Unset }

/** Changes how a credential is used. */
export async function updateCredential(domain: Domain, actor: Actor, input: CredentialUpdateInput): Promise<Result<Credential>> {
  requireMember(actor, 'upstreams:write');
  return runCommand(domain, actor, async (command) => {
    const row = await command.tx.credential.findUnique({ where: { id: input.id } });
    if (!row) throw notFound('credential');
    const upstream = await visibleUpstream(() => ownUpstream(command, row.upstreamId));
    const checks = new Checks();
    const data = { ...checkLimits(checks, input), ...(input.name ? { name: checks.name(input.name, ['name']) } : {}), ...(input.status ? { status: input.status } : {}) };
    checks.done();
    // The version is part of what is sealed: it counts secrets, not changes like these.
    const changed = await command.tx.credential.update({ where: { id: row.id }, data });
    await command.mark('credential', row.id);
    await command.audit({ action: 'credential.update', objectId: row.id, tenantId: upstream.tenantId, detail: { upstream: upstream.name, fields: Object.keys(data) } });
    return changed;
  }, { propagate: true });
}

/** Removes a secret from an upstream's pool. */
export async function removeCredential(domain: Domain, actor: Actor, id: string): Promise<Result<string>> {
  requireMember(actor, 'upstreams:write');
  return runCommand(domain, actor, async (command) => {
    const row = await command.tx.credential.findUnique({ where: { id } });
    if (!row) throw notFound('credential');
    const upstream = await visibleUpstream(() => ownUpstream(command, row.upstreamId));
    await command.tx.quota.deleteMany({ where: { subjectKind: 'CREDENTIAL', subjectId: id } });
    await command.tx.credential.delete({ where: { id } });
    await command.mark('credential', id);
    await command.audit({ action: 'credential.remove', objectId: id, tenantId: upstream.tenantId, detail: { name: row.name, upstream: upstream.name } });
    return id;
  }, { propagate: true });
}

function checkLimits(checks: Checks, input: CredentialLimitsInput) {
  const priority = checks.count(input.priority, ['priority'], -1_000_000, 1_000_000);
  const weight = checks.count(input.weight, ['weight'], 1, 10_000);
  return {
    ...(priority === undefined ? {} : { priority }),
    ...(weight === undefined ? {} : { weight }),
    ...(input.requestsPerMinute === undefined ? {} : { requestsPerMinute: checks.count(input.requestsPerMinute, ['requestsPerMinute'], 1, 1_000_000) ?? null }),
    ...(input.concurrent === undefined ? {} : { concurrent: checks.count(input.concurrent, ['concurrent'], 1, 100_000) ?? null }),
    ...(input.spillAtPercent === undefined ? {} : { spillAtPercent: checks.count(input.spillAtPercent, ['spillAtPercent'], 1, 100) ?? null }),
  };
}

/** How an upstream presents secrets, when the actor sees it: it decides what one may look like. */
async function authOfUpstream(domain: Domain, actor: Actor, id: string): Promise<string | undefined> {
  return (await domain.db.client.upstream.findFirst({ where: { AND: [visibleUpstreams(actor), { id }] }, select: { auth: true } }))?.auth;
}

/** A credential of an upstream that is not there for the actor is itself not there. */
async function visibleUpstream<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof Refused) throw notFound('credential');
    throw cause;
  }
}
