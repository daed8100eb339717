import { Fault } from '@fairlead/shared/faults/fault.ts';
import type { DialectName } from '@fairlead/shared/snapshot/snapshot.ts';
import { plainFault, writeFault } from '../convert/faults.ts';
import type { Answer } from '../journey/reply.ts';
import { errorText } from '../telemetry/log.ts';
import type { Log } from '../telemetry/log.ts';

/** Any thrown thing as an answer in the caller's dialect; what is not a Fault is our own bug. Logged here, once. */
export function answerFault(cause: unknown, dialect: DialectName, exchangeId: string, log: Log): Answer {
  const fault = cause instanceof Fault ? cause : new Fault('node.bug', { detail: errorText(cause), cause });
  const fields = { exchange: exchangeId, code: fault.code, status: fault.status, detail: fault.detail ?? null, ...(fault.cause === undefined ? {} : { cause: errorText(fault.cause) }) };
  if (fault.code === 'node.bug') log.error('exchange.bug', { ...fields, stack: cause instanceof Error ? (cause.stack ?? '').slice(0, 1500) : '' });
  else log.info('exchange.refused', fields);
  const written = writeFault(dialect, plainFault(fault), exchangeId);
  return { status: written.status, headers: { ...written.headers, 'x-fairlead-exchange': exchangeId }, body: new TextEncoder().encode(JSON.stringify(written.body)) };
}

/** The dialect in which an unknown path is answered, guessed from what the client sends. */
export function guessDialect(path: string, headers: ReadonlyMap<string, string>): DialectName {
  if (headers.has('x-goog-api-key') || path.startsWith('/v1beta')) return 'gemini-generate';
  if (headers.has('anthropic-version') || path.startsWith('/v1/messages')) return 'anthropic-messages';
  return path.startsWith('/v1/responses') ? 'openai-responses' : 'openai-chat';
}
