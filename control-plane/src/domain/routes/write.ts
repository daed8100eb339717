import type { Prisma, Route } from '@fairlead/prisma';
import { newId } from '@fairlead/shared/id.ts';
import type { Actor } from '../actor.ts';
import { requireMember } from '../actor.ts';
import { Checks, isModelName } from '../check.ts';
import { runCommand } from '../command.ts';
import type { Command } from '../command.ts';
import type { Domain } from '../domain.ts';
import { Refused, checkVersion, notFound } from '../problem.ts';
import type { Result } from '../problem.ts';

/** One place a route leads to. */
export interface RouteTargetInput { upstreamId: string; model?: string | null | undefined; priority?: number | null | undefined; weight?: number | null | undefined }

/** What a route is made from or changed to; on a change, what is left out stays. */
export interface RouteInput {
  name?: string | null | undefined; position?: number | null | undefined; models?: readonly string[] | null | undefined; targets?: readonly RouteTargetInput[] | null | undefined;
  shared?: boolean | null | undefined; status?: 'ACTIVE' | 'PAUSED' | null | undefined;
}

/** Makes a route. */
export async function createRoute(domain: Domain, actor: Actor, input: RouteInput & { name: string }): Promise<Result<Route>> {
  const member = requireMember(actor, 'routes:write');
  const id = newId('route', domain.clock.now());
  return runCommand(domain, actor, async (command) => {
    const shared = input.shared ?? false;
    if (shared && !member.operator) throw new Refused({ code: 'FORBIDDEN', message: 'Only an operator makes routes for everyone.', path: ['shared'] });
    const tenantId = shared ? null : member.tenantId;
    const data = await checkRoute(command, input, tenantId);
    const route = await command.tx.route.create({
      data: { id, tenantId, name: data.name ?? input.name, position: data.position ?? 100, match: data.match ?? { models: [] }, targets: data.targets ?? [], status: data.status ?? 'ACTIVE', createdAt: command.now },
    });
    await command.mark('route', id);
    await command.audit({ action: 'route.create', objectId: id, tenantId, detail: { name: route.name } });
    return route;
  }, { propagate: true });
}

/** Changes a route. */
export async function updateRoute(domain: Domain, actor: Actor, input: RouteInput & { id: string; expectedVersion?: number | null | undefined }): Promise<Result<Route>> {
  requireMember(actor, 'routes:write');
  return runCommand(domain, actor, async (command) => {
    const row = await ownRoute(command, input.id);
    checkVersion(row.version, input.expectedVersion);
    const route = await command.tx.route.update({ where: { id: row.id }, data: { ...(await checkRoute(command, input, row.tenantId)), version: { increment: 1 } } });
    await command.mark('route', row.id);
    await command.audit({ action: 'route.update', objectId: row.id, tenantId: row.tenantId, detail: { name: route.name } });
    return route;
  }, { propagate: true });
}

/** Removes a route. */
export async function deleteRoute(domain: Domain, actor: Actor, id: string): Promise<Result<string>> {
  requireMember(actor, 'routes:write');
  return runCommand(domain, actor, async (command) => {
    const row = await ownRoute(command, id);
    await command.tx.route.delete({ where: { id } });
    await command.mark('route', id);
    await command.audit({ action: 'route.delete', objectId: id, tenantId: row.tenantId, detail: { name: row.name } });
    return id;
  }, { propagate: true });
}

async function ownRoute(command: Command, id: string): Promise<Route> {
  const member = requireMember(command.actor, 'routes:write');
  const row = await command.tx.route.findUnique({ where: { id } });
  if (!row || (row.tenantId !== member.tenantId && !member.operator)) throw notFound('route');
  return row;
}

async function checkRoute(command: Command, input: RouteInput, tenantId: string | null) {
  const checks = new Checks();
  const data: { name?: string; position?: number; match?: Prisma.InputJsonObject; targets?: Prisma.InputJsonArray; status?: string } = {};
  if (input.name !== undefined && input.name !== null) data.name = checks.name(input.name, ['name']);
  const position = checks.count(input.position, ['position'], 0, 1_000_000);
  if (position !== undefined) data.position = position;
  const models = checks.models(input.models, ['models']);
  if (models) data.match = { models };
  if (input.status) data.status = input.status;
  if (input.targets) {
    if (input.targets.length === 0) checks.say(['targets'], 'INVALID', 'It must lead to at least one upstream.');
    if (input.targets.length > 50) checks.say(['targets'], 'TOO_LONG', 'It must have at most 50 targets.');
    // A tenant's route leads to its own upstreams and the operator's; the operator's route to the operator's only.
    const known = await command.tx.upstream.findMany({ where: { id: { in: input.targets.slice(0, 50).map((target) => target.upstreamId) }, OR: [{ tenantId: null }, ...(tenantId === null ? [] : [{ tenantId }])] }, select: { id: true } });
    const ids = new Set(known.map((row) => row.id));
    data.targets = input.targets.slice(0, 50).map((target, at) => {
      const path = ['targets', String(at)];
      if (!ids.has(target.upstreamId)) checks.say([...path, 'upstreamId'], 'NOT_FOUND', 'There is no such upstream.');
      if (target.model && (!isModelName(target.model) || target.model.includes('*'))) checks.say([...path, 'model'], 'INVALID', 'It must be the whole name of a model.');
      return {
        upstreamId: target.upstreamId, ...(target.model ? { model: target.model } : {}),
        priority: checks.count(target.priority, [...path, 'priority'], -1_000_000, 1_000_000) ?? 0, weight: checks.count(target.weight, [...path, 'weight'], 1, 10_000) ?? 1,
      };
    });
  }
  checks.done();
  return data;
}
