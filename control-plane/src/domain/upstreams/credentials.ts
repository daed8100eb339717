import type { Credential } from '@fairlead/prisma';
import { Secret } from '@fairlead/shared/crypto/secret.ts';
import { newId } from '@fairlead/shared/id.ts';
import type { Actor } from '../actor.ts';
import { requireMember } from '../actor.ts';
import { Checks } from '../check.ts';
import { runCommand } from '../command.ts';
import type { Domain } from '../domain.ts';
import { Refused, notFound } from '../problem.ts';
import type { Result } from '../problem.ts';
import { checkSecret, hintOf } from './rules.ts';
import { ownUpstream } from './update.ts';

/** What a credential is made from. */
export interface CredentialAddInput { upstreamId: string; name: string; secret: string }

/** Adds a secret to an upstream's pool. */
export async function addCredential(domain: Domain, actor: Actor, input: CredentialAddInput): Promise<Result<Credential>> {
  requireMember(actor, 'upstreams:write');
  const checks = new Checks();
  const name = checks.name(input.name, ['name']);
  const secret = new Secret(checkSecret(checks, input.secret, ['secret']));
  if (checks.problems.length > 0) return { ok: false, problems: checks.problems };
  const id = newId('credential', domain.clock.now());
  const sealed = await domain.keyring.sealCredential({ upstreamId: input.upstreamId, credentialId: id, version: 1 }, secret);
  return runCommand(domain, actor, async (command) => {
    const upstream = await ownUpstream(command, input.upstreamId, ['upstreamId']);
    const row = await command.tx.credential.create({ data: { id, upstreamId: upstream.id, name, hint: hintOf(secret.reveal()), sealed, createdAt: command.now } });
    await command.mark('credential', id);
    await command.audit({ action: 'credential.add', objectId: id, tenantId: upstream.tenantId, detail: { name, upstream: upstream.name } });
    return row;
  }, { propagate: true });
}

/** Replaces a secret; the credential keeps its place and name. */
export async function rotateCredential(domain: Domain, actor: Actor, id: string, secretText: string): Promise<Result<Credential>> {
  requireMember(actor, 'upstreams:write');
  const checks = new Checks();
  const secret = new Secret(checkSecret(checks, secretText, ['secret']));
  if (checks.problems.length > 0) return { ok: false, problems: checks.problems };
  const before = await domain.db.client.credential.findUnique({ where: { id } });
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

/** Removes a secret from an upstream's pool. */
export async function removeCredential(domain: Domain, actor: Actor, id: string): Promise<Result<string>> {
  requireMember(actor, 'upstreams:write');
  return runCommand(domain, actor, async (command) => {
    const row = await command.tx.credential.findUnique({ where: { id } });
    if (!row) throw notFound('credential');
    const upstream = await visibleUpstream(() => ownUpstream(command, row.upstreamId));
    await command.tx.credential.delete({ where: { id } });
    await command.mark('credential', id);
    await command.audit({ action: 'credential.remove', objectId: id, tenantId: upstream.tenantId, detail: { name: row.name, upstream: upstream.name } });
    return id;
  }, { propagate: true });
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
