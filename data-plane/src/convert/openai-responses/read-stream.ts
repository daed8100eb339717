// Pure. The frames of a Responses stream to ReplyEvents.
import { CHAT_DONE } from '@fairlead/shared/wire/openai-chat.ts';
import { jsonOf, type SseFrame } from '@fairlead/shared/wire/sse.ts';
import { isLoose, looseOf, numberOf, objectOf, textOf, type Loose } from '@fairlead/shared/wire/json.ts';
import { brokenOff, unreadableFrame } from '../hub/events.ts';
import type { ReplyEvent, ReplySource, StreamReader } from '../hub/events.ts';
import { faults } from './faults.ts';
import { stopOf } from './stop-reasons.ts';
import { openItems } from './stream-items.ts';
import { readingIn } from './usage.ts';

/** Opens a reader for one stream. Items of a kind that no other dialect has are left out. */
export function openReader(source: ReplySource): StreamReader {
  const items = openItems(source);
  let over = false;
  let started = false;
  /** Where a server does not number its items: the place of each by its id, and of the last one. */
  const places = new Map<string, number>();
  let last = 0;

  const placeOf = (event: Loose): number => {
    const id = textOf(event['item_id']) ?? textOf(objectOf(event['item'])?.['id']);
    const at = numberOf(event['output_index']) ?? (id === undefined ? undefined : places.get(id)) ?? last;
    last = at;
    if (id !== undefined) places.set(id, at);
    return at;
  };
  const start = (response: unknown): ReplyEvent[] => {
    if (started || !isLoose(response)) return [];
    started = true;
    return [{ kind: 'start', id: textOf(response['id']) ?? '', model: textOf(response['model']) ?? '' }];
  };
  const fail = (error: Loose): ReplyEvent[] => {
    over = true;
    return [{ kind: 'fault', status: faults.statusOf(error), message: textOf(error['message']) || 'The upstream reported an error.' }];
  };
  const finish = (response: Loose): ReplyEvent[] => {
    over = true;
    const rest = items.finish(looseOf(response['output']));
    const told = readingIn(response);
    const reading: ReplyEvent[] = told ? [{ kind: 'reading', reading: told }] : [];
    return [...start(response), ...rest, ...reading, { kind: 'stop', stop: stopOf(response, items.hasCalls()) }, { kind: 'end' }];
  };
  const read = (type: string, event: Loose): ReplyEvent[] => {
    const response = objectOf(event['response']) ?? {};
    const part = numberOf(event['content_index']) ?? 0;
    const delta = textOf(event['delta']) ?? '';
    switch (type) {
      case 'response.output_text.delta':
        return items.text(placeOf(event), part, delta, false, event['logprobs']);
      case 'response.refusal.delta':
        return items.text(placeOf(event), part, delta, true, undefined);
      case 'response.reasoning_summary_text.delta':
        return items.thought(placeOf(event), numberOf(event['summary_index']) ?? 0, delta);
      case 'response.reasoning_text.delta':
        return items.thought(placeOf(event), undefined, delta);
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta':
        return items.input(placeOf(event), delta);
      case 'response.output_text.annotation.added':
        return items.cited(placeOf(event), part, event['annotation']);
      case 'response.output_item.added':
        return items.added(placeOf(event), objectOf(event['item']) ?? {});
      case 'response.content_part.done':
        return isLoose(event['part']) ? items.partDone(placeOf(event), part, event['part']) : [];
      case 'response.output_item.done':
        return items.done(placeOf(event), objectOf(event['item']) ?? {});
      case 'response.created':
        return start(response);
      case 'response.in_progress':
      case 'response.queued':
        return started ? [{ kind: 'keep-alive' }] : start(response);
      case 'response.web_search_call.searching':
      case 'response.code_interpreter_call.interpreting':
      case 'keepalive':
      case 'ping':
        return [{ kind: 'keep-alive' }];
      case 'response.completed':
      case 'response.incomplete':
        return finish(response);
      case 'response.failed':
      case 'response.cancelled':
        return fail(objectOf(response['error']) ?? objectOf(event['error']) ?? {});
      case 'error':
        return fail(objectOf(event['error']) ?? event);
      default:
        return [];
    }
  };

  return {
    push(frame: SseFrame) {
      // Some servers end like those of Chat; whether the answer was whole is said before.
      if (over || frame.data.trim() === CHAT_DONE) return [];
      const event = jsonOf(frame);
      // What is named a delta is one for the meter, whatever its data says: the two must see the same end.
      const named = frame.event?.endsWith('.delta') === true ? frame.event : undefined;
      if (isLoose(event)) return read(named ?? textOf(event['type']) ?? frame.event ?? (isLoose(event['error']) ? 'error' : ''), event);
      over = true;
      return [unreadableFrame];
    },
    end() {
      if (over) return [];
      over = true;
      return [brokenOff];
    },
  };
}
