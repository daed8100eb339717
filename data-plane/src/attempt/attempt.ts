import { Fault } from '@fairlead/shared/faults/fault.ts';
import { parseJson } from '@fairlead/shared/wire/json.ts';
import { plainFault, readFaultMessage, writeStreamFault } from '../convert/faults.ts';
import type { PlainFault } from '../convert/faults.ts';
import { withLeaving } from '../journey/leaving.ts';
import type { Reply, StreamEnd, Watch } from '../journey/reply.ts';
import { drive } from './drive.ts';
import type { AttemptAt, AttemptParts, Decided } from './drive.ts';
import { keepAlive } from './keep-alive.ts';
import { allFailed, worthShowing } from './refusal.ts';

export type { AttemptParts } from './drive.ts';

const keepAliveMs = 10_000;
const noWatch: Watch = { reading: () => undefined, contentBytes: () => 0 };

/**
 * Tries the candidates until one answers; nothing of an answer reaches the client before that. A stream that takes
 * long gets its headers and keep-alives meanwhile, so that the client waits on. Throws when nobody answered.
 */
export async function attempt(at: AttemptAt, parts: AttemptParts): Promise<Reply> {
  const { decided: deciding, leave } = drive(at, parts);
  deciding.catch(() => undefined); // whoever waits for it hears of it; a client that has left does not wait
  if (!at.ask.stream) return replyOf(await deciding, at);
  const decided = await soonEnough(deciding, parts.holdMs, parts);
  return decided ? replyOf(decided, at) : keptWaiting(deciding, at, parts, leave);
}

/** What was decided within this time; undefined when nothing was. */
function soonEnough(deciding: Promise<Decided>, withinMs: number, { clock }: AttemptParts): Promise<Decided | undefined> {
  return new Promise((resolve, reject) => {
    const cancel = clock.alarm(withinMs, () => resolve(undefined));
    deciding.then((decided) => { cancel(); resolve(decided); }, (cause: unknown) => { cancel(); reject(cause instanceof Error ? cause : new Error(String(cause))); });
  });
}

function replyOf(decided: Decided, at: AttemptAt): Reply {
  if (decided.kind === 'committed') {
    const { served, candidate, account } = decided;
    return { status: served.status, headers: served.headers, body: served.body, watch: served.watch, firstContentAtMs: served.firstContentAtMs, ended: served.ended, candidate, account, attempts: at.attempts };
  }
  if (decided.why === 'left') throw new Fault('client.left');
  const shown = worthShowing(decided.failures);
  if (!shown) throw decided.fault ?? allFailed(at.attempts, decided.waitMs);
  const wait = decided.waitMs === undefined || decided.why === 'stopped' ? {} : { 'retry-after': String(Math.max(1, Math.ceil(decided.waitMs / 1000))) };
  return { ...shown.answer, headers: { ...wait, ...shown.answer.headers }, candidate: undefined, account: undefined, attempts: at.attempts, firstContentAtMs: 0, watch: noWatch, ended: () => ({ outcome: 'FAILED', detail: `${at.ask.dialect}: ${shown.detail}`, faultCode: 'upstream.refused' }) };
}

/** A stream whose headers go out before anybody has answered. A failure is now an error event. */
function keptWaiting(deciding: Promise<Decided>, at: AttemptAt, parts: AttemptParts, leave: () => void): Reply {
  let reply: Reply | undefined;
  let end: StreamEnd = { outcome: 'LEFT' };
  // At once, not when the client next asks for bytes: one that leaves before that has an account to settle all the same.
  deciding.then((decided) => { if (decided.kind === 'committed') reply = replyOf(decided, at); }, () => undefined);
  const left = () => {
    leave();
    const body = reply?.body;
    if (body !== undefined && !(body instanceof Uint8Array)) body[Symbol.asyncIterator]().return?.().catch(() => undefined);
  };
  async function* body(): AsyncGenerator<Uint8Array> {
    try {
      let decided: Decided | undefined;
      do {
        yield keepAlive(at.ask.dialect);
        decided = await soonEnough(deciding, keepAliveMs, parts);
      } while (!decided);
      const found = reply ?? replyOf(decided, at);
      if (found.body instanceof Uint8Array) {
        end = found.ended();
        yield writeStreamFault(at.ask.dialect, saidIn(found, found.body));
        return;
      }
      yield* found.body;
    } catch (cause) {
      const fault = cause instanceof Fault ? cause : new Fault('node.bug', { cause });
      end = { outcome: 'FAILED', detail: fault.message, faultCode: fault.code };
      yield writeStreamFault(at.ask.dialect, plainFault(fault));
    }
  }
  return {
    status: 200,
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
    body: withLeaving(body(), left),
    attempts: at.attempts,
    get candidate() { return reply?.candidate; },
    get account() { return reply?.account; },
    get firstContentAtMs() { return reply?.firstContentAtMs ?? 0; },
    watch: { reading: () => reply?.watch.reading(), contentBytes: () => reply?.watch.contentBytes() ?? 0 },
    ended: () => (reply ? reply.ended() : end),
  };
}

/** A refusal in the vendor's own words, for a stream that has begun. */
function saidIn(reply: Reply, body: Uint8Array): PlainFault {
  return { status: reply.status, message: readFaultMessage(parseJson(new TextDecoder().decode(body))) ?? `The upstream answered ${reply.status}.`, code: 'upstream.refused', mayRetry: reply.status === 429 || reply.status >= 500 };
}
