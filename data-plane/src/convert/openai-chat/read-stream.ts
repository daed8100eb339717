// Pure. The frames of a Chat Completions stream to ReplyEvents.
import { CHAT_DONE } from '@fairlead/shared/wire/openai-chat.ts';
import type { SseFrame } from '@fairlead/shared/wire/sse.ts';
import { isLoose, looseOf, numberOf, parseJson, textOf, type Loose } from '@fairlead/shared/wire/json.ts';
import type { ReplyEvent, StreamReader } from '../hub/events.ts';
import { readStop } from './stop-reasons.ts';
import { readingOf } from './usage.ts';

type Call = { readonly block: number; readonly id: string };

/**
 * Opens a reader for one stream. This dialect has no blocks: text and thinking are told apart by their field
 * and end where the other begins; calls stay open to the end, since their pieces may come in any order.
 */
export function openReader(): StreamReader {
  let over = false;
  let started = false;
  let finished = false;
  let blocks = 0;
  let prose: { readonly kind: 'text' | 'thinking'; readonly block: number } | undefined;
  const calls = new Map<number, Call>();

  const endProse = (): ReplyEvent[] => {
    const ended = prose;
    prose = undefined;
    return ended ? [{ kind: 'block-end', index: ended.block }] : [];
  };
  const say = (kind: 'text' | 'thinking', text: string | undefined): ReplyEvent[] => {
    if (text === undefined || text === '') return [];
    const events: ReplyEvent[] = [];
    if (prose?.kind !== kind) {
      events.push(...endProse(), { kind: 'block-start', index: blocks, block: { kind } });
      prose = { kind, block: blocks++ };
    }
    return [...events, { kind: 'block-delta', index: prose.block, text }];
  };
  const call = (delta: Loose): ReplyEvent[] => {
    const named = isLoose(delta['function']) ? delta['function'] : {};
    const id = textOf(delta['id']);
    const events: ReplyEvent[] = [];
    let slot = numberOf(delta['index']) ?? 0;
    let known = calls.get(slot);
    // Some servers send every call of a turn with the same index and an id of its own.
    if (known && id !== undefined && id !== '' && id !== known.id && textOf(named['name'])) {
      slot = calls.size + 1_000;
      known = undefined;
      for (const [at, other] of calls) if (other.id === id) [slot, known] = [at, other];
    }
    if (!known) {
      known = { block: blocks, id: id ?? `call_${blocks}` };
      calls.set(slot, known);
      events.push(...endProse(), { kind: 'block-start', index: blocks++, block: { kind: 'tool-call', id: known.id, name: textOf(named['name']) ?? '' } });
    }
    const text = textOf(named['arguments']) ?? '';
    return text === '' ? events : [...events, { kind: 'block-delta', index: known.block, text }];
  };
  const endAll = (): ReplyEvent[] => {
    const ends = [...endProse(), ...[...calls.values()].map((one): ReplyEvent => ({ kind: 'block-end', index: one.block }))];
    calls.clear();
    return ends;
  };
  const finish = (): ReplyEvent[] => {
    over = true;
    const stop: ReplyEvent[] = finished ? [] : [{ kind: 'stop', stop: readStop(undefined) }];
    return [...endAll(), ...stop, { kind: 'end' }];
  };
  const read = (chunk: Loose): ReplyEvent[] => {
    if (chunk['error'] !== undefined && chunk['error'] !== null) {
      over = true;
      const error = isLoose(chunk['error']) ? chunk['error'] : {};
      return [{ kind: 'fault', status: numberOf(error['code']) ?? 502, message: textOf(error['message']) ?? 'The upstream reported an error.' }];
    }
    const events: ReplyEvent[] = [];
    if (!started) {
      started = true;
      events.push({ kind: 'start', id: textOf(chunk['id']) ?? '', model: textOf(chunk['model']) ?? '' });
    }
    const choice = looseOf(chunk['choices']).find((one) => (numberOf(one['index']) ?? 0) === 0);
    const delta = isLoose(choice?.['delta']) ? choice['delta'] : {};
    const before = events.length;
    events.push(...say('thinking', textOf(delta['reasoning_content']) ?? textOf(delta['reasoning'])));
    events.push(...say('text', textOf(delta['content'])), ...say('text', textOf(delta['refusal'])));
    for (const one of looseOf(delta['tool_calls'])) events.push(...call(one));
    const raw = textOf(choice?.['finish_reason']);
    if (raw !== undefined && !finished) {
      finished = true;
      events.push(...endAll(), { kind: 'stop', stop: readStop(raw) });
    }
    if (isLoose(chunk['usage'])) events.push({ kind: 'reading', reading: readingOf({ ...chunk['usage'] }) });
    // A chunk that says nothing is how this dialect keeps a connection alive.
    else if (events.length === before && choice && !finished && Object.keys(delta).length === 0) events.push({ kind: 'keep-alive' });
    return events;
  };

  return {
    push(frame: SseFrame) {
      if (over) return [];
      if (frame.data.trim() === CHAT_DONE) return finish();
      const chunk = parseJson(frame.data);
      if (isLoose(chunk)) return read(chunk);
      over = true;
      return [{ kind: 'fault', status: 502, message: 'The upstream sent a frame that cannot be read.' }];
    },
    end() {
      if (over) return [];
      // Compatible servers may leave out the last mark, but not the reason.
      if (finished) return finish();
      over = true;
      return [{ kind: 'fault', status: 502, message: 'The upstream broke off in the middle of its answer.' }];
    },
  };
}
