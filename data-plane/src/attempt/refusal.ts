// Pure. What the client is told when no upstream answered.
import { Fault } from '@fairlead/shared/faults/fault.ts';
import type { TraceAttempt } from '@fairlead/shared/usage/trace.ts';
import type { Answer } from '../journey/reply.ts';
import type { Failed } from './call.ts';

/** The failure worth showing as it is: the vendor's own words on the request, on load and on models; on our credentials never. */
export function worthShowing(failures: readonly Failed[]): (Failed & { answer: Answer }) | undefined {
  let best: (Failed & { answer: Answer }) | undefined;
  for (const failure of failures) if (hasAnswer(failure) && worth(failure) > 0 && (!best || worth(failure) >= worth(best))) best = failure;
  return best;
}

function hasAnswer(failure: Failed): failure is Failed & { answer: Answer } {
  return failure.answer !== undefined;
}

function worth(failure: Failed): number {
  if (failure.reworded) return 4;
  switch (failure.outcome) {
    case 'client-input': return 3;
    case 'limited': case 'overloaded': case 'failed': return 2;
    case 'model-missing': case 'lossy': return 1;
    default: return 0;
  }
}

/** The fault that tells which failed, why, and what to do; no address and no secret is in it. */
export function allFailed(attempts: readonly TraceAttempt[], waitMs: number | undefined): Fault {
  return new Fault(attempts.every(({ outcome }) => outcome === 'held-back') ? 'upstream.resting' : 'upstream.all-failed', {
    detail: attempts.map((entry) => `${entry.upstream}: ${entry.outcome} ${entry.detail ?? ''}`).join(' | ').slice(0, 500),
    hint: `${saidOf(attempts)} ${adviceOf(attempts, waitMs)}`,
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
  });
}

const words: Record<string, string> = {
  'credential': 'did not accept its credential', 'credential-spent': 'has no credit or quota left', 'model-missing': 'does not know the model', 'limited': 'is rate-limited', 'overloaded': 'is overloaded', 'held-back': 'is resting after failures or at its limit', 'over-quota': 'has used up its budget',
  'failed': 'failed', 'unreachable': 'cannot be reached', 'stalled': 'did not answer in time', 'address': 'has an address this node may not call', 'broke-off': 'broke off', 'node': 'could not be called by this node', 'client-input': 'refused the request', 'lossy': 'cannot be told all of the request',
};

/** Which failed and how, by their names. */
function saidOf(attempts: readonly TraceAttempt[]): string {
  const said = [...new Set(attempts.map((entry) => `${entry.upstream} ${words[entry.outcome] ?? entry.outcome}`))];
  return `${said.slice(0, 5).join('; ')}${said.length > 5 ? `; and ${said.length - 5} more` : ''}.`;
}

/** What to do about it, by what most of them have in common. */
function adviceOf(attempts: readonly TraceAttempt[], waitMs: number | undefined): string {
  const seen = new Set(attempts.map(({ outcome }) => outcome));
  const only = (...outcomes: string[]) => [...seen].every((outcome) => outcomes.includes(outcome));
  if (waitMs !== undefined) return `Try again in ${Math.max(1, Math.ceil(waitMs / 1000))} s.`;
  if (only('credential', 'credential-spent', 'held-back') && seen.has('credential')) return 'Whoever runs this Fairlead has to renew the provider\'s credential.';
  if (only('credential-spent', 'held-back')) return 'Whoever runs this Fairlead has to top up the provider\'s account.';
  if (only('over-quota', 'held-back')) return 'Whoever runs this Fairlead can raise the provider\'s budget.';
  if (only('model-missing')) return 'Choose another model; GET /v1/models lists what there is.';
  if (only('address')) return 'Whoever runs this Fairlead has to allow the address (FAIRLEAD_EGRESS_ALLOW).';
  return 'Trying again later may help.';
}
