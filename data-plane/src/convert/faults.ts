// Pure. Our refusals in the words of each dialect.
import type { Fault } from '@fairlead/shared/faults/fault.ts';
import type { DialectName } from '@fairlead/shared/snapshot/snapshot.ts';
import { encodeSseFrame } from '@fairlead/shared/wire/sse.ts';
import { objectOf } from '@fairlead/shared/wire/json.ts';

/** An error as a client of a dialect reads it. */
export interface WrittenFault { status: number; headers: Record<string, string>; body: unknown }

/** What each dialect needs to say an error: status, the vendor's type, the sentence. */
export interface PlainFault { status: number; message: string; code: string; retryAfterMs?: number | undefined; mayRetry: boolean }

/** The fault as plain facts, without what must not leave the node. */
export function plainFault(fault: Fault): PlainFault {
  return { status: fault.status, message: fault.say, code: fault.code, retryAfterMs: fault.retryAfterMs, mayRetry: fault.mayRetry };
}

/**
 * The whole answer. Budgets and keys get the statuses that clients show at once: 429 with
 * `x-should-retry: false` where Anthropic's clients ask, 402 elsewhere would end Codex's and Gemini's tries.
 */
export function writeFault(dialect: DialectName, fault: PlainFault, exchangeId: string): WrittenFault {
  const headers: Record<string, string> = { 'content-type': 'application/json', 'x-fairlead-code': fault.code };
  if (!fault.mayRetry) headers['x-should-retry'] = 'false';
  if (fault.retryAfterMs !== undefined && fault.mayRetry) headers['retry-after'] = String(Math.max(1, Math.ceil(fault.retryAfterMs / 1000)));
  const spent = fault.code === 'quota.spent';
  switch (dialect) {
    case 'anthropic-messages':
      return { status: fault.status, headers: { ...headers, 'request-id': exchangeId }, body: { type: 'error', error: { type: spent ? 'rate_limit_error' : anthropicType(fault.status), message: fault.message }, request_id: exchangeId } };
    case 'openai-chat':
    case 'openai-responses': {
      // Codex tries again on 429, and shows a 400 at once.
      const status = spent ? (dialect === 'openai-responses' ? 400 : 402) : fault.status;
      return { status, headers: { ...headers, 'x-request-id': exchangeId }, body: { error: { message: fault.message, type: openaiType(fault.status), param: null, code: spent ? 'insufficient_quota' : fault.code } } };
    }
    case 'gemini-generate': {
      const status = spent ? 402 : fault.status;
      return { status, headers, body: { error: { code: status, message: fault.message, status: geminiStatus(fault.status) } } };
    }
  }
}

/** The bytes that end a stream as a failure in this dialect, after content has been sent. */
export function writeStreamFault(dialect: DialectName, fault: PlainFault): Uint8Array {
  switch (dialect) {
    case 'anthropic-messages':
      return encodeSseFrame({ event: 'error', data: JSON.stringify({ type: 'error', error: { type: anthropicType(fault.status), message: fault.message } }) });
    case 'openai-chat':
      return encodeSseFrame({ data: JSON.stringify({ error: { message: fault.message, type: openaiType(fault.status), param: null, code: fault.code } }) });
    case 'openai-responses':
      return encodeSseFrame({ event: 'error', data: JSON.stringify({ type: 'error', code: 'server_error', message: fault.message, param: null }) });
    case 'gemini-generate':
      return encodeSseFrame({ data: JSON.stringify({ error: { code: fault.status, message: fault.message, status: geminiStatus(fault.status) } }) });
  }
}

/** The dialect's own name for the kind of an error. */
export function errorType(dialect: DialectName, status: number): string {
  switch (dialect) {
    case 'anthropic-messages': return anthropicType(status);
    case 'openai-chat':
    case 'openai-responses': return openaiType(status);
    case 'gemini-generate': return geminiStatus(status);
  }
}

/** What an upstream's error body says to people, word for word: clients repair their requests by it. Undefined when it says nothing. */
export function readFaultMessage(body: unknown): string | undefined {
  const fields = objectOf(Array.isArray(body) ? body[0] : body);
  const error = objectOf(fields?.error);
  const said = [error?.message, fields?.message, fields?.error, fields?.detail].find((text) => typeof text === 'string' && text !== '');
  return typeof said === 'string' ? said : undefined;
}

function anthropicType(status: number): string {
  switch (status) {
    case 400: case 415: case 422: return 'invalid_request_error';
    case 401: return 'authentication_error';
    case 402: return 'billing_error';
    case 403: return 'permission_error';
    case 404: return 'not_found_error';
    case 408: case 504: return 'timeout_error';
    case 413: return 'request_too_large';
    case 429: return 'rate_limit_error';
    case 503: case 529: return 'overloaded_error';
    default: return status < 500 ? 'invalid_request_error' : 'api_error';
  }
}

function openaiType(status: number): string {
  switch (status) {
    case 401: return 'authentication_error';
    case 402: return 'insufficient_quota';
    case 403: return 'permission_error';
    case 429: return 'rate_limit_error';
    default: return status < 500 ? 'invalid_request_error' : 'server_error';
  }
}

function geminiStatus(status: number): string {
  switch (status) {
    case 400: case 413: case 415: case 422: return 'INVALID_ARGUMENT';
    case 401: return 'UNAUTHENTICATED';
    case 403: return 'PERMISSION_DENIED';
    case 404: return 'NOT_FOUND';
    case 402: case 429: return 'RESOURCE_EXHAUSTED';
    case 408: case 504: return 'DEADLINE_EXCEEDED';
    case 503: case 529: return 'UNAVAILABLE';
    default: return status < 500 ? 'FAILED_PRECONDITION' : 'INTERNAL';
  }
}
