import { Fault } from '@fairlead/shared/faults/fault.ts';
import { parseJson, objectOf } from '@fairlead/shared/wire/json.ts';
import type { Loose } from '@fairlead/shared/wire/json.ts';
import { readFaultMessage, writeFault } from '../convert/faults.ts';
import type { SseFrame } from '@fairlead/shared/wire/sse.ts';
import type { Ask } from '../journey/ask.ts';
import type { Candidate } from '../journey/candidate.ts';
import type { Inbound } from '../journey/inbound.ts';
import { openCrossDialect } from './cross-dialect.ts';
import type { RepairName } from './repair.ts';
import { prepareSameDialect } from './request-body.ts';

/** How the bytes of a stream leave. `raw` sends what came; `frames` sends what is made of each frame. */
export type StreamOut = { how: 'raw' } | { how: 'frames'; push(frame: SseFrame): readonly SseFrame[]; end(): readonly SseFrame[] };

/** One call put into the upstream's dialect, and its answer put back into the client's. */
export interface Spoken {
  /** The client and the upstream speak the same dialect. */
  same: boolean;
  body: Uint8Array;
  /** The same, parsed: what a repair is chosen by. */
  json: Loose;
  /** Named edits and losses, for the trace. */
  losses: readonly string[];
  /** Why a whole answer that must be converted is none; undefined when it is one. */
  broken?(body: Record<string, unknown>): string | undefined;
  /** A whole answer for the client. */
  reply(body: Record<string, unknown>, bytes: Uint8Array): Uint8Array;
  stream: StreamOut;
  /** An upstream's error for the client, with its true status and text. */
  fault(status: number, bytes: Uint8Array, exchangeId: string): { headers: Record<string, string>; body: Uint8Array };
}

/** Prepares the body for this candidate. Throws a Fault when the request cannot be expressed. */
export function openConversation(inbound: Inbound, ask: Ask, candidate: Candidate, repairs: readonly RepairName[] = []): Spoken {
  try {
    return spokenTo(inbound, ask, candidate, repairs);
  } catch (error) {
    // What is nested beyond the stack cannot be written down again; that is the client's doing.
    if (error instanceof RangeError) throw new Fault('request.invalid', { hint: 'body: is nested too deeply.' });
    throw error;
  }
}

function spokenTo(inbound: Inbound, ask: Ask, candidate: Candidate, repairs: readonly RepairName[]): Spoken {
  if (candidate.dialect !== ask.dialect) return openCrossDialect(inbound, ask, candidate, repairs);
  const prepared = prepareSameDialect(inbound, ask, candidate, repairs);
  return {
    same: true,
    body: prepared.bytes,
    json: prepared.json,
    losses: prepared.edits.map((edit) => `edited: ${edit}`),
    reply: (_body, bytes) => bytes,
    stream: prepared.edits.includes('include-usage') ? withoutUsageChunk : { how: 'raw' },
    fault: (status, bytes, exchangeId) => ({ headers: { 'content-type': 'application/json' }, body: errorBytes(ask, status, bytes, exchangeId) }),
  };
}

/** Takes out the usage chunk that we asked for and the client did not. */
const withoutUsageChunk: StreamOut = {
  how: 'frames',
  push(frame) {
    if (frame.data.includes('"usage"')) {
      const chunk = objectOf(parseJson(frame.data));
      if (chunk && Array.isArray(chunk.choices) && chunk.choices.length === 0) return [];
    }
    return [frame];
  },
  end: () => [],
};

/** An upstream's own error body where the dialect's clients can read it; anything else becomes an error of the dialect that keeps its sentence. */
function errorBytes(ask: Ask, status: number, bytes: Uint8Array, exchangeId: string): Uint8Array {
  const said = parseJson(new TextDecoder().decode(bytes));
  if (typeof objectOf(objectOf(said)?.error)?.message === 'string') return bytes;
  const message = readFaultMessage(said) ?? `The upstream answered ${status}.`;
  return new TextEncoder().encode(JSON.stringify(writeFault(ask.dialect, { status, message, code: 'upstream.refused', mayRetry: status >= 500 }, exchangeId).body));
}
