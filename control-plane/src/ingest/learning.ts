import type { Domain } from '../domain/domain.ts';

/** How long after a start no new slice is granted where slices were granted before. */
export const learningMs = 2_000;

/**
 * Waits, in the first two seconds after a start, before a new slice is granted. The database may have been restored to
 * an older state: nodes that are there notice that the control plane was gone, or that their long polls are answered too
 * soon, and tell within this time what they hold and what they have closed, so that what was forgotten is not granted a second time.
 */
export async function learn(domain: Domain): Promise<void> {
  const restMs = learningRestMs(domain);
  if (restMs <= 0) return;
  if ((await domain.db.client.lease.findFirst({ where: { createdAt: { lt: new Date(domain.startedAtMs) } }, select: { id: true } })) === null) return;
  await domain.clock.sleep(restMs);
}

/** Whether the pause after a start is not over. */
export function isLearning(domain: Domain): boolean {
  return learningRestMs(domain) > 0;
}

function learningRestMs({ startedAtMs, clock }: Domain): number {
  const restMs = startedAtMs + learningMs - clock.now();
  return restMs > learningMs ? 0 : restMs;
}

/**
 * Whether a lease that its node knows to be closed is closed here too. Leases of a node are closed one after another: a
 * database that knows of the last close knows of all before it, and one that does not was restored to an older state.
 */
export async function isClosedLease(domain: Domain, nodeId: string, leaseId: string): Promise<boolean> {
  return (await domain.db.client.lease.findFirst({ where: { id: leaseId.slice(0, 60), nodeId, open: false }, select: { id: true } })) !== null;
}
