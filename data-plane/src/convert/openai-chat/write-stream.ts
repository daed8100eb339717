// Pure. ReplyEvents to the frames of a Chat Completions stream.
import type { Reading } from '@fairlead/shared/money/charge.ts';
import { CHAT_DONE, type ChatChunk, type ChatDelta } from '@fairlead/shared/wire/openai-chat.ts';
import type { SseFrame } from '@fairlead/shared/wire/sse.ts';
import { errorType } from '../faults.ts';
import type { ReplyEvent, StreamFacts, StreamWriter } from '../hub/events.ts';
import { createLossList } from '../hub/loss.ts';
import type { Stop } from '../hub/stop-reason.ts';
import { writeStop } from './stop-reasons.ts';
import { writeUsage } from './usage-words.ts';

type Block = { readonly kind: 'text' } | { readonly kind: 'thinking' } | { readonly kind: 'sealed-thinking' } | { readonly kind: 'tool-call'; readonly slot: number; empty: boolean };

/** Opens a writer for one stream. The reason and the usage are written at the end, when both are known. */
export function openWriter(facts: StreamFacts): StreamWriter {
  const losses = createLossList();
  const blocks: Block[] = [];
  let calls = 0;
  let id: string | undefined;
  let over = false;
  let reading: Reading | undefined;
  let stop: Stop = { reason: 'unknown', raw: undefined, sequence: undefined };

  const frame = (choices: ChatChunk['choices'], usage?: ChatChunk['usage']): SseFrame => {
    const chunk: ChatChunk = { id: id ?? facts.replyId, object: 'chat.completion.chunk', created: facts.createdS, model: facts.model, choices, ...(facts.reportUsage && { usage: usage ?? null }) };
    return { data: JSON.stringify(chunk) };
  };
  const say = (delta: ChatDelta, finish: ChatChunk['choices'][number]['finish_reason'] = null): SseFrame => frame([{ index: 0, delta, logprobs: null, finish_reason: finish }]);
  const start = (given: string): SseFrame[] => {
    if (id !== undefined) return [];
    id = given || facts.replyId;
    return [say({ role: 'assistant', content: '' })];
  };
  const write = (event: ReplyEvent): SseFrame[] => {
    switch (event.kind) {
      case 'start':
        return start(event.id);
      case 'block-start': {
        const { block } = event;
        if (block.kind === 'sealed-thinking') losses.add('thinking: sealed');
        if (block.kind !== 'tool-call') {
          blocks[event.index] = { kind: block.kind };
          return start('');
        }
        blocks[event.index] = { kind: 'tool-call', slot: calls, empty: true };
        return [...start(''), say({ tool_calls: [{ index: calls++, id: block.id, type: 'function', function: { name: block.name, arguments: '' } }] })];
      }
      case 'block-delta': {
        const block = blocks[event.index];
        if (block?.kind === 'text') return [say({ content: event.text })];
        if (block?.kind === 'thinking') return [say({ reasoning_content: event.text })];
        if (block?.kind !== 'tool-call') return [];
        block.empty = false;
        return [say({ tool_calls: [{ index: block.slot, function: { arguments: event.text } }] })];
      }
      case 'signature':
        losses.add('thinking: signature');
        return [];
      case 'block-end': {
        const block = blocks[event.index];
        // Clients parse the arguments as JSON, and nothing is no JSON.
        return block?.kind === 'tool-call' && block.empty ? [say({ tool_calls: [{ index: block.slot, function: { arguments: '{}' } }] })] : [];
      }
      case 'reading':
        reading = event.reading;
        return [];
      case 'keep-alive':
        return [...start(''), say({})];
      case 'stop':
        stop = event.stop;
        return [];
      case 'end': {
        over = true;
        const usage = facts.reportUsage && reading ? [frame([], writeUsage(reading))] : [];
        return [...start(''), say({}, writeStop(stop, calls > 0)), ...usage, { data: CHAT_DONE }];
      }
      case 'fault':
        over = true;
        return [{ data: JSON.stringify({ error: { message: event.message, type: errorType('openai-chat', event.status), param: null, code: null } }) }];
    }
  };

  return { push: (event) => (over ? [] : write(event)), losses: () => losses.list() };
}
