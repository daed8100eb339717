// Pure. Our refusals, and what upstreams say, in the words of each dialect.
import type { Fault } from '@fairlead/shared/faults/fault.ts';
import type { DialectName } from '@fairlead/shared/snapshot/snapshot.ts';
import { objectOf } from '@fairlead/shared/wire/json.ts';
import { faults as anthropic } from './anthropic-messages/faults.ts';
import { faults as gemini } from './gemini-generate/faults.ts';
import type { FaultWords, PlainFault, WrittenFault } from './hub/fault-words.ts';
import { faults as chat } from './openai-chat/faults.ts';
import { faults as responses } from './openai-responses/faults.ts';

export type { PlainFault, WrittenFault } from './hub/fault-words.ts';

const words: Readonly<Record<DialectName, FaultWords>> = { 'anthropic-messages': anthropic, 'openai-chat': chat, 'openai-responses': responses, 'gemini-generate': gemini };

/** The fault as plain facts, without what must not leave the node. */
export function plainFault(fault: Fault): PlainFault {
  return { status: fault.status, message: fault.say, code: fault.code, retryAfterMs: fault.retryAfterMs, mayRetry: fault.mayRetry };
}

/** The whole answer, with the headers that tell a client whether and when to try again. */
export function writeFault(dialect: DialectName, fault: PlainFault, exchangeId: string): WrittenFault {
  const headers: Record<string, string> = { 'content-type': 'application/json', 'x-fairlead-code': fault.code };
  if (!fault.mayRetry) headers['x-should-retry'] = 'false';
  if (fault.retryAfterMs !== undefined && fault.mayRetry) headers['retry-after'] = String(Math.max(1, Math.ceil(fault.retryAfterMs / 1000)));
  return words[dialect].writeFault(fault, headers, exchangeId);
}

/** The bytes that end a stream as a failure in this dialect, after content has been sent. */
export function writeStreamFault(dialect: DialectName, fault: PlainFault): Uint8Array {
  return words[dialect].writeStreamFault(fault);
}

/** What an upstream's error body says to people, word for word: clients repair their requests by it. Undefined when it says nothing. */
export function readFaultMessage(body: unknown): string | undefined {
  const fields = objectOf(Array.isArray(body) ? body[0] : body);
  const error = objectOf(fields?.error);
  const said = [error?.message, fields?.message, fields?.error, fields?.detail].find((text) => typeof text === 'string' && text !== '');
  return typeof said === 'string' ? said : undefined;
}
