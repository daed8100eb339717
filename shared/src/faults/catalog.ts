// Pure. The one catalog of codes: status, whose doing it was, whether waiting helps, and the sentence that may be shown.

/** Who has to act. */
export type Blame = 'caller' | 'operator' | 'upstream' | 'node';

/** Whether the same request can succeed later without a change. */
export type RetryHint = 'never' | 'soon' | 'later';

/** One row of the catalog. */
export interface FaultEntry { status: number; blame: Blame; retry: RetryHint; say: string }

/** Every refusal and failure there is. */
export const faults = {
  'key.missing': { status: 401, blame: 'caller', retry: 'never', say: 'No Fairlead key was presented. Send yours as "Authorization: Bearer flk_…", x-api-key or x-goog-api-key.' },
  'key.malformed': { status: 401, blame: 'caller', retry: 'never', say: 'This is not a whole Fairlead key (its checksum does not fit). Copy it again.' },
  'key.wrong-kind': { status: 401, blame: 'caller', retry: 'never', say: 'This secret cannot call models. Management tokens (flm_) and node tokens (fln_) are not runtime keys; use one that begins with flk_.' },
  'key.unknown': { status: 401, blame: 'caller', retry: 'never', say: 'This key is not known here.' },
  'key.revoked': { status: 401, blame: 'caller', retry: 'never', say: 'This key was revoked.' },
  'key.paused': { status: 403, blame: 'caller', retry: 'later', say: 'This key is paused.' },
  'key.expired': { status: 401, blame: 'caller', retry: 'never', say: 'This key has expired.' },
  'key.guarded': { status: 429, blame: 'caller', retry: 'later', say: 'Too many wrong keys came from this address. Wait and try again.' },
  'tenant.suspended': { status: 403, blame: 'operator', retry: 'later', say: 'This account is suspended.' },
  'request.not-json': { status: 400, blame: 'caller', retry: 'never', say: 'The body is not valid JSON.' },
  'request.too-large': { status: 413, blame: 'caller', retry: 'never', say: 'The body is too large.' },
  'request.encoding': { status: 415, blame: 'caller', retry: 'never', say: 'The body\'s encoding is not supported. Send it plain, or as gzip.' },
  'request.invalid': { status: 400, blame: 'caller', retry: 'never', say: 'The request is not valid.' },
  'request.timeout': { status: 408, blame: 'caller', retry: 'soon', say: 'The body did not arrive in time.' },
  'request.not-found': { status: 404, blame: 'caller', retry: 'never', say: 'There is no such endpoint on this node.' },
  'request.upgrade': { status: 426, blame: 'caller', retry: 'never', say: 'WebSocket is not offered here; use HTTP.' },
  'request.lossy': { status: 400, blame: 'caller', retry: 'never', say: 'This request cannot be expressed for the upstream that serves the model.' },
  'model.missing': { status: 400, blame: 'caller', retry: 'never', say: 'The request names no model.' },
  'model.unknown': { status: 404, blame: 'caller', retry: 'never', say: 'No upstream here serves this model.' },
  'model.not-allowed': { status: 403, blame: 'caller', retry: 'never', say: 'This key may not use this model.' },
  'client.not-allowed': { status: 403, blame: 'caller', retry: 'never', say: 'This key may not be used with this client.' },
  'count.unsupported': { status: 404, blame: 'caller', retry: 'never', say: 'The upstream of this model cannot count tokens.' },
  'quota.spent': { status: 429, blame: 'caller', retry: 'later', say: 'The budget of this key is used up.' },
  'quota.unavailable': { status: 503, blame: 'node', retry: 'soon', say: 'This node holds no budget for this key and cannot ask for one now.' },
  'pace.exceeded': { status: 429, blame: 'caller', retry: 'soon', say: 'This is faster than the pace that is set.' },
  'concurrency.exceeded': { status: 429, blame: 'caller', retry: 'soon', say: 'Too many requests at once.' },
  'sessions.exceeded': { status: 429, blame: 'caller', retry: 'later', say: 'Too many sessions of this key at once.' },
  'route.no-candidate': { status: 503, blame: 'operator', retry: 'later', say: 'No upstream can serve this model now.' },
  'upstream.all-failed': { status: 502, blame: 'upstream', retry: 'soon', say: 'Every upstream that could serve this request failed.' },
  'upstream.resting': { status: 503, blame: 'upstream', retry: 'soon', say: 'Every upstream that could serve this request rests after failures, or is at its limit.' },
  'upstream.over-quota': { status: 503, blame: 'operator', retry: 'later', say: 'The budget of every upstream that could serve this request is used up.' },
  'upstream.refused': { status: 502, blame: 'upstream', retry: 'never', say: 'The upstream refused the request.' },
  'upstream.broke-off': { status: 502, blame: 'upstream', retry: 'soon', say: 'The upstream broke off in the middle of its answer.' },
  'upstream.address': { status: 502, blame: 'operator', retry: 'never', say: 'The upstream\'s address is not one this node may call.' },
  'node.starting': { status: 503, blame: 'node', retry: 'soon', say: 'This node has no configuration yet.' },
  'node.behind': { status: 503, blame: 'node', retry: 'soon', say: 'This node does not serve by the revision yet that the request asks for.' },
  'node.stale': { status: 503, blame: 'node', retry: 'later', say: 'This node has been without news for too long to go on serving.' },
  'node.books-away': { status: 503, blame: 'node', retry: 'soon', say: 'This node cannot reach its accounts now, so it takes no paid work.' },
  'node.spool-full': { status: 503, blame: 'node', retry: 'later', say: 'This node cannot keep its accounts now, so it takes no paid work.' },
  'client.left': { status: 499, blame: 'caller', retry: 'never', say: 'The client left before the answer.' },
  'node.bug': { status: 500, blame: 'node', retry: 'never', say: 'Something broke on our side.' },
} as const satisfies Record<string, FaultEntry>;

/** A code of the catalog. */
export type FaultCode = keyof typeof faults;
