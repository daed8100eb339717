// Pure. Errors of the Responses dialect.
import { numberOf, textOf } from '@fairlead/shared/wire/json.ts';
import type { ResponsesEvent, ResponsesReply } from '@fairlead/shared/wire/openai-responses.ts';
import { writeSseFrame } from '@fairlead/shared/wire/sse.ts';
import { isSpent, type FaultWords, type PlainFault } from '../hub/fault-words.ts';
import { errorBody, errorType } from '../openai-chat/faults.ts';

const STATUSES: Readonly<Record<string, number>> = {
  invalid_prompt: 400, invalid_request_error: 400, context_length_exceeded: 400, invalid_encrypted_content: 400, invalid_image: 400, unsupported_file: 400, content_policy_violation: 400,
  authentication_error: 401, invalid_api_key: 401, insufficient_quota: 402, permission_error: 403, model_not_found: 404, not_found_error: 404, rate_limit_exceeded: 429, rate_limit_error: 429,
  server_error: 500, server_is_overloaded: 503, slow_down: 503, timeout: 504,
};

/** The status that an error's code stands for, whether it is one of the vendor's words or a number, as compatible servers write it. */
function statusOf(error: { readonly [field: string]: unknown }): number {
  const number = numberOf(error['code']) ?? numberOf(error['status']) ?? numberOf(error['status_code']);
  if (number !== undefined && number >= 400 && number < 600) return number;
  return STATUSES[textOf(error['code']) ?? ''] ?? STATUSES[textOf(error['type']) ?? ''] ?? 502;
}

/** How a stream says an error: with a code of `response.failed`, or where it has none as the event `error`. */
export type StreamFault = { readonly failed: string | undefined };

/**
 * How Codex must hear of it: it tries again after the event `error` and the code `rate_limit_exceeded`, shows
 * `insufficient_quota` and `context_length_exceeded` in words of its own, and takes every other code as final.
 */
export function streamFaultOf(status: number, message: string): StreamFault {
  switch (status) {
    case 400: case 413: case 422: return { failed: /context (?:window|length|limit)|prompt is too long|too many (?:input )?tokens/i.test(message) ? 'context_length_exceeded' : 'invalid_prompt' };
    case 402: return { failed: 'insufficient_quota' };
    case 404: return { failed: 'model_not_found' };
    case 429: return { failed: 'rate_limit_exceeded' };
    default: return { failed: undefined };
  }
}

/** The event that ends a stream as a failure. */
export function faultEvent(said: StreamFault, message: string, response: ResponsesReply): ResponsesEvent {
  if (said.failed === undefined) return { type: 'error', code: 'server_error', message, param: null };
  return { type: 'response.failed', response: { ...response, status: 'failed', error: { code: said.failed, message } } };
}

/** How this dialect says errors. Codex tries again on 429, and shows a 400 at once. */
export const faults: FaultWords = {
  errorType,
  statusOf,
  writeFault: (fault, headers, exchangeId) => ({ status: isSpent(fault) ? 400 : fault.status, headers: { ...headers, 'x-request-id': exchangeId }, body: { error: errorBody(fault) } }),
  writeStreamFault(fault) {
    const said = saidOf(fault);
    // Codex waits as long as the words say.
    const wait = said.failed === 'rate_limit_exceeded' && fault.retryAfterMs !== undefined ? ` Please try again in ${Math.max(1, Math.ceil(fault.retryAfterMs / 1000))}s.` : '';
    const response: ResponsesReply = { id: 'resp_failed', object: 'response', created_at: 0, status: 'in_progress', model: '', output: [], usage: null, error: null, incomplete_details: null };
    const event = faultEvent(said, `${fault.message}${wait}`, response);
    // Only what breaks off in the middle is the event `error`: anything else is said before the first event, which must be this one.
    const events: ResponsesEvent[] = event.type === 'error' ? [event] : [{ type: 'response.created', response }, event];
    return new TextEncoder().encode(events.map((one) => writeSseFrame({ event: one.type, data: JSON.stringify(one) })).join(''));
  },
};

function saidOf(fault: PlainFault): StreamFault {
  if (isSpent(fault)) return { failed: 'insufficient_quota' };
  if (fault.mayRetry) return fault.status === 429 ? { failed: 'rate_limit_exceeded' } : { failed: undefined };
  const said = streamFaultOf(fault.status, fault.message);
  // A code of ours is unknown to Codex, and so final.
  return said.failed === undefined || said.failed === 'rate_limit_exceeded' ? { failed: fault.code } : said;
}
