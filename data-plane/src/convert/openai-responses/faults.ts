// Pure. Errors of the Responses dialect.
import { encodeSseFrame } from '@fairlead/shared/wire/sse.ts';
import { isSpent, type FaultWords } from '../hub/fault-words.ts';
import { errorBody, errorType, statusOf } from '../openai-chat/faults.ts';

/** How this dialect says errors. Codex tries again on 429, and shows a 400 at once. */
export const faults: FaultWords = {
  errorType,
  statusOf,
  writeFault: (fault, headers, exchangeId) => ({ status: isSpent(fault) ? 400 : fault.status, headers: { ...headers, 'x-request-id': exchangeId }, body: { error: errorBody(fault) } }),
  writeStreamFault: (fault) => encodeSseFrame({ event: 'error', data: JSON.stringify({ type: 'error', code: 'server_error', message: fault.message, param: null }) }),
};
