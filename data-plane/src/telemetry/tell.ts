import type { ExchangeTrace, TraceAttempt, TraceCandidate } from '@fairlead/shared/usage/trace.ts';
import type { Arrival } from '../journey/inbound.ts';
import type { Story } from '../journey/story.ts';
import type { Node } from '../node.ts';

/** How an exchange ended, as its trace says it. Times are epoch ms, 0 = never. */
export interface Told { outcome: ExchangeTrace['outcome']; status: number; firstContentAtMs: number; faultCode?: string | undefined }

const passedOverMost = 20;
// A tenant with hundreds of upstreams must not make a batch too large to be taken, with everybody's traces in it.
const candidatesMost = 50;

/** Traces and counts an exchange; called once for each, when it is over. */
export function tell(node: Pick<Node, 'traces' | 'metrics' | 'reporter' | 'clock' | 'inFlight'>, { exchangeId, endpoint, receivedAtMs }: Arrival, story: Story, told: Told): void {
  const { principal, ask, plan, attempts } = story;
  node.inFlight.count -= 1;
  if (!principal) return;
  const served = servedOf(attempts);
  for (const { outcome } of attempts) node.metrics.count('fairlead_attempts_total', { outcome });
  node.metrics.count('fairlead_exchanges_total', { dialect: endpoint.dialect, outcome: told.outcome });
  const candidates: TraceCandidate[] = [];
  if (plan) {
    for (const { upstream, model, reason } of plan.candidates) if (candidates.length < candidatesMost) candidates.push({ upstreamId: upstream.id, upstream: upstream.name, model, chosen: served?.upstreamId === upstream.id, reason });
    for (const { upstream, reason } of plan.leftOut) if (candidates.length < candidatesMost) candidates.push({ upstreamId: upstream.id, upstream: upstream.name, model: ask?.model ?? '', chosen: false, reason });
  }
  node.traces.add({
    exchangeId, tenantId: principal.tenant, keyId: principal.key.id, startedAt: receivedAtMs, endedAt: node.clock.now(),
    dialect: endpoint.dialect, model: ask?.model ?? '', stream: ask?.stream ?? false, status: told.status, outcome: told.outcome, revision: story.revision, attempts,
    // What is not known is left out when it is written.
    faultCode: told.faultCode, ttftMs: told.firstContentAtMs > 0 ? told.firstContentAtMs - receivedAtMs : undefined, client: ask?.client, sessionId: ask?.sessionId,
    repo: ask?.labelled?.labels.repo, branch: ask?.labelled?.labels.branch, ticket: ask?.labelled?.labels.ticket, notes: ask?.labelled?.notes,
    ask: ask?.facts, recalled: story.recalled, passedOver: plan?.passedOver.slice(0, passedOverMost), route: plan?.route, candidates,
  });
  node.reporter.nudge();
}

/** The attempt that the client heard: the last one, but for those that were stopped beside it or never made. */
function servedOf(attempts: readonly TraceAttempt[]): TraceAttempt | undefined {
  return attempts.findLast(({ outcome }) => outcome !== 'hedge-lost' && outcome !== 'held-back' && outcome !== 'over-quota') ?? attempts[attempts.length - 1];
}
