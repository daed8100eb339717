import type { Actor } from '../actor.ts';
import { isOperator, requireMember } from '../actor.ts';
import type { Domain } from '../domain.ts';
import { Refused } from '../problem.ts';
import { liveWithinMs } from './live.ts';
import { publishedRevision } from './reads.ts';

/** How far one revision has come. `late` are names of live nodes, for operators; null for others. */
export interface Propagation { revision: number; reached: boolean; live: number; applied: number; silent: number; late: string[] | null }

/** The longest that an answer is held. */
export const awaitMostMs = 30_000;

/**
 * Waits until every live node has applied a revision, or the time is over; a silent node may still serve an older one.
 * Throws Refused for a revision that was never published or a time out of bounds.
 */
export async function awaitPropagation(domain: Domain, actor: Actor, { revision, timeoutMs }: { revision: number; timeoutMs: number }, signal?: AbortSignal): Promise<Propagation> {
  requireMember(actor, 'nodes:read');
  if (timeoutMs < 0 || timeoutMs > awaitMostMs) throw new Refused({ code: 'INVALID', message: `It must be between 0 and ${awaitMostMs} milliseconds.`, path: ['timeoutMs'] });
  const newest = await publishedRevision(domain);
  if (revision < 1 || revision > newest) throw new Refused({ code: 'INVALID', message: `Revision ${revision} was not published; the newest is ${newest}.`, path: ['revision'], fix: 'Pass the revision that a mutation answered.' });
  await domain.publishing.waitForNodes(revision, timeoutMs, signal);
  const rows = await domain.db.client.fleetNode.findMany({ where: { status: 'ACTIVE' }, select: { name: true, lastSeenAt: true, appliedRevision: true } });
  // Those that were waited for.
  const since = domain.clock.now() - liveWithinMs;
  const live = rows.filter(({ lastSeenAt }) => lastSeenAt !== null && lastSeenAt.getTime() > since);
  const late = live.filter((row) => row.appliedRevision < revision).map((row) => row.name);
  return { revision, reached: late.length === 0, live: live.length, applied: live.length - late.length, silent: rows.length - live.length, late: isOperator(actor) ? late.slice(0, 100) : null };
}
