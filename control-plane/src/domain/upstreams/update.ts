import type { Prisma, Upstream } from '@fairlead/prisma';
import type { Actor } from '../actor.ts';
import { requireMember } from '../actor.ts';
import { Checks } from '../check.ts';
import type { Unset } from '../check.ts';
import { runCommand } from '../command.ts';
import type { Command } from '../command.ts';
import type { Domain } from '../domain.ts';
import { JsonNull } from '../json.ts';
import { Refused, checkVersion, notFound } from '../problem.ts';
import type { Result } from '../problem.ts';
import { routeTargets } from '../routes/stored.ts';
import { checkBaseUrl, checkDialects, checkMappings } from './rules.ts';
import type { ModelMapping } from './rules.ts';
import { checkUpstreamSettings, readUpstreamSettings } from './settings.ts';
import type { UpstreamSettingsInput } from './settings.ts';

/** Changes to an upstream: undefined = as it is; models null = every name. */
export interface UpstreamUpdateInput extends UpstreamSettingsInput {
  id: string; name?: string | Unset; baseUrl?: string | Unset; dialects?: readonly string[] | Unset; auth?: string | Unset;
  models?: readonly ModelMapping[] | Unset; priority?: number | Unset; weight?: number | Unset;
  status?: 'ACTIVE' | 'PAUSED' | Unset; expectedVersion?: number | Unset;
}

/** Changes an upstream. */
export async function updateUpstream(domain: Domain, actor: Actor, input: UpstreamUpdateInput): Promise<Result<Upstream>> {
  const member = requireMember(actor, 'upstreams:write');
  return runCommand(domain, actor, async (command) => {
    const row = await ownUpstream(command, input.id);
    checkVersion(row.version, input.expectedVersion);
    const checks = new Checks();
    const data: Prisma.UpstreamUncheckedUpdateInput = { version: { increment: 1 } };
    if (input.name) data.name = checks.name(input.name, ['name']);
    if (input.baseUrl) data.baseUrl = checkBaseUrl(checks, input.baseUrl, ['baseUrl'], member.operator, domain.places.egressAllow);
    if (input.dialects) {
      const dialects = checkDialects(checks, input.dialects, ['dialects']);
      data.dialects = dialects;
      data.dialect = dialects[0] ?? row.dialect;
    }
    if (input.auth) data.auth = input.auth;
    if (input.models !== undefined) data.models = checkMappings(checks, input.models, ['models']) ?? JsonNull;
    const priority = checks.count(input.priority, ['priority'], -1_000_000, 1_000_000);
    if (priority !== undefined) data.priority = priority;
    const weight = checks.count(input.weight, ['weight'], 1, 10_000);
    if (weight !== undefined) data.weight = weight;
    if (input.status) data.status = input.status;
    const settings = checkUpstreamSettings(checks, readUpstreamSettings(row.settings), input, member.operator, domain.places.egressAllow);
    if (settings) data.settings = { ...settings };
    checks.done();
    const upstream = await command.tx.upstream.update({ where: { id: row.id }, data });
    await command.mark('upstream', row.id);
    await command.audit({ action: 'upstream.update', objectId: row.id, tenantId: row.tenantId, detail: { fields: Object.keys(data).filter((field) => field !== 'version') } });
    return upstream;
  }, { propagate: true });
}

/** Removes an upstream with its credentials; not while a route points to it. */
export async function deleteUpstream(domain: Domain, actor: Actor, id: string): Promise<Result<string>> {
  requireMember(actor, 'upstreams:write');
  return runCommand(domain, actor, async (command) => {
    const row = await ownUpstream(command, id);
    const routes = await command.tx.route.findMany({ where: row.tenantId === null ? {} : { tenantId: row.tenantId } });
    const using = routes.filter((route) => routeTargets(route.targets).some((target) => target.upstreamId === id)).map((route) => route.name);
    if (using.length > 0) throw new Refused({ code: 'IN_USE', message: `Routes point to it: ${using.slice(0, 5).join(', ')}.`, path: ['id'], fix: 'Change or delete these routes first.' });
    await command.tx.priceMultiplier.deleteMany({ where: { subjectKind: 'UPSTREAM', subjectId: id } });
    const credentials = await command.tx.credential.findMany({ where: { upstreamId: id }, select: { id: true } });
    await command.tx.quota.deleteMany({ where: { OR: [{ subjectKind: 'UPSTREAM', subjectId: id }, { subjectKind: 'CREDENTIAL', subjectId: { in: credentials.map((one) => one.id) } }] } });
    await command.tx.upstream.delete({ where: { id } });
    await command.mark('upstream', id);
    await command.audit({ action: 'upstream.delete', objectId: id, tenantId: row.tenantId, detail: { name: row.name } });
    return id;
  }, { propagate: true });
}

/** The upstream when the actor may change it. */
export async function ownUpstream(command: Command, id: string, path: string[] = ['id']): Promise<Upstream> {
  const member = requireMember(command.actor, 'upstreams:write');
  const row = await command.tx.upstream.findUnique({ where: { id } });
  if (!row || (row.tenantId !== member.tenantId && !member.operator)) throw notFound('upstream', path);
  return row;
}
