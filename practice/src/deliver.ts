// Sends an answer, well or badly as told; stops at once when the client leaves.
import type { ServerResponse } from 'node:http';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Step } from './dialect.ts';
import type { BrokenEnding, Conduct } from './misbehaviour.ts';
import type { Tokens } from './tokens.ts';

/** What was sent, and how it ended. */
export type Delivery = { readonly events: number; readonly tokens: Tokens | undefined; readonly end: 'complete' | 'broken' | 'client-left' };

type Sending = {
  readonly response: ServerResponse;
  readonly signal: AbortSignal;
  readonly conduct: Conduct;
  /** Told just before this side destroys the connection, which else looks as if the client had left. */
  readonly beforeCut: () => void;
};

const HALF_WAY = 3;

/** Sends a stream piece by piece. */
export async function deliverSteps(steps: readonly Step[], broken: (ending: BrokenEnding) => Step, sending: Sending): Promise<Delivery> {
  const { response, signal, conduct } = sending;
  const ending = conduct.ending;
  const body = ending ? steps.slice(0, cutAt(steps, ending)) : steps;
  let events = 0;
  let tokens: Tokens | undefined;
  try {
    // Vendors send the head of the reply before the first event.
    response.flushHeaders();
    for (const step of body) {
      if (events > 0 && conduct.trickleMs > 0) await delay(conduct.trickleMs, undefined, { signal });
      await write(step.text, sending);
      events += 1;
      tokens = step.tokens ?? tokens;
    }
    if (!ending) {
      response.end();
      return { events, tokens, end: 'complete' };
    }
    if (ending.kind === 'error-event') await write(broken(ending).text, sending);
    await breakOff(ending, sending);
    return { events, tokens, end: endOf(ending, signal) };
  } catch (cause) {
    if (!signal.aborted) throw cause;
    return { events, tokens, end: 'client-left' };
  }
}

/** Sends a whole body, or the half of it that the conduct lets through. */
export async function deliverWhole(body: string, tokens: Tokens, sending: Sending): Promise<Delivery> {
  const { response, signal, conduct } = sending;
  const ending = conduct.ending;
  const bytes = Buffer.from(body);
  try {
    if (!ending) {
      response.setHeader('content-length', bytes.length);
      response.end(bytes);
      return { events: 1, tokens, end: 'complete' };
    }
    if (ending.kind !== 'early-end') response.setHeader('content-length', bytes.length);
    await write(bytes.subarray(0, Math.floor(bytes.length / 2)), sending);
    await breakOff(ending, sending);
    return { events: 0, tokens: undefined, end: endOf(ending, signal) };
  } catch (cause) {
    if (!signal.aborted) throw cause;
    return { events: 0, tokens: undefined, end: 'client-left' };
  }
}

/** How many pieces still go out: never one that tells of a complete answer. */
function cutAt(steps: readonly Step[], ending: BrokenEnding): number {
  const complete = steps.findIndex((step) => step.ending === true);
  const most = complete < 0 ? steps.length : complete;
  return Math.min(most, ending.after ?? (ending.kind === 'early-end' ? most : HALF_WAY));
}

async function write(piece: string | Buffer, { response, signal }: Sending): Promise<void> {
  signal.throwIfAborted();
  if (!response.write(piece)) await once(response, 'drain', { signal });
}

function endOf(ending: BrokenEnding, signal: AbortSignal): Delivery['end'] {
  return ending.kind !== 'cut' && signal.aborted ? 'client-left' : 'broken';
}

async function breakOff(ending: BrokenEnding, { response, signal, beforeCut }: Sending): Promise<void> {
  if (ending.kind === 'stall') {
    if (!signal.aborted) await once(signal, 'abort');
    return;
  }
  if (ending.kind === 'cut') {
    // What was written must have left before the connection is reset, else the client sees fewer events.
    const socket = response.socket;
    if (socket) await new Promise<void>((resolve) => socket.write('', () => resolve()));
    beforeCut();
    response.destroy();
    return;
  }
  response.end();
}
