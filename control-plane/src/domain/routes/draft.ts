// A draft of routes: what would be there if it were saved.
import type { Route, Tx } from '@fairlead/prisma';
import { newId } from '@fairlead/shared/id.ts';
import type { MemberActor } from '../actor.ts';
import type { Checks, Unset } from '../check.ts';
import { checkRoute } from './check-route.ts';
import type { RouteInput } from './check-route.ts';
import { routeMatch, routeSettings } from './stored.ts';

/** One route of a draft: with the id of a stored one it stands in its place, else it is added. */
export interface RouteDraft extends RouteInput { id?: string | Unset }

/** Changes to routes that are tried, not saved. */
export interface RoutesDraft { routes?: readonly RouteDraft[] | Unset; /** Ids of stored routes that would be gone. */ without?: readonly string[] | Unset }

const mostDrafts = 100;

/** The stored routes with a draft applied, as nodes would be told them; problems are said in `checks`. */
export async function draftedRoutes(tx: Tx, checks: Checks, member: MemberActor, draft: RoutesDraft | Unset, nowMs: number): Promise<Route[]> {
  const stored = await tx.route.findMany({ where: { status: 'ACTIVE' }, orderBy: [{ position: 'asc' }, { id: 'asc' }] });
  if (!draft) return stored;
  const routes = new Map(stored.map((row) => [row.id, row]));
  const own = async (id: string, path: string[]) => {
    const row = await tx.route.findUnique({ where: { id } });
    if (row && (row.tenantId === member.tenantId || member.operator)) return row;
    checks.say(path, 'NOT_FOUND', 'There is no such route.');
    return undefined;
  };
  const { routes: drafts = [], without = [] } = { routes: draft.routes ?? [], without: draft.without ?? [] };
  if (drafts.length + without.length > mostDrafts) checks.say(['draft'], 'TOO_LONG', `A draft must have at most ${mostDrafts} routes.`);
  for (const [at, id] of without.slice(0, mostDrafts).entries()) if (await own(id, ['draft', 'without', String(at)])) routes.delete(id);
  for (const [at, one] of drafts.slice(0, mostDrafts).entries()) {
    const path = ['draft', 'routes', String(at)];
    const before = one.id ? await own(one.id, [...path, 'id']) : undefined;
    if (one.id && !before) continue;
    if (one.shared && !member.operator) checks.say([...path, 'shared'], 'FORBIDDEN', 'Only an operator makes routes for everyone.');
    if (!before && !one.targets) checks.say([...path, 'targets'], 'INVALID', 'It must lead to at least one upstream.');
    const tenantId = before ? before.tenantId : one.shared ? null : member.tenantId;
    const checked = await checkRoute(tx, checks, one, tenantId, { match: routeMatch(before?.match), settings: routeSettings(before?.settings) }, path);
    const now = new Date(nowMs);
    const row: Route = {
      ...(before ?? { id: newId('route', nowMs), tenantId, name: `draft ${at + 1}`, position: 100, match: { models: [] }, targets: [], settings: null, status: 'ACTIVE', version: 0, createdAt: now, updatedAt: now }),
      ...(checked.name === undefined ? {} : { name: checked.name }), ...(checked.position === undefined ? {} : { position: checked.position }), ...(checked.status === undefined ? {} : { status: checked.status }),
      ...(checked.match ? { match: { ...checked.match } } : {}), ...(checked.settings ? { settings: { ...checked.settings } } : {}),
      ...(checked.targets ? { targets: checked.targets.map(({ upstreamId, model, priority, weight }) => ({ upstreamId, ...(model === undefined ? {} : { model }), priority, weight })) } : {}),
    };
    if (row.status === 'ACTIVE') routes.set(row.id, row);
    else routes.delete(row.id);
  }
  return [...routes.values()];
}
