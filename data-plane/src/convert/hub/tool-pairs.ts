// Pure. Brings calls and results together, as the strict vendors demand it.
import { BadRequest } from './bad-request.ts';
import type { ToolResultPart, Turn } from './conversation.ts';
import type { LossList } from './loss.ts';

/** What a reader of requests tells of calls and results, in order; it refuses what no vendor could make sense of. */
export type PairCheck = { call(id: string, path: string): void; result(callId: string, path: string): void };

/** Refuses two calls of one id that wait together, and a result that answers no call before it. */
export function createPairCheck(): PairCheck {
  const known = new Set<string>();
  const waiting = new Set<string>();
  return {
    call(id, path) {
      if (waiting.has(id)) throw new BadRequest(path, `is the id of two calls ("${id.slice(0, 60)}")`);
      known.add(id);
      waiting.add(id);
    },
    result(callId, path) {
      if (!known.has(callId)) throw new BadRequest(path, `answers a call that is not there ("${callId.slice(0, 60)}")`);
      waiting.delete(callId);
    },
  };
}

/**
 * Turns in which every call is answered in the turn right after it, exactly once: results are drawn forward,
 * doubles and strays are dropped, and a call that was never answered gets an empty result. Some clients put
 * reminders between a call and its result, or send a result again after they were resumed; others use an id again.
 */
export function pairTools(turns: readonly Turn[], losses: LossList): Turn[] {
  const calls = turns.map((turn, at) => ({ at, ids: turn.parts.flatMap((part) => (part.kind === 'tool-call' ? [part.id] : [])) }));
  const answers = new Map<string, ToolResultPart>();
  const key = (at: number, id: string) => `${at} ${id}`;
  for (const [at, turn] of turns.entries()) {
    for (const part of turn.parts) {
      if (part.kind !== 'tool-result') continue;
      // The last call of this id before it: ids may come again in a later turn.
      const call = calls.findLast((one) => one.at <= at && one.ids.includes(part.callId));
      if (!call) losses.add('tool-result: without its call');
      else if (answers.has(key(call.at, part.callId))) losses.add('tool-result: sent twice');
      else answers.set(key(call.at, part.callId), part);
    }
  }
  const paired: Turn[] = [];
  for (const [at, turn] of turns.entries()) {
    const parts = turn.parts.filter((part) => part.kind !== 'tool-result');
    if (parts.length > 0) paired.push(parts.length === turn.parts.length ? turn : { role: turn.role, parts });
    const ids = calls[at]?.ids ?? [];
    if (ids.length > 0) paired.push({ role: 'user', parts: ids.map((id) => answers.get(key(at, id)) ?? missing(id, losses)) });
  }
  return paired;
}

function missing(callId: string, losses: LossList): ToolResultPart {
  losses.add('tool-result: missing');
  return { kind: 'tool-result', callId, parts: [{ kind: 'text', text: 'No result was recorded.' }], isError: true };
}
