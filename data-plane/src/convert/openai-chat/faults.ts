// Pure. Errors of the Chat Completions dialect, and of what it shares with Responses.
import { numberOf } from '@fairlead/shared/wire/json.ts';
import { encodeSseFrame } from '@fairlead/shared/wire/sse.ts';
import { isSpent, type FaultWords, type PlainFault } from '../hub/fault-words.ts';

/** The kind of an error in OpenAI's dialects. */
export function errorType(status: number): string {
  switch (status) {
    case 401: return 'authentication_error';
    case 402: return 'insufficient_quota';
    case 403: return 'permission_error';
    case 429: return 'rate_limit_error';
    default: return status < 500 ? 'invalid_request_error' : 'server_error';
  }
}

/** The error object of OpenAI's dialects. */
export function errorBody(fault: PlainFault): { message: string; type: string; param: null; code: string } {
  return { message: fault.message, type: errorType(fault.status), param: null, code: isSpent(fault) ? 'insufficient_quota' : fault.code };
}

/** The status in an error's code, where compatible servers put one. */
export function statusOf(error: { readonly [field: string]: unknown }): number {
  const code = numberOf(error['code']) ?? numberOf(error['status']);
  return code !== undefined && code >= 400 && code < 600 ? code : 502;
}

/** How this dialect says errors. */
export const faults: FaultWords = {
  errorType,
  statusOf,
  writeFault: (fault, headers, exchangeId) => ({ status: isSpent(fault) ? 402 : fault.status, headers: { ...headers, 'x-request-id': exchangeId }, body: { error: errorBody(fault) } }),
  writeStreamFault: (fault) => encodeSseFrame({ data: JSON.stringify({ error: { ...errorBody(fault), code: fault.code } }) }),
};
