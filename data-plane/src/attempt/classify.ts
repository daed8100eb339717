// Pure. The one table of what an upstream's behaviour means. Failover, breaker, metrics and people all read this one.

/** The class of one attempt. */
export type Outcome =
  | 'ok'
  | 'client-input' // the request is wrong in itself
  | 'client-left'
  | 'hedge-lost' // another upstream was quicker
  | 'held-back' // not called: at its own limit, or another call is probing it
  | 'over-quota' // not called: its budget here, or its credential's, is used up
  | 'credential' // this secret is not accepted
  | 'credential-spent' // this account cannot pay, or has used up its quota
  | 'model-missing'
  | 'limited' // too many requests
  | 'overloaded'
  | 'failed' // a 5xx
  | 'unreachable' // no connection: TCP, TLS, DNS
  | 'stalled' // connected, and then nothing in time
  | 'address' // an address this node may not call
  | 'broke-off' // the answer ended too early, carried an error, or was no answer
  | 'lossy' // it could not be carried whole into the upstream's dialect, and the route is strict
  | 'node'; // our own trouble: no group key, a body we could not convert

/** Every class; the names that error rules may give. */
export const outcomes: readonly Outcome[] = [
  'ok', 'client-input', 'client-left', 'hedge-lost', 'held-back', 'over-quota', 'credential', 'credential-spent', 'model-missing', 'limited', 'overloaded', 'failed', 'unreachable', 'stalled', 'address', 'broke-off', 'lossy', 'node',
];

interface Row { statuses: readonly number[]; says: RegExp; outcome: Outcome }

// What vendors say under a status that means something else. Looked at from above; the first that fits counts.
const sayings: readonly Row[] = [
  // OpenAI answers 429 "insufficient_quota", Anthropic 400 "credit balance is too low", Moonshot 429 "exceeded_current_quota_error", DeepSeek and OpenRouter 402.
  { statuses: [400, 403, 429], says: /insufficient[_ ](?:quota|balance|credit|funds)|credit balance is too low|exceeded[_ ](?:your[_ ])?current[_ ]quota|billing[_ ](?:hard[_ ]limit|not[_ ]active)|account is (?:in arrears|overdue)|PerDay(?:PerProject)?/i, outcome: 'credential-spent' },
  // Gemini answers 400 to a wrong key.
  { statuses: [400], says: /api key not valid|API_KEY_INVALID|invalid api key|incorrect api key/i, outcome: 'credential' },
  { statuses: [400, 403, 422], says: /model_not_found|model[^.]{0,80}(?:does not exist|is not found|not found|is not supported for this account)|no such model|unknown model/i, outcome: 'model-missing' },
  // Bedrock: a name it does not know, one that is called only through an inference profile, one that this account has not been given.
  { statuses: [400, 403], says: /model identifier is invalid|with on-demand throughput|access to the model with the specified model/i, outcome: 'model-missing' },
  { statuses: [400, 500], says: /overloaded_error|server is overloaded|currently overloaded/i, outcome: 'overloaded' },
];

/** The outcome of a status that is not 2xx, with what the upstream said. */
export function classifyRefusal(status: number, said = ''): Outcome {
  for (const { statuses, says, outcome } of sayings) if (statuses.includes(status) && says.test(said)) return outcome;
  switch (status) {
    case 401: case 403: return 'credential';
    case 402: return 'credential-spent';
    case 404: return 'model-missing';
    case 408: case 409: case 425: return 'failed';
    case 429: return 'limited';
    case 503: case 529: return 'overloaded';
    default: return status >= 500 ? 'failed' : status >= 400 ? 'client-input' : 'broke-off';
  }
}

/** The outcome of an error that a stream carries before any content. */
export function classifyStreamError(said: string): Outcome {
  if (/overloaded|at capacity|serviceUnavailable/i.test(said)) return 'overloaded';
  if (/rate.?limit|too many requests|throttling/i.test(said)) return 'limited';
  return 'broke-off';
}
