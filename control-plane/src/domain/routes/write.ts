import type { Route } from '@fairlead/prisma';
import { newId } from '@fairlead/shared/id.ts';
import type { Actor } from '../actor.ts';
import { requireMember } from '../actor.ts';
import { Checks } from '../check.ts';
import { runCommand } from '../command.ts';
import type { Command } from '../command.ts';
import type { Domain } from '../domain.ts';
import { Refused, checkVersion, notFound } from '../problem.ts';
import type { Result } from '../problem.ts';
import { checkRoute } from './check-route.ts';
import type { CheckedRoute, RouteInput } from './check-route.ts';
import { routeMatch, routeSettings } from './stored.ts';

/** A tenant may not have more routes than this: nodes go through them for each request. */
const mostRoutes = 500;

/** Makes a route. */
export async function createRoute(domain: Domain, actor: Actor, input: RouteInput & { name: string }): Promise<Result<Route>> {
  const member = requireMember(actor, 'routes:write');
  const id = newId('route', domain.clock.now());
  return runCommand(domain, actor, async (command) => {
    const shared = input.shared ?? false;
    if (shared && !member.operator) throw new Refused({ code: 'FORBIDDEN', message: 'Only an operator makes routes for everyone.', path: ['shared'] });
    const tenantId = shared ? null : member.tenantId;
    if ((await command.tx.route.count({ where: { tenantId } })) >= mostRoutes) throw new Refused({ code: 'LIMIT', message: `There can be at most ${mostRoutes} routes.`, fix: 'Join routes that do the same, or delete those that are not needed any more.' });
    const checks = new Checks();
    const { match, ...data } = await checkRoute(command.tx, checks, input, tenantId, { match: { models: [] }, settings: {} });
    checks.done();
    const route = await command.tx.route.create({ data: { id, tenantId, name: input.name, match: { models: [], ...match }, targets: [], ...data, createdAt: command.now } });
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
    const checks = new Checks();
    const { match, ...data }: CheckedRoute = await checkRoute(command.tx, checks, input, row.tenantId, { match: routeMatch(row.match), settings: routeSettings(row.settings) });
    checks.done();
    const route = await command.tx.route.update({ where: { id: row.id }, data: { ...data, ...(match ? { match: { ...match } } : {}), version: { increment: 1 } } });
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
