// Pure. Errors of the Messages dialect.
import { textOf } from '@fairlead/shared/wire/json.ts';
import { encodeSseFrame } from '@fairlead/shared/wire/sse.ts';
import { isSpent, type FaultWords } from '../hub/fault-words.ts';

const STATUSES: Readonly<Record<string, number>> = {
  invalid_request_error: 400, authentication_error: 401, billing_error: 402, permission_error: 403, not_found_error: 404,
  request_too_large: 413, rate_limit_error: 429, api_error: 500, timeout_error: 504, overloaded_error: 529,
};

function errorType(status: number): string {
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

/** How this dialect says errors. A spent budget stays 429: with `x-should-retry: false` its clients show it at once. */
export const faults: FaultWords = {
  errorType,
  statusOf: (error) => STATUSES[textOf(error['type']) ?? ''] ?? 502,
  writeFault: (fault, headers, exchangeId) => ({
    status: fault.status, headers: { ...headers, 'request-id': exchangeId },
    body: { type: 'error', error: { type: isSpent(fault) ? 'rate_limit_error' : errorType(fault.status), message: fault.message }, request_id: exchangeId },
  }),
  writeStreamFault: (fault) => encodeSseFrame({ event: 'error', data: JSON.stringify({ type: 'error', error: { type: errorType(fault.status), message: fault.message } }) }),
};
