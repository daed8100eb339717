// Pure. Errors of the Gemini dialect.
import { numberOf } from '@fairlead/shared/wire/json.ts';
import { encodeSseFrame } from '@fairlead/shared/wire/sse.ts';
import { isSpent, type FaultWords } from '../hub/fault-words.ts';

function errorType(status: number): string {
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

/** How this dialect says errors. */
export const faults: FaultWords = {
  errorType,
  statusOf(error) {
    const code = numberOf(error['code']);
    return code !== undefined && code >= 400 && code < 600 ? code : 502;
  },
  writeFault(fault, headers) {
    const status = isSpent(fault) ? 402 : fault.status;
    return { status, headers, body: { error: { code: status, message: fault.message, status: errorType(fault.status) } } };
  },
  writeStreamFault: (fault) => encodeSseFrame({ data: JSON.stringify({ error: { code: fault.status, message: fault.message, status: errorType(fault.status) } }) }),
};
