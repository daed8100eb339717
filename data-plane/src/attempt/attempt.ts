import { Fault } from '@fairlead/shared/faults/fault.ts';
import { noReading } from '@fairlead/shared/money/charge.ts';
import type { TraceAttempt } from '@fairlead/shared/usage/trace.ts';
import type { Accounts } from '../journey/account.ts';
import type { Ask } from '../journey/ask.ts';
import type { Candidate, Plan } from '../journey/candidate.ts';
import type { Inbound } from '../journey/inbound.ts';
import type { Answer, Reply } from '../journey/reply.ts';
import { call } from './call.ts';
import type { CallParts, Failed } from './call.ts';
import { consequences } from './consequences.ts';
import type { Health } from './health.ts';

/** What attempts need of the node. */
export interface AttemptParts extends CallParts { health: Health }

const attemptsMost = 8;
const overallMs = 600_000;

/** Tries the candidates in order until one answers; nothing reaches the client before that. Throws `upstream.all-failed`. */
export async function attempt(at: { inbound: Inbound; plan: Plan; ask: Ask; accounts: Accounts; attempts: TraceAttempt[] }, parts: AttemptParts): Promise<Reply> {
  const { inbound, ask, attempts } = at;
  const deadline = inbound.receivedAtMs + overallMs;
  let shown: { failure: Failed; candidate: Candidate } | undefined;
  for (const candidate of rested(at.plan.candidates, parts.health).slice(0, attemptsMost)) {
    if (parts.clock.now() > deadline) break;
    const number = attempts.length + 1;
    const account = ask.metered ? await at.accounts.open(candidate, number) : undefined;
    const startedAt = parts.clock.now();
    const result = await call({ inbound, ask, candidate, exchangeId: inbound.exchangeId }, parts);
    const entry: TraceAttempt = { attempt: number, upstreamId: candidate.upstream.id, upstream: candidate.upstream.name, model: candidate.model, dialect: candidate.dialect, outcome: 'ok', startedAt, durationMs: parts.clock.now() - startedAt };
    if (result.losses.length > 0) entry.losses = [...result.losses];
    attempts.push(entry);
    if (result.kind === 'served') {
      parts.health.healed(candidate.upstream.id);
      entry.status = result.status;
      entry.ttftMs = result.firstContentAtMs - startedAt;
      return { ...result, candidate, account, attempts };
    }
    entry.outcome = result.outcome;
    entry.detail = result.detail;
    if (result.status !== undefined) entry.status = result.status;
    account?.settle({ outcome: result.outcome === 'client-left' ? 'ABORTED' : 'FAILED', reading: result.reading ?? noReading, estimated: result.estimated ?? false, ...(result.status === undefined ? {} : { httpStatus: result.status }) });
    if (result.outcome === 'client-left') throw new Fault('client.left');
    const then = consequences[result.outcome];
    const rest = result.restMs ?? then.restMs;
    if (then.hurts === 'upstream') parts.health.hurt(candidate.upstream.id, result.outcome, rest);
    if (then.hurts === 'credential') parts.health.hurt(candidate.credential.id, result.outcome, rest);
    if (then.next === 'stop') return refusal(result, candidate, attempts, ask);
    if (!shown || worth(result) >= worth(shown.failure)) shown = { failure: result, candidate };
  }
  if (shown?.failure.answer && worth(shown.failure) > 1) return refusal(shown.failure, shown.candidate, attempts, ask);
  const retryAfterMs = shown?.failure.restMs;
  throw new Fault('upstream.all-failed', {
    detail: attempts.map((entry) => `${entry.upstream}: ${entry.outcome} ${entry.detail ?? ''}`).join(' | ').slice(0, 500),
    hint: hintOf(attempts),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** Credentials that rest come last: a tired one beats none. */
function rested(candidates: readonly Candidate[], health: Health): Candidate[] {
  return [...candidates.filter((candidate) => !health.resting(candidate.credential.id)), ...candidates.filter((candidate) => health.resting(candidate.credential.id))];
}

/** How much a failure tells the client: the vendor's own words on load and models are worth passing on, on our credentials not. */
function worth(failure: Failed): number {
  switch (failure.outcome) {
    case 'limited': case 'overloaded': case 'failed': case 'model-missing': return failure.answer ? 2 : 1;
    default: return 0;
  }
}

function refusal(failure: Failed, candidate: Candidate, attempts: TraceAttempt[], ask: Ask): Reply {
  const answer: Answer | undefined = failure.answer;
  if (!answer) throw new Fault('upstream.refused', { detail: failure.detail });
  const wait = failure.restMs === undefined ? {} : { 'retry-after': String(Math.ceil(failure.restMs / 1000)) };
  return {
    ...answer, headers: { ...wait, ...answer.headers }, candidate, account: undefined, attempts, firstContentAtMs: 0,
    watch: { reading: () => undefined, contentBytes: () => 0 }, ended: () => ({ outcome: 'FAILED', detail: `${ask.dialect}: ${failure.detail}` }),
  };
}

const words: Record<string, string> = {
  'credential': 'did not accept its credential', 'credential-spent': 'has no credit left', 'model-missing': 'does not know the model', 'limited': 'is rate-limited', 'overloaded': 'is overloaded',
  'failed': 'failed', 'unreachable': 'cannot be reached', 'address': 'has an address this node may not call', 'broke-off': 'broke off', 'node': 'could not be called by this node',
};

/** Which failed and how, by their names, without addresses or secrets. */
function hintOf(attempts: readonly TraceAttempt[]): string {
  const said = [...new Set(attempts.map((entry) => `${entry.upstream} ${words[entry.outcome] ?? entry.outcome}`))];
  return `${said.slice(0, 4).join('; ')}.`;
}
