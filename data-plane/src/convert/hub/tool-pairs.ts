// Pure. Brings calls and results together, as the strict vendors demand it.
import type { ToolResultPart, Turn } from './conversation.ts';
import type { LossList } from './loss.ts';

/**
 * Turns in which every call is answered in the turn right after it, exactly once: results are drawn forward,
 * doubles and strays are dropped, and a call that was never answered gets an empty result. Some clients put
 * reminders between a call and its result, or send a result again after they were resumed.
 */
export function pairTools(turns: readonly Turn[], losses: LossList): Turn[] {
  const results = new Map<string, ToolResultPart>();
  for (const part of turns.flatMap((turn) => turn.parts)) {
    if (part.kind !== 'tool-result') continue;
    if (results.has(part.callId)) losses.add('tool-result: sent twice');
    else results.set(part.callId, part);
  }
  const answered = new Set<string>();
  const paired: Turn[] = [];
  for (const turn of turns) {
    const parts = turn.parts.filter((part) => part.kind !== 'tool-result');
    const calls = parts.flatMap((part) => (part.kind === 'tool-call' && !answered.has(part.id) ? [part.id] : []));
    if (parts.length > 0) paired.push({ role: turn.role, parts });
    if (calls.length === 0) continue;
    for (const id of calls) answered.add(id);
    paired.push({ role: 'user', parts: calls.map((id) => results.get(id) ?? missing(id, losses)) });
  }
  for (const id of results.keys()) if (!answered.has(id)) losses.add('tool-result: without its call');
  return paired;
}

function missing(callId: string, losses: LossList): ToolResultPart {
  losses.add('tool-result: missing');
  return { kind: 'tool-result', callId, parts: [{ kind: 'text', text: 'No result was recorded.' }], isError: true };
}
