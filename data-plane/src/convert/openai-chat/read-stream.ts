// Pure. The frames of a Chat Completions stream to ReplyEvents.
import { CHAT_DONE } from '@fairlead/shared/wire/openai-chat.ts';
import { jsonOf, type SseFrame } from '@fairlead/shared/wire/sse.ts';
import { isLoose, looseOf, numberOf, textOf, type Loose } from '@fairlead/shared/wire/json.ts';
import { brokenOff, unreadableFrame } from '../hub/events.ts';
import type { ReplyEvent, ReplySource, StreamReader } from '../hub/events.ts';
import { citationsOf } from './citations.ts';
import { statusOf } from './faults.ts';
import { logprobsOf } from './logprobs.ts';
import { googleSeal } from './seals.ts';
import { readStop } from './stop-reasons.ts';
import { readingOf } from './usage.ts';

type Call = { readonly block: number; readonly id: string };
type Prose = 'text' | 'refusal' | 'thinking';

/**
 * Opens a reader for one stream. This dialect has no blocks: text and thinking are told apart by their field
 * and end where the other begins; calls stay open to the end, since their pieces may come in any order.
 */
export function openReader({ issuer }: ReplySource): StreamReader {
  let over = false;
  let started = false;
  let finished = false;
  let blocks = 0;
  let prose: { readonly kind: Prose; readonly block: number } | undefined;
  const calls = new Map<number, Call>();
  /** The pieces of thinking that OpenRouter wants back as they came. */
  const details: Loose[] = [];

  const endProse = (): ReplyEvent[] => {
    const ended = prose;
    prose = undefined;
    if (!ended) return [];
    const end: ReplyEvent = { kind: 'block-end', index: ended.block };
    return ended.kind === 'thinking' && details.length > 0 ? [{ kind: 'seal', index: ended.block, seal: { dialect: 'openai-chat', issuer, data: JSON.stringify(details.splice(0)) } }, end] : [end];
  };
  const open = (kind: Prose): ReplyEvent[] => {
    if (prose?.kind === kind) return [];
    const events = endProse();
    prose = { kind, block: blocks };
    events.push({ kind: 'block-start', index: blocks++, block: kind === 'refusal' ? { kind: 'text', refusal: true } : { kind } });
    return events;
  };
  const say = (kind: Prose, text: string | undefined): ReplyEvent[] => {
    if (text === undefined || text === '') return [];
    const events = open(kind);
    events.push({ kind: 'block-delta', index: prose?.block ?? 0, text });
    return events;
  };
  const call = (delta: Loose): ReplyEvent[] => {
    const named = isLoose(delta['function']) ? delta['function'] : isLoose(delta['custom']) ? delta['custom'] : {};
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
      known = { block: blocks, id: id || `call_${blocks}` };
      calls.set(slot, known);
      const seal = googleSeal(delta, issuer);
      events.push(...endProse(), { kind: 'block-start', index: blocks++, block: { kind: 'tool-call', id: known.id, name: textOf(named['name']) ?? '', ...(seal && { seal }) } });
    }
    const text = textOf(named['arguments']) ?? textOf(named['input']) ?? '';
    if (text !== '') events.push({ kind: 'block-delta', index: known.block, text });
    return events;
  };
  const endAll = (): ReplyEvent[] => {
    const sealed = details.length > 0 && prose?.kind !== 'thinking' ? open('thinking') : [];
    const ends = [...sealed, ...endProse(), ...[...calls.values()].map((one): ReplyEvent => ({ kind: 'block-end', index: one.block }))];
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
      return [{ kind: 'fault', status: statusOf(error), message: textOf(error['message']) ?? textOf(chunk['error']) ?? 'The upstream reported an error.' }];
    }
    const events: ReplyEvent[] = [];
    if (!started) {
      started = true;
      events.push({ kind: 'start', id: textOf(chunk['id']) ?? '', model: textOf(chunk['model']) ?? '' });
    }
    const choice = looseOf(chunk['choices']).find((one) => (numberOf(one['index']) ?? 0) === 0);
    const delta = isLoose(choice?.['delta']) ? choice['delta'] : {};
    const before = events.length;
    const told = details.length;
    for (const detail of looseOf(delta['reasoning_details'])) details.push(detail);
    events.push(...say('thinking', textOf(delta['reasoning_content']) || textOf(delta['reasoning'])));
    events.push(...say('text', textOf(delta['content'])), ...say('refusal', textOf(delta['refusal'])));
    for (const citation of citationsOf(delta['annotations'])) events.push(...open('text'), { kind: 'citation', index: prose?.block ?? 0, citation });
    if (isLoose(choice?.['logprobs']) && prose) {
      const logprobs = logprobsOf(choice['logprobs']['content']);
      if (logprobs.length > 0) events.push({ kind: 'logprobs', index: prose.block, logprobs });
    }
    for (const one of looseOf(delta['tool_calls'])) events.push(...call(one));
    const raw = textOf(choice?.['finish_reason']);
    if (raw !== undefined && !finished) {
      finished = true;
      events.push(...endAll(), { kind: 'stop', stop: readStop(raw) });
    }
    if (isLoose(chunk['usage'])) events.push({ kind: 'reading', reading: readingOf({ ...chunk['usage'] }) });
    // A chunk that says nothing is how this dialect keeps a connection alive.
    else if (events.length === before && choice && !finished && (Object.keys(delta).length === 0 || details.length > told)) events.push({ kind: 'keep-alive' });
    return events;
  };

  return {
    push(frame: SseFrame) {
      if (over) return [];
      if (frame.data.trim() === CHAT_DONE) return finish();
      const chunk = jsonOf(frame);
      if (isLoose(chunk)) return read(chunk);
      over = true;
      return [unreadableFrame];
    },
    end() {
      if (over) return [];
      // Compatible servers may leave out the last mark, but not the reason.
      if (finished) return finish();
      over = true;
      return [brokenOff];
    },
  };
}
